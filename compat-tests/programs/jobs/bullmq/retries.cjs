// Failing jobs: attempts, backoff, the failed set, and being tried again.
const { play, until, say, counts, end } = require("./stage.cjs");

play("retries", async ({ queue, events, hire }) => {
  const heard = [];
  for (const event of ["delayed", "failed", "retries-exhausted", "completed"]) {
    events.on(event, ({ jobId }) => heard.push([jobId, event]));
  }
  const heardOf = (id) => heard.filter(([jobId]) => jobId === id).map(([, event]) => event);
  await hire({ metrics: { maxDataPoints: 10 } });

  const once = await queue.add("stumble", 1, { jobId: "once" });
  say("fails", await end(once, events));
  const failed = await queue.getJob("once");
  say("why", [failed.failedReason, failed.attemptsMade, failed.stacktrace.length]);
  say("state", await failed.getState());
  await failed.retry("failed");
  say("tried again", await end(failed, events));

  const fixed = await queue.add("stumble", 2, {
    jobId: "fixed",
    attempts: 3,
    backoff: { type: "fixed", delay: 60 },
  });
  say("fixed backoff", await end(fixed, events));
  say("heard of it", heardOf("fixed"));

  const exponential = await queue.add("stumble", 3, {
    jobId: "exponential",
    attempts: 4,
    backoff: { type: "exponential", delay: 40 },
  });
  say("exponential backoff", await end(exponential, events));
  const { finishedOn, timestamp } = await queue.getJob("exponential");
  say("40, 80 and 160 ms", finishedOn - timestamp >= 280);

  const exhausted = await queue.add("stumble", 9, { jobId: "exhausted", attempts: 2 });
  say("exhausted", await end(exhausted, events));
  await until("its last event", () => heardOf("exhausted").includes("retries-exhausted"));
  say("heard of it", heardOf("exhausted"));

  const hopeless = await queue.add("hopeless", null, { jobId: "hopeless", attempts: 5 });
  say("hopeless", await end(hopeless, events));
  say("attempts", (await queue.getJob("hopeless")).attemptsMade);
  const forgotten = await queue.add("hopeless", null, { removeOnFail: true });
  await until("it is forgotten", async () => (await forgotten.getState()) === "unknown");

  say("counts", await counts(queue));
  say("failed", (await queue.getFailed()).map((job) => job.id).sort());
  say("metrics", (await queue.getMetrics("failed")).meta.count);
  await queue.retryJobs({ state: "failed" });
  await until("all have failed again", async () => {
    const { failed, active, wait, waiting, delayed } = await counts(queue);
    return failed === 2 && !active && !wait && !waiting && !delayed;
  });
  say("again", (await queue.getJob("exhausted")).attemptsMade);
  say("cleaned", (await queue.clean(0, 10, "failed")).sort());
  say("left", await counts(queue));
});
