// Many workers: each job is done once, and what a killed worker held is done by another.
const assert = require("node:assert");
const { once } = require("node:events");
const { play, until, say, counts, end } = require("./stage.cjs");

const JOBS = 300;

play("crowd", async ({ queue, events, hire, dismiss }) => {
  // All look for stalled jobs this often: who looks holds the others back for that time.
  const quick = { lockDuration: 500, stalledInterval: 250 };
  const crew = await Promise.all([1, 2, 3].map(() => hire({ ...quick, concurrency: 4 })));
  const starts = new Map();
  events.on("active", ({ jobId }) => starts.set(jobId, (starts.get(jobId) ?? 0) + 1));
  const stalled = [];
  events.on("stalled", ({ jobId }) => stalled.push(jobId));

  await queue.addBulk(Array.from({ length: JOBS }, () => ({ name: "pid", data: null })));
  await until("all are done", async () => (await queue.getCompletedCount()) === JOBS);
  const pids = (await queue.getCompleted()).map((job) => job.returnvalue);
  say("by those who were hired", pids.every((pid) => crew.some((worker) => worker.pid === pid)));
  say("by each of them", new Set(pids).size);
  await until("all starts are told", () => starts.size === JOBS);
  say("each once", [...starts.values()].every((count) => count === 1));
  say("counts", await counts(queue));
  await Promise.all(crew.map(dismiss));

  // A lock that is renewed is kept, however long the job takes.
  const steady = await hire(quick);
  const long = await queue.add("nap", 1500, { jobId: "long" });
  say("long", await end(long, events));
  assert.deepStrictEqual(stalled, [], "its lock was renewed");

  // Killed in the middle of a job: it stalls, and the next worker takes it.
  await queue.add("trap", null, { jobId: "trap" });
  const job = await queue.getJob("trap");
  await until("the job is under way", () => job.isActive());
  steady.kill("SIGKILL");
  await once(steady, "exit");
  say("still held", await job.getState());
  const heir = await hire(quick);
  say("taken over", await end(job, events));
  say("stalled", stalled);
  const after = await queue.getJob("trap");
  say("starts", [after.attemptsStarted, after.attemptsMade, after.stalledCounter]);
  await dismiss(heir);
});
