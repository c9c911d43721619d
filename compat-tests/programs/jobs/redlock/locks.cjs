// Redlock: several processes add to one number, which none of them could do alone.
const Redis = require("ioredis");
const Redlock = require("redlock");
const { play, hire, until, say } = require("../crew.cjs");

const PROCESSES = 3;
const ROUNDS = 30;

play(async () => {
  const broker = new Redis(process.env.REDIS_URL);
  const locks = new Redlock([broker], { retryCount: 2, retryDelay: 10 });
  const refusal = (error) => error.name;

  let lock = await locks.lock(["here", "there"], 1000);
  say("taken", await locks.lock("there", 100).catch(refusal));
  lock = await lock.extend(5000);
  say("extended", (await broker.pttl("here")) > 1000);
  await lock.unlock();
  say("free", await broker.exists("here", "there"));
  say("not held any more", await lock.unlock().catch(refusal));
  const short = await locks.lock("short", 20);
  await until("it is over", async () => (await broker.exists("short")) === 0);
  say("too late", await short.extend(1000).catch(refusal));

  const crew = Array.from({ length: PROCESSES }, () => hire(`${__dirname}/adder.cjs`, String(ROUNDS)));
  await Promise.all(crew);
  await until("all have added", async () => (await broker.llen("done")) === PROCESSES);
  say("sum", Number(await broker.get("sum")) === PROCESSES * ROUNDS);
});
