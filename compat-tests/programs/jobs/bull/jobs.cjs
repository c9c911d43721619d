// Bull: order, delays, retries, repeated jobs, limits, and a worker that is killed.
const Queue = require("bull");
const { play, hire, kill, until, say } = require("../crew.cjs");

const url = process.env.REDIS_URL;
const WORKER = `${__dirname}/worker.cjs`;

/** What a job ended with: its result, or why it failed. */
const end = (job) => job.finished().catch((error) => `failed: ${error.message}`);
const ids = (jobs) => jobs.map((job) => job.id);

play(async () => {
  const queue = new Queue("jobs", url);
  const completed = [];
  queue.on("global:completed", (id) => completed.push(id));
  await queue.isReady();

  await queue.pause();
  const add = (jobId, opts) => queue.add("sum", [1, 2, 3], { jobId, ...opts });
  await add("first");
  await add("low", { priority: 2 });
  await add("high", { priority: 1 });
  await add("lifo", { lifo: true });
  await add("late", { delay: 200 });
  await queue.addBulk([{ name: "sum", data: [7], opts: { jobId: "bulk" } }]);
  say("waiting", [await queue.isPaused(), ids(await queue.getWaiting()), ids(await queue.getDelayed())]);
  let worker = await hire(WORKER, "jobs", "{}");
  await queue.resume();
  await until("all are done", () => completed.length === 6);
  say("done", [...completed].sort());
  const first = await queue.getJob("first");
  say("result", [first.returnvalue, first._progress, await queue.getJobLogs("first")]);

  const fixed = await queue.add("stumble", 2, { attempts: 3, backoff: 50 });
  say("fixed backoff", await end(fixed));
  const exponential = { type: "exponential", delay: 30 };
  const failed = await queue.add("stumble", 2, { jobId: "twice", attempts: 2, backoff: exponential });
  say("exponential backoff", [await end(failed), await failed.getState()]);
  await (await queue.getJob("twice")).retry();
  say("tried again", await end(failed));

  await queue.add("sum", [1], { repeat: { every: 100, limit: 3 } });
  say("repeatable", (await queue.getRepeatableJobs()).map((job) => [job.name, job.every]));
  await until("three repetitions", () => completed.length === 11);
  await queue.removeRepeatable("sum", { every: 100, limit: 3 });
  say("counts", await queue.getJobCounts());
  say("cleaned", (await queue.clean(0, "completed")).length);
  say("workers", (await queue.getWorkers()).length);
  await kill(worker);

  const limited = new Queue("limited", url, { limiter: { max: 2, duration: 200 } });
  worker = await hire(WORKER, "limited", '{"limiter":{"max":2,"duration":200}}');
  await limited.addBulk([1, 2, 3, 4, 5].map((data) => ({ name: "sum", data: [data] })));
  await until("all are done", async () => (await limited.getCompletedCount()) === 5);
  const times = (await limited.getCompleted()).map((job) => job.processedOn).sort();
  say("two in a time", times[4] - times[0] >= 300);
  await kill(worker);

  // Killed in the middle of a job: it stalls, and the next worker takes it.
  const locks = '{"settings":{"lockDuration":2000,"stalledInterval":500}}';
  const mortal = await hire(WORKER, "stalled", locks);
  const stalled = new Queue("stalled", url);
  const trap = await stalled.add("trap", {});
  await until("it is under way", async () => (await stalled.getJob(trap.id)).data.free === true);
  await kill(mortal);
  say("held by nobody", await trap.getState());
  await hire(WORKER, "stalled", locks);
  say("taken over", await end(trap));

  await queue.obliterate({ force: true });
  say("left", await queue.count());
});
