// One agent of a mesh: see ../README.md. Arguments: its id, the next agent's, how many there are.
const Redis = require("ioredis");

const [me, neighbour, members] = process.argv.slice(2);
const where = {
  port: Number(process.env.CLAWLINK_PORT),
  protocol: Number(process.env.CLAWLINK_PROTOCOL ?? 3),
};

/** A map, which this client shows as a flat list of names and values. */
function fields(reply) {
  const map = {};
  for (let index = 0; index < reply.length; index += 2) map[reply[index]] = reply[index + 1];
  return map;
}

async function main() {
  const door = new Redis(where);
  const { key } = fields(await door.call("CLAW.REGISTER", me, "ID", me, "CAPS", "greeter"));
  await door.quit();

  // Whoever shows the key is the agent: it is the password of any client.
  const identity = { ...where, username: `agent:${me}`, password: key };
  const mesh = new Redis(identity);
  const channel = new Redis(identity);

  const heard = new Set();
  const all = new Promise((done) =>
    channel.on("message", (_channel, message) => {
      if (message === "begin") {
        mesh.call("CLAW.BROADCAST", "hello", `hello from ${me}`);
      } else {
        heard.add(JSON.parse(message).from_agent);
      }
      if (heard.size === Number(members)) done();
    }),
  );
  await channel.subscribe("topic:hello");
  await all;
  await channel.quit();
  console.log("heard:", ...[...heard].sort());
  console.log("greeters:", (await mesh.call("CLAW.DISCOVER", "CAP", "greeter")).length);

  try {
    await mesh.call("CLAW.DELEGATE", "nobody", "greet me");
  } catch (refusal) {
    if (refusal instanceof Redis.ReplyError) console.log("refused:", refusal.message);
  }

  const sent = await mesh.call("CLAW.DELEGATE", neighbour, "greet me");

  let task;
  while (!task) {
    const messages = await mesh.call("CLAW.POLL", me, "BLOCK", 30000);
    const records = messages.map((message) => JSON.parse(message));
    task = records.find((record) => record.type === "task_delegation");
  }
  console.log(`task from ${task.from_agent}: ${task.task}, attempt ${task.attempt}`);
  await mesh.call("CLAW.RESPOND", task.receipt, `hello ${task.from_agent}`);

  const answer = JSON.parse(await mesh.call("CLAW.AWAIT", sent, "TIMEOUT", 30));
  console.log(`answer from ${answer.from_agent}: ${answer.result}`);

  // Everybody adds a line to one file: who was overtaken reads it again.
  let saved;
  do {
    const file = fields(await mesh.call("CLAW.FILE", "GET", "roll.txt"));
    const edit = ["PUT", "roll.txt", `${file.content}${me}\n`, "BASE", file.version, "MERGE"];
    saved = fields(await mesh.call("CLAW.FILE", ...edit));
  } while (saved.status === "conflict");
  const signed = (await mesh.get("file:roll.txt")).includes(`\n${me}\n`);
  console.log("the roll is signed:", signed ? "yes" : "no");
  await mesh.quit();
}

main();
