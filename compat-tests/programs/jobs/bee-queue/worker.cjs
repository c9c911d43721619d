// A worker process: node worker.cjs QUEUE
const { setTimeout: sleep } = require("node:timers/promises");
const Queue = require("bee-queue");
const { work } = require("../crew.cjs");

const queue = new Queue(process.argv[2], {
  redis: { url: process.env.REDIS_URL },
  activateDelayedJobs: true,
  stallInterval: 2000,
});
queue.process(2, async (job) => {
  const { numbers, until = 0, trap = "nobody" } = job.data;
  job.reportProgress({ numbers: numbers.length });
  // Fails until so few attempts are left.
  const { retries = 0 } = job.options;
  if (retries > until) throw new Error(`stumbled, ${retries} left`);
  // Stays with it while it lives.
  if (trap === process.env.NAME) await sleep(60_000);
  return numbers.reduce((total, number) => total + number, 0);
});
queue.checkStalledJobs(500);
queue.ready().then(() => work(() => queue.close(1000)));
