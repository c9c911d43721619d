// Who comes first: waiting, priorities, delays; pausing, draining and limiting a queue.
const { play, dismiss, until, say, counts, end } = require("./stage.cjs");

play("order", async ({ queue, events, hire }) => {
  const done = [];
  events.on("completed", ({ jobId }) => done.push(jobId));
  const add = (jobId, opts = {}) => queue.add("sum", [1], { jobId, ...opts });

  await queue.pause();
  say("paused", await queue.isPaused());
  await add("first");
  await add("second");
  await add("lifo", { lifo: true });
  await add("low", { priority: 9 });
  await add("high", { priority: 1 });
  await add("also-high", { priority: 1 });
  const raised = await add("raised", { priority: 9 });
  await raised.changePriority({ priority: 2 });
  const promoted = await add("promoted", { delay: 3_600_000 });
  await promoted.promote();
  await add("late", { delay: 3_600_000 });
  const sooner = await add("sooner", { delay: 3_600_000 });
  await sooner.changeDelay(3_500_000);
  say("counts", await counts(queue));
  say("priorities", await queue.getCountsPerPriority([0, 1, 2, 9]));
  say("waiting", (await queue.getWaiting()).map((job) => job.id));
  say("prioritized", (await queue.getPrioritized()).map((job) => job.id));
  say("delayed", (await queue.getDelayed()).map((job) => job.id));

  let worker = await hire();
  await queue.resume();
  await until("all are done", () => done.length === 8);
  say("order", done.splice(0));

  await queue.drain(true);
  await add("slow", { delay: 300 });
  await add("quick", { delay: 150 });
  await until("their time has come", () => done.length === 2);
  say("delayed", done);
  const { processedOn, timestamp } = await queue.getJob("slow");
  say("not before its time", processedOn - timestamp >= 300);
  await dismiss(worker);

  // What is drained or cleaned away is never done.
  await queue.addBulk(Array.from({ length: 5 }, (_, i) => ({ name: "sum", data: [i] })));
  const later = await queue.add("sum", [1], { delay: 3_600_000 });
  await queue.drain();
  say("drained", await counts(queue));
  await queue.drain(true);
  say("drained of the delayed", [await counts(queue), await later.getState()]);
  await add("unwanted", { delay: 3_600_000 });
  say("cleaned", await queue.clean(0, 0, "delayed"));

  // Two a quarter of a second: the fifth is to wait for two such times.
  worker = await hire({ limiter: { max: 2, duration: 250 }, concurrency: 5 });
  const limited = await queue.addBulk(
    Array.from({ length: 5 }, () => ({ name: "sum", data: [2] })),
  );
  const results = await Promise.all(limited.map((job) => end(job, events)));
  const jobs = await Promise.all(limited.map((job) => queue.getJob(job.id)));
  const times = jobs.map((job) => job.processedOn).sort();
  say("limited", [results, times[4] - times[0] >= 400]);
  await dismiss(worker);

  await queue.setGlobalConcurrency(1);
  say("one at a time", await queue.getGlobalConcurrency());
  worker = await hire({ concurrency: 5 });
  const naps = await queue.addBulk(Array.from({ length: 3 }, () => ({ name: "nap", data: 50 })));
  await Promise.all(naps.map((job) => end(job, events)));
  const spans = (await Promise.all(naps.map((job) => queue.getJob(job.id))))
    .map((job) => [job.processedOn, job.finishedOn])
    .sort();
  say("none began before another's end", spans.slice(1).every(([began], i) => began >= spans[i][1]));
  await queue.removeGlobalConcurrency();

  await dismiss(worker);
  await queue.obliterate();
  say("after all", await counts(queue));
});
