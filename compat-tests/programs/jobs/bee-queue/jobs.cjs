// Bee-Queue: results, progress, retries, delays, and a worker that is killed.
const Queue = require("bee-queue");
const { play, hire, dismiss, kill, until, say } = require("../crew.cjs");

const WORKER = `${__dirname}/worker.cjs`;

/** What the queue tells of its jobs, by id. A job's own events would miss what comes before it knows its id. */
function listen(queue) {
  const [ends, steps, errors] = [new Map(), new Map(), new Map()];
  const append = (notes, id, note) => notes.set(id, [...(notes.get(id) ?? []), note]);
  queue.on("job succeeded", (id, result) => ends.set(id, result));
  queue.on("job failed", (id, error) => ends.set(id, `failed: ${error.message}`));
  queue.on("job progress", (id, step) => append(steps, id, step));
  queue.on("job retrying", (id, error) => append(errors, id, error.message));
  /** What a job ends with: its result, or why it failed. */
  const end = async ({ id }) => {
    await until(`job ${id} ends`, () => ends.has(id));
    return ends.get(id);
  };
  return { end, steps, errors };
}

play(async () => {
  const queue = new Queue("jobs", { redis: { url: process.env.REDIS_URL }, isWorker: false });
  await queue.ready();
  const { end, steps, errors } = listen(queue);
  const worker = await hire(WORKER, "jobs");

  const job = await queue.createJob({ numbers: [1, 2, 3] }).setId("sum").save();
  say("result", [await end(job), steps.get("sum")]);
  say("its name is taken", (await queue.createJob({ numbers: [] }).setId("sum").save()).id);

  const retried = await queue.createJob({ numbers: [4] }).retries(2).backoff("fixed", 50).save();
  say("retried", [await end(retried), errors.get(retried.id)]);
  const hopeless = await queue.createJob({ numbers: [4], until: -1 }).save();
  say("hopeless", await end(hopeless));

  const delayed = await queue.createJob({ numbers: [5] }).delayUntil(Date.now() + 200).save();
  say("waits", (await queue.getJobs("delayed", { start: 0, end: 10 })).length);
  say("delayed", await end(delayed));

  const many = Array.from({ length: 100 }, (_, number) => queue.createJob({ numbers: [number] }));
  say("not saved", (await queue.saveAll(many)).size);
  await until("all are done", async () => (await queue.checkHealth()).succeeded === 103);
  say("health", await queue.checkHealth());
  say("failed", (await queue.getJobs("failed", { size: 10 })).map((job) => job.data));
  await queue.removeJob(hopeless.id);
  say("removed", (await queue.checkHealth()).failed);
  await dismiss(worker);

  // Killed in the middle of a job: it stalls, and the next worker takes it.
  process.env.NAME = "mortal";
  const mortal = await hire(WORKER, "jobs");
  const trap = await queue.createJob({ numbers: [6], trap: "mortal" }).save();
  await until("it is under way", async () => (await queue.checkHealth()).active === 1);
  await kill(mortal);
  process.env.NAME = "heir";
  await hire(WORKER, "jobs");
  say("taken over", await end(trap));

  await queue.destroy();
  say("left", (await queue.checkHealth()).succeeded);
});
