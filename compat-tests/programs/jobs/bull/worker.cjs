// A worker process: node worker.cjs QUEUE OPTIONS
const { setTimeout: sleep } = require("node:timers/promises");
const Queue = require("bull");
const { work } = require("../crew.cjs");

const [name, options] = process.argv.slice(2);
const queue = new Queue(name, process.env.REDIS_URL, JSON.parse(options));

queue.process("sum", 2, async (job) => {
  await job.log(`adding ${job.data.length}`);
  await job.progress(50);
  return job.data.reduce((total, number) => total + number, 0);
});
/** Fails as often as it is told to. */
queue.process("stumble", async (job) => {
  if (job.attemptsMade < job.data) throw new Error(`stumbled ${job.attemptsMade + 1}`);
  return `up after ${job.attemptsMade}`;
});
/** Never ends for whom it meets first. */
queue.process("trap", async (job) => {
  const first = job.data.free !== true;
  await job.update({ free: true });
  while (first) await sleep(1000);
  return "free";
});
queue.isReady().then(() => work(() => queue.close()));
