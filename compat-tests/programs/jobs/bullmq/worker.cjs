// A worker process, as the stories start it: node worker.cjs QUEUE OPTIONS
const { setTimeout: sleep } = require("node:timers/promises");
const { Worker, UnrecoverableError } = require("bullmq");
const { work } = require("../crew.cjs");
const connection = require("./connection.cjs");

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** What is done with a job, by its name. */
const tasks = {
  sum: (job) => sum(job.data),
  /** Who did it: takes long enough for every worker to get some. */
  async pid() {
    await sleep(10);
    return process.pid;
  },

  async nap(job) {
    await sleep(job.data);
    return "slept";
  },
  /** Tells how far it is, and keeps a log. */
  async report(job) {
    for (const percent of [30, 60]) {
      await job.log(`${percent} percent`);
      await job.updateProgress(percent);
    }
    await job.updateProgress({ percent: 100, note: "done" });
    return "reported";
  },
  /** Fails as often as it is told to. */
  stumble(job) {
    if (job.attemptsMade < job.data) throw new Error(`stumbled ${job.attemptsMade + 1}`);
    return `up after ${job.attemptsMade}`;
  },
  hopeless() {
    throw new UnrecoverableError("no use");
  },
  /** Never ends for whom it meets first. */
  async trap(job) {
    while (job.attemptsStarted === 1) await sleep(1000);
    return `attempt ${job.attemptsStarted}`;
  },
  /** A parent: adds up what its children found. */
  async total(job) {
    const found = Object.values(await job.getChildrenValues()).map((value) => value.found ?? value);
    const ignored = Object.values(await job.getIgnoredChildrenFailures());
    const failed = Object.values(await job.getFailedChildrenValues());
    if (failed.length > 0) await job.removeUnprocessedChildren();
    return { found: sum(found), ignored, failed };
  },
};

const [queue, options] = process.argv.slice(2);
const worker = new Worker(queue, (job) => tasks[job.name](job), {
  connection,
  ...JSON.parse(options),
});
worker.on("error", (error) => console.error(error));
worker.waitUntilReady().then(() => work(() => worker.close()));
