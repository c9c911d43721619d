// What the stories share: a queue with its events, and what is asked of both.
const { Queue, QueueEvents } = require("bullmq");
const crew = require("../crew.cjs");
const connection = require("./connection.cjs");

/** Runs a story with a queue of this name. */
function play(name, story) {
  return crew.play(async () => {
    const queue = new Queue(name, { connection });
    const events = new QueueEvents(name, { connection });
    await events.waitUntilReady();
    /** Starts a worker process for the queue, or for another. */
    const hire = (options = {}, of = name) =>
      crew.hire(`${__dirname}/worker.cjs`, of, JSON.stringify(options));
    await story({ queue, events, hire });
    await Promise.all([queue.close(), events.close()]);
  });
}

/** The counts of jobs by state, without the states that no job has. */
async function counts(queue) {
  const all = await queue.getJobCounts();
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
}

/** What a job ended with: its result, or why it failed. */
async function end(job, events) {
  const ended = job.waitUntilFinished(events, crew.FACT_MAX_MS);
  return ended.catch((error) => `failed: ${error.message}`);
}

module.exports = { ...crew, play, counts, end };
