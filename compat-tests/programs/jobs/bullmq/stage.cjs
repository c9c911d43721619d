// What the stories share: a queue with its events, worker processes, and an end for all of them.
const { fork } = require("node:child_process");
const { once } = require("node:events");
const { setTimeout: sleep } = require("node:timers/promises");
const { Queue, QueueEvents } = require("bullmq");
const connection = require("./connection.cjs");

/** How long a fact may take until `until` gives up. */
const FACT_MAX_MS = 10_000;

/** Runs a story with a queue of this name. Whatever happens, nothing of it is left running. */
async function play(name, story) {
  const queue = new Queue(name, { connection });
  const events = new QueueEvents(name, { connection });
  const workers = [];
  const stage = { queue, events, hire };

  /** Starts a worker process for the queue, or for another, and waits until it is connected. */
  async function hire(options = {}, of = name) {
    const worker = fork(`${__dirname}/worker.cjs`, [of, JSON.stringify(options)]);
    workers.push(worker);
    await once(worker, "message");
    return worker;
  }

  /** Asks a worker process to end its work and go. */
  stage.dismiss = async (worker) => {
    worker.disconnect();
    await once(worker, "exit");
  };

  try {
    await events.waitUntilReady();
    await story(stage);
    await Promise.all([queue.close(), events.close()]);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
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

/** The counts of jobs by state, without the states that no job has. */
async function counts(queue) {
  const all = await queue.getJobCounts();
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
}

/** What a job ended with: its result, or why it failed. */
async function end(job, events) {
  return job.waitUntilFinished(events, FACT_MAX_MS).catch((error) => `failed: ${error.message}`);
}

module.exports = { play, until, say, counts, end };
