// Takes one task, adds up the numbers of a file, and tells the result: see ../README.md.
const { createClient } = require("redis");

async function main() {
  const broker = createClient({ url: `redis://127.0.0.1:${process.env.CLAWLINK_PORT}` });
  await broker.connect();

  const { element } = await broker.brPop("inbox:worker", 30);
  const task = JSON.parse(element);
  console.log(`task from ${task.from_agent}: ${task.task}`);

  const numbers = await broker.get(`file:${task.task.replace("sum ", "")}`);
  const sum = numbers.split(" ").reduce((total, number) => total + Number(number), 0);

  const response = {
    type: "task_response",
    message_id: task.message_id,
    from_agent: "worker",
    to_agent: task.from_agent,
    result: String(sum),
    status: "completed",
  };
  // A transaction over a file, a topic and an inbox.
  await broker
    .multi()
    .set("file:sum.txt", String(sum))
    .publish("topic:findings", `the sum is ${sum}`)
    .lPush(`inbox:${task.from_agent}`, JSON.stringify(response))
    .exec();
  await broker.close();
}

main();
