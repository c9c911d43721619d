// Jobs per second: adds COUNT jobs in bulk, has one worker do them, and prints one number.
//
//     node throughput.cjs PORT [COUNT [CONCURRENCY]]
const { Queue, Worker } = require("bullmq");

/** Jobs added with one `addBulk`: larger bulks cost the client more than they save. */
const BULK = 1000;

async function main([port, count = 10000, concurrency = 50]) {
  const connection = { port: Number(port) };
  const queue = new Queue("throughput", { connection });
  await queue.waitUntilReady();
  let left = Number(count);

  const start = process.hrtime.bigint();
  for (let first = 0; first < left; first += BULK) {
    const size = Math.min(BULK, left - first);
    await queue.addBulk(
      Array.from({ length: size }, (_, i) => ({ name: "count", data: { number: first + i } })),
    );
  }
  let worker;
  await new Promise((done, failed) => {
    worker = new Worker("throughput", async (job) => job.data.number, {
      connection,
      concurrency: Number(concurrency),
    });
    worker.on("completed", () => --left === 0 && done());
    worker.on("failed", (_, error) => failed(error));
    worker.on("error", failed);
  });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  console.log(Math.round(count / seconds));

  await worker.close();
  await queue.obliterate({ force: true });
  await queue.close();
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
