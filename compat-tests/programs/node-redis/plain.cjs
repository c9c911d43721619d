// What an ordinary client does, with the broker or with Redis: see ../README.md.
const { createClient, defineScript, RESP_TYPES, WatchError, ErrorReply } = require("redis");

const where = {
  socket: { port: Number(process.env.CLAWLINK_PORT) },
  RESP: Number(process.env.CLAWLINK_PROTOCOL ?? 3),
  password: process.env.CLAWLINK_TOKEN,
  scripts: {
    add: defineScript({
      SCRIPT: "return redis.call('INCRBY', KEYS[1], ARGV[1])",
      NUMBER_OF_KEYS: 1,
      parseCommand(parser, key, number) {
        parser.pushKey(key);
        parser.push(String(number));
      },
      transformReply: (reply) => reply,
    }),
  },
};

/** A connection; one that is lost is made again by the client, and told here. */
const connect = (options) => createClient(options).on("error", () => {}).connect();

async function main() {
  const socket = { ...where.socket, reconnectStrategy: false };
  const guesser = createClient({ ...where, socket, password: "guessed" }).on("error", () => {});
  try {
    await guesser.connect();
  } catch (refusal) {
    if (refusal instanceof ErrorReply) console.log("wrong token: refused");
  }

  const mesh = await connect(where);
  const other = await connect(where);

  // Any bytes: replies as buffers.
  const raw = mesh.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const content = Buffer.alloc(1 << 20).map((_, index) => index % 256);
  await raw.set("file:bytes", content);
  const back = content.equals(await raw.get("file:bytes"));
  console.log("bytes:", content.length, back ? "back" : "broken");

  await mesh.set("file:notes.txt", "one");
  await mesh.append("file:notes.txt", " two");
  console.log("file:", await mesh.get("file:notes.txt"));

  const counts = await mesh.multi().incr("counter").incr("counter").incr("counter").execAsPipeline();
  console.log("pipeline:", ...counts);
  console.log("transaction:", ...(await mesh.multi().incr("counter").get("file:notes.txt").exec()));

  await mesh.watch("counter");
  await other.incr("counter");
  try {
    await mesh.multi().incr("counter").exec();
  } catch (error) {
    if (error instanceof WatchError) console.log("watched: somebody else was first");
  }

  // The client sends EVALSHA, and EVAL when it is told NOSCRIPT.
  console.log("script:", await mesh.add("counter", 5));

  try {
    await mesh.lPush("counter", "x");
  } catch (refusal) {
    if (refusal instanceof ErrorReply) console.log("refused:", refusal.message);
  }

  const channel = await mesh.duplicate().connect();
  console.log("heard:", await new Promise((hear) => channel.subscribe("topic:news", hear)));
  await channel.close();

  const { element } = await mesh.brPop("inbox:plain", 30);
  console.log("popped:", element);

  // The server closes the connection; the client connects again by itself.
  const again = new Promise((ready) => mesh.once("ready", ready));
  await other.sendCommand(["CLIENT", "KILL", "ID", String(await mesh.clientId())]);
  await again;
  console.log("connected again:", await mesh.get("file:notes.txt"));
  await Promise.all([mesh.close(), other.close()]);
}

main();
