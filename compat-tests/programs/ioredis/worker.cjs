// Takes one task, adds up the numbers of a file, and tells the result: see ../README.md.
const Redis = require("ioredis");

async function main() {
  const broker = new Redis(Number(process.env.CLAWLINK_PORT));

  const [, record] = await broker.brpop("inbox:worker", 30);
  const task = JSON.parse(record);
  console.log(`task from ${task.from_agent}: ${task.task}`);

  const numbers = await broker.get(`file:${task.task.replace("sum ", "")}`);
  const sum = numbers.split(" ").reduce((total, number) => total + Number(number), 0);

  // Queued together and answered together: a pipeline, as ioredis users write it.
  const response = {
    type: "task_response",
    message_id: task.message_id,
    from_agent: "worker",
    to_agent: task.from_agent,
    result: String(sum),
    status: "completed",
  };
  const results = await broker
    .pipeline()
    .set("file:sum.txt", sum)
    .publish("topic:findings", `the sum is ${sum}`)
    .lpush(`inbox:${task.from_agent}`, JSON.stringify(response))
    .exec();
  for (const [error] of results) {
    if (error) throw error;
  }
  await broker.quit();
}

main();
