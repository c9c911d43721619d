// Delegates a sum and hears the result: see ../README.md.
const { createClient } = require("redis");

async function main() {
  const broker = createClient({ url: `redis://127.0.0.1:${process.env.CLAWLINK_PORT}` });
  await broker.connect();
  const listener = broker.duplicate();
  await listener.connect();

  let hear;
  const heard = new Promise((resolve) => (hear = resolve));
  await listener.subscribe("topic:findings", hear);

  await broker.set("file:numbers.txt", "1 2 3 4");
  const task = {
    type: "task_delegation",
    message_id: "sum-1",
    from_agent: "requester",
    to_agent: "worker",
    task: "sum numbers.txt",
  };
  await broker.lPush("inbox:worker", JSON.stringify(task));

  const { element } = await broker.brPop("inbox:requester", 30);
  console.log(`answer: ${JSON.parse(element).result}`);
  console.log(`heard: ${await heard}`);
  console.log(`file: ${await broker.get("file:sum.txt")}`);
  await Promise.all([broker.close(), listener.close()]);
}

main();
