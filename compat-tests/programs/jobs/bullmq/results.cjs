// Jobs, their results, progress and logs; who works on the queue; what is kept and cleaned away.
const Redis = require("ioredis");
const { play, until, say, counts, end } = require("./stage.cjs");

play("results", async ({ queue, events, hire }) => {
  const heard = [];
  for (const event of ["added", "waiting", "active", "progress", "completed", "removed", "duplicated"]) {
    events.on(event, ({ jobId, data }) => heard.push([jobId, event, ...(data ? [data] : [])]));
  }
  const heardOf = (id) => heard.filter(([jobId]) => jobId === id).map(([, ...rest]) => rest);

  const worker = await hire({ name: "bob", metrics: { maxDataPoints: 10 } });
  const job = await queue.add("sum", [1, 2, 3, 4]);
  say("result", await end(job, events));
  const kept = await queue.getJob(job.id);
  say("kept", [kept.name, kept.data, kept.returnvalue, kept.attemptsMade, kept.processedBy]);
  say("state", await kept.getState());

  const bulk = await queue.addBulk([
    { name: "sum", data: [1, 2] },
    { name: "sum", data: [], opts: { jobId: "empty" } },
    { name: "sum", data: [0.5, 1e300] },
    { name: "sum", data: [7], opts: { removeOnComplete: true } },
  ]);
  say("bulk", await Promise.all(bulk.slice(0, 3).map((each) => end(each, events))));
  await until("it is done and gone", async () => !(await queue.getJob(bulk[3].id)));

  const report = await queue.add("report", { "žluťoučký kůň": "💾\u0000\n" }, { jobId: "report" });
  say("report", await end(report, events));
  await queue.addJobLog("report", "from outside", 2);
  say("logs", await queue.getJobLogs("report"));
  const again = await queue.getJob("report");
  say("progress", [again.progress, again.data]);
  await queue.add("report", {}, { jobId: "report" });
  await until("the duplicate is told", () => heard.some(([, event]) => event === "duplicated"));
  say("heard of it", heardOf("report"));

  say("counts", await counts(queue));
  say("completed", (await queue.getCompleted()).map((each) => each.id));
  say("first completed", (await queue.getJobs(["completed"], 0, 1, true)).map((each) => each.id));
  const metrics = await queue.getMetrics("completed");
  say("metrics", metrics.meta.count);
  say("workers", (await queue.getWorkers()).map(({ name, rawname }) => [name, rawname]));
  say("listeners", (await queue.getQueueEvents()).length);

  await queue.trimEvents(1);
  say("cleaned", await queue.clean(0, 2, "completed"));
  say("left", await counts(queue));
  await queue.remove("report");
  worker.kill("SIGTERM");
  await until("the worker is gone", async () => (await queue.getWorkersCount()) === 0);
  await queue.obliterate();
  const broker = new Redis(process.env.REDIS_URL);
  say("keys left", await broker.keys("bull:results:*"));
  await broker.quit();
});
