// What the stories of Node's libraries share: worker processes, waiting for facts, and an end.
const { fork } = require("node:child_process");
const { once } = require("node:events");
const { setTimeout: sleep } = require("node:timers/promises");

/** How long a fact may take until `until` gives up. */
const FACT_MAX_MS = 10_000;

const workers = [];

/** Starts a worker process that runs this file, and waits until it says that it is ready. */
async function hire(file, ...args) {
  const worker = fork(file, args);
  workers.push(worker);
  await once(worker, "message");
  return worker;
}

/** Asks a worker process to end its work and go. */
async function dismiss(worker) {
  worker.disconnect();
  await once(worker, "exit");
}

/** Kills a worker process, whatever it is doing. */
async function kill(worker) {
  worker.kill("SIGKILL");
  await once(worker, "exit");
}

/** In a worker process: says that it is ready, and ends its work when it is to go. */
function work(end) {
  process.on("disconnect", () => end().then(() => process.exit()));
  process.send("ready");
}

/** Runs a story. Whatever happens, nothing of it is left running. */
async function play(story) {
  await story().catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
  for (const worker of workers) worker.kill("SIGKILL");
  // Connections of a story that failed would keep the process alive.
  process.exit();
}

/** Waits for a fact: asks again until the answer is yes. */
async function until(fact, isSo) {
  const deadline = Date.now() + FACT_MAX_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`this did not come about: ${fact}`);
    await sleep(10);
  }
}

/** One line of what is compared between the servers. */
function say(what, value) {
  console.log(`${what}: ${JSON.stringify(value)}`);
}

module.exports = { FACT_MAX_MS, hire, dismiss, kill, work, play, until, say };
