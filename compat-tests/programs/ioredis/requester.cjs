// Delegates a sum and hears the result: see ../README.md.
const Redis = require("ioredis");

async function main() {
  const port = Number(process.env.CLAWLINK_PORT);
  const broker = new Redis(port);
  const listener = new Redis(port);

  const heard = new Promise((resolve) => {
    listener.on("message", (_channel, message) => resolve(message));
  });
  await listener.subscribe("topic:findings");

  await broker.set("file:numbers.txt", "1 2 3 4");
  const task = {
    type: "task_delegation",
    message_id: "sum-1",
    from_agent: "requester",
    to_agent: "worker",
    task: "sum numbers.txt",
  };
  await broker.lpush("inbox:worker", JSON.stringify(task));

  const [, answer] = await broker.brpop("inbox:requester", 30);
  console.log(`answer: ${JSON.parse(answer).result}`);
  console.log(`heard: ${await heard}`);
  console.log(`file: ${await broker.get("file:sum.txt")}`);
  await Promise.all([broker.quit(), listener.quit()]);
}

main();
