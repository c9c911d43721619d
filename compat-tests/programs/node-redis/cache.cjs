// A client that keeps copies of what it reads, as node-redis does by itself. The first argument is the key; further ones
// are the words that change it, without which it is SET.
const { BasicClientSideCache, createClient } = require("redis");

const [key = "cached", ...change] = process.argv.slice(2);
const port = Number(process.env.CLAWLINK_PORT);

async function main() {
  const cache = new BasicClientSideCache({ ttl: 0, maxEntries: 0, evictPolicy: "LRU" });
  const reader = await createClient({ socket: { port }, RESP: 3, clientSideCache: cache }).connect();
  const writer = await createClient({ socket: { port } }).connect();
  const told = () => new Promise((resolve) => cache.once("invalidate", resolve));
  const asked = () => `${cache.stats().missCount} asked, ${cache.stats().hitCount} kept`;

  await writer.set(key, "first");
  for (let reads = 0; reads < 3; reads++) console.log("read:", await reader.get(key));
  console.log(asked());

  const news = told();
  await writer.sendCommand(change.length > 0 ? change : ["SET", key, "second"]);
  console.log("changed:", String(await news));
  for (let reads = 0; reads < 2; reads++) console.log("read:", await reader.get(key));
  console.log(asked());

  reader.destroy();
  writer.destroy();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
