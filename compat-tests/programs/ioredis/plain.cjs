// What an ordinary client does, with the broker or with Redis: see ../README.md.
const { once } = require("node:events");
const Redis = require("ioredis");

const where = {
  port: Number(process.env.CLAWLINK_PORT),
  protocol: Number(process.env.CLAWLINK_PROTOCOL ?? 3),
  password: process.env.CLAWLINK_TOKEN,
};

async function main() {
  const guesser = new Redis({ ...where, password: "guessed", retryStrategy: null });
  const [refusal] = await once(guesser, "error");
  if (refusal instanceof Redis.ReplyError) console.log("wrong token: refused");
  guesser.disconnect();

  const mesh = new Redis(where);
  const other = new Redis(where);

  // Any bytes: replies as buffers.
  const content = Buffer.alloc(1 << 20).map((_, index) => index % 256);
  await mesh.set("file:bytes", content);
  const back = content.equals(await mesh.getBuffer("file:bytes"));
  console.log("bytes:", content.length, back ? "back" : "broken");

  await mesh.set("file:notes.txt", "one");
  await mesh.append("file:notes.txt", " two");
  console.log("file:", await mesh.get("file:notes.txt"));

  const values = (results) => results.map(([, value]) => value);
  const pipeline = mesh.pipeline().incr("counter").incr("counter").incr("counter");
  console.log("pipeline:", ...values(await pipeline.exec()));
  const transaction = mesh.multi().incr("counter").get("file:notes.txt");
  console.log("transaction:", ...values(await transaction.exec()));

  await mesh.watch("counter");
  await other.incr("counter");
  const outcome = await mesh.multi().incr("counter").exec();
  if (outcome === null) console.log("watched: somebody else was first");

  // The client sends EVALSHA, and EVAL when it is told NOSCRIPT.
  const lua = "return redis.call('INCRBY', KEYS[1], ARGV[1])";
  mesh.defineCommand("add", { numberOfKeys: 1, lua });
  console.log("script:", await mesh.add("counter", 5));

  try {
    await mesh.lpush("counter", "x");
  } catch (refusal) {
    if (refusal instanceof Redis.ReplyError) console.log("refused:", refusal.message);
  }

  const channel = new Redis(where);
  channel.subscribe("topic:news");
  const [, heard] = await once(channel, "message");
  console.log("heard:", heard);
  await channel.quit();

  const [, message] = await mesh.brpop("inbox:plain", 30);
  console.log("popped:", message);

  // The server closes the connection; the client connects again by itself.
  const again = once(mesh, "ready");
  await other.client("KILL", "ID", await mesh.client("ID"));
  await again;
  console.log("connected again:", await mesh.get("file:notes.txt"));
  await Promise.all([mesh.quit(), other.quit()]);
}

main();
