// Adds one, so many times, to a number that others read and write as well: node adder.cjs ROUNDS
const Redis = require("ioredis");
const Redlock = require("redlock");
const { work } = require("../crew.cjs");

const broker = new Redis(process.env.REDIS_URL);
const locks = new Redlock([broker], { retryCount: -1, retryDelay: 2, retryJitter: 3 });

async function add(rounds) {
  for (let round = 0; round < rounds; round++) {
    const lock = await locks.lock("lock", 5000);
    const sum = Number(await broker.get("sum"));
    await broker.set("sum", sum + 1);
    await lock.unlock();
  }
  await broker.rpush("done", process.pid);
}

work(() => broker.quit());
add(Number(process.argv[2]));
