// One agent of a mesh: see ../README.md. Arguments: its id, the next agent's, how many there are.
const { createClient, ErrorReply } = require("redis");

const [me, neighbour, members] = process.argv.slice(2);
const where = {
  socket: { port: Number(process.env.CLAWLINK_PORT) },
  RESP: Number(process.env.CLAWLINK_PROTOCOL ?? 3),
};

/** A map, which is a flat list of names and values under RESP2. */
function fields(reply) {
  if (!Array.isArray(reply)) return reply;
  const pairs = [];
  for (let index = 0; index < reply.length; index += 2) pairs.push(reply.slice(index, index + 2));
  return Object.fromEntries(pairs);
}

async function main() {
  const door = await createClient(where).connect();
  const register = ["CLAW.REGISTER", me, "ID", me, "CAPS", "greeter"];
  const { key } = fields(await door.sendCommand(register));
  await door.close();

  // Whoever shows the key is the agent: it is the password of any client.
  const mesh = await createClient({ ...where, username: `agent:${me}`, password: key }).connect();
  const ask = (...words) => mesh.sendCommand(words.map(String));

  const channel = await mesh.duplicate().connect();
  const heard = new Set();
  await new Promise((done) =>
    channel.subscribe("topic:hello", (message) => {
      if (message === "begin") {
        ask("CLAW.BROADCAST", "hello", `hello from ${me}`);
      } else {
        heard.add(JSON.parse(message).from_agent);
      }
      if (heard.size === Number(members)) done();
    }),
  );
  await channel.close();
  console.log("heard:", ...[...heard].sort());
  console.log("greeters:", (await ask("CLAW.DISCOVER", "CAP", "greeter")).length);

  try {
    await ask("CLAW.DELEGATE", "nobody", "greet me");
  } catch (refusal) {
    if (refusal instanceof ErrorReply) console.log("refused:", refusal.message);
  }

  const sent = await ask("CLAW.DELEGATE", neighbour, "greet me");

  let task;
  while (!task) {
    const messages = (await ask("CLAW.POLL", me, "BLOCK", 30000)).map((message) => JSON.parse(message));
    task = messages.find((message) => message.type === "task_delegation");
  }
  console.log(`task from ${task.from_agent}: ${task.task}, attempt ${task.attempt}`);
  await ask("CLAW.RESPOND", task.receipt, `hello ${task.from_agent}`);

  const answer = JSON.parse(await ask("CLAW.AWAIT", sent, "TIMEOUT", 30));
  console.log(`answer from ${answer.from_agent}: ${answer.result}`);

  // Everybody adds a line to one file: who was overtaken reads it again.
  let saved;
  do {
    const file = fields(await ask("CLAW.FILE", "GET", "roll.txt"));
    const edited = `${file.content}${me}\n`;
    saved = fields(await ask("CLAW.FILE", "PUT", "roll.txt", edited, "BASE", file.version, "MERGE"));
  } while (saved.status === "conflict");
  const signed = (await mesh.get("file:roll.txt")).includes(`\n${me}\n`);
  console.log("the roll is signed:", signed ? "yes" : "no");
  await mesh.close();
}

main();
