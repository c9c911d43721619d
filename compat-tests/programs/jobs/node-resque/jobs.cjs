// Resque's protocol: queues, delayed jobs by a scheduler, retries, failures and locks.
const Redis = require("ioredis");
const { Plugins, Queue, Scheduler } = require("node-resque");
const { play, hire, dismiss, until, say } = require("../crew.cjs");
const { connection } = require("./connection.cjs");

const WORKER = `${__dirname}/worker.cjs`;

play(async () => {
  const broker = new Redis(process.env.REDIS_URL);
  const queue = new Queue({ connection }, {
    once: { plugins: [Plugins.QueueLock, Plugins.DelayQueueLock], perform() {} },
  });
  await queue.connect();
  /** What the jobs noted, once there are so many notes; they are taken away. */
  async function notes(count) {
    await until(`${count} notes`, async () => (await broker.llen("notes")) >= count);
    return broker.lpop("notes", count);
  }

  await queue.enqueue("low", "add", [1, 2]);
  await queue.enqueue("low", "add", [3, 4]);
  await queue.enqueue("low", "add", [0]);
  await queue.enqueue("high", "add", [5, 6]);
  await queue.enqueueIn(200, "low", "add", [7, 8]);
  await queue.enqueueAt(Date.now() + 3_600_000, "low", "add", [9]);
  say("once", [await queue.enqueue("once", "once", []), await queue.enqueue("once", "once", [])]);
  say("queues", (await queue.queues()).sort());
  say("waiting", (await queue.queued("low", 0, -1)).map((job) => job.args));
  say("deleted", [await queue.del("low", "add", [0]), await queue.length("low")]);
  say("delayed", [(await queue.timestamps()).length, (await queue.scheduledAt("low", "add", [9])).length]);

  const worker = await hire(WORKER, "bob");
  say("in this order", await notes(3));
  const scheduler = new Scheduler({ connection, timeout: 50 });
  await scheduler.connect();
  scheduler.start();
  say("later", await notes(1));

  await queue.enqueue("low", "stumble", ["it"]);
  say("retried", await notes(2));
  await until("it has failed", async () => (await queue.failedCount()) === 1);
  const [failure] = await queue.failed(0, -1);
  say("failed", [failure.error, failure.exception, failure.queue, failure.payload, failure.worker]);
  await queue.retryAndRemoveFailed(failure);
  say("and again", await notes(2));

  await hire(WORKER, "zoe");
  say("workers", Object.entries(await queue.workers()).sort());
  await dismiss(worker);
  say("left", Object.entries(await queue.workers()));
  await queue.enqueue("high", "add", [1]);
  say("by the other", await notes(1));
  say("leader", (await queue.leader()) === scheduler.options.name);
  await scheduler.end();
  await queue.delDelayed("low", "add", [9]);
  say("nothing is planned", await queue.timestamps());
  await queue.end();
});
