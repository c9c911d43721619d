// Job schedulers, and jobs that are one though they were added twice.
const { play, until, say, counts, end } = require("./stage.cjs");

play("schedules", async ({ queue, events, hire }) => {
  const done = [];
  events.on("completed", ({ jobId }) => done.push(jobId));
  await hire();

  await queue.upsertJobScheduler("tick", { every: 100, limit: 4 }, { name: "sum", data: [1, 2] });
  const [tick] = await queue.getJobSchedulers();
  say("scheduler", [tick.key, tick.every, tick.limit, tick.template]);
  await until("four ticks", () => done.length === 4);
  await until("it has ended", async () => (await queue.getDelayedCount()) === 0);
  const ticks = await Promise.all(done.map((id) => queue.getJob(id)));
  say("results", ticks.map((job) => job.returnvalue));

  await queue.upsertJobScheduler("cron", { pattern: "* * * * * *" }, { name: "sum", data: [3] });
  await until("a second has passed", () => done.length === 5);
  say("cron", (await queue.getJob(done[4])).returnvalue);
  await queue.upsertJobScheduler("cron", { pattern: "0 0 1 1 *", tz: "Europe/Prague" });
  const yearly = await queue.getJobScheduler("cron");
  say("changed", [yearly.pattern, yearly.tz, new Date(yearly.next).getMinutes()]);
  say("count", await queue.getJobSchedulersCount());
  say("removed", [await queue.removeJobScheduler("cron"), await queue.removeJobScheduler("cron")]);
  say("nothing more is planned", await counts(queue));

  const deduplicated = [];
  events.on("deduplicated", (event) => deduplicated.push(event.deduplicatedJobId));
  const add = (jobId, options, delay = 0) =>
    queue.add("sum", [5], { jobId, delay, deduplication: { id: "d", ...options } });
  await add("a", { ttl: 60_000 });
  const second = await add("b", { ttl: 60_000 });
  say("throttled", [second.id, await queue.getDeduplicationJobId("d")]);
  await queue.removeDeduplicationKey("d");
  const third = await add("c", {});
  say("freed", [third.id, await end(third, events)]);

  await add("x", { ttl: 200, extend: true, replace: true }, 200);
  const last = await add("y", { ttl: 200, extend: true, replace: true }, 200);
  say("debounced", await end(last, events));
  say("replaced", (await queue.getJob("x")) === undefined);
  await until("both are told", () => deduplicated.length >= 2);
  say("told", deduplicated);
});
