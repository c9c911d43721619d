// A worker keeps its job as long as it lives; what a killed worker held is done by another.
const { play, kill, until, say, end } = require("./stage.cjs");

/** A lock is renewed when half of its time is over: a busy machine needs some of it. */
const locks = { lockDuration: 3000, stalledInterval: 250 };

play("stalled", async ({ queue, events, hire }) => {
  const stalled = [];
  events.on("stalled", ({ jobId }) => stalled.push(jobId));

  const mortal = await hire(locks);
  const trap = await queue.add("trap", null, { jobId: "trap" });
  await until("it has begun", () => trap.isActive());
  await hire(locks);
  const long = await queue.add("nap", 4000, { jobId: "long" });
  await until("it has begun", () => long.isActive());
  await kill(mortal);
  say("held by nobody", await trap.getState());

  say("long", await end(long, events));
  say("taken over", await end(trap, events));
  say("stalled", stalled);
  const { attemptsStarted, attemptsMade, stalledCounter } = await queue.getJob("trap");
  say("starts", [attemptsStarted, attemptsMade, stalledCounter]);
});
