// Many workers: each job is done by one of them, once.
const { play, until, say, counts } = require("./stage.cjs");

const JOBS = 300;

play("crowd", async ({ queue, events, hire }) => {
  const crew = await Promise.all([1, 2, 3].map(() => hire({ concurrency: 4 })));
  const starts = new Map();
  events.on("active", ({ jobId }) => starts.set(jobId, (starts.get(jobId) ?? 0) + 1));

  await queue.addBulk(Array.from({ length: JOBS }, () => ({ name: "pid", data: null })));
  await until("all are done", async () => (await queue.getCompletedCount()) === JOBS);
  const pids = (await queue.getCompleted()).map((job) => job.returnvalue);
  say("by those who were hired", pids.every((pid) => crew.some((worker) => worker.pid === pid)));
  say("by each of them", new Set(pids).size);
  await until("all starts are told", () => starts.size === JOBS);
  say("each once", [...starts.values()].every((count) => count === 1));
  say("counts", await counts(queue));
});
