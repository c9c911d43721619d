// A worker process: node worker.cjs NAME
const Redis = require("ioredis");
const { Plugins, Worker } = require("node-resque");
const { work } = require("../crew.cjs");
const { connection } = require("./connection.cjs");

// Resque's jobs give nothing back: what they did is noted in a list.
const notes = new Redis(process.env.REDIS_URL);

const jobs = {
  add: { perform: (...numbers) => notes.rpush("notes", numbers.reduce((a, b) => a + b)) },
  /** Tried once more before it counts as failed. */
  stumble: {
    plugins: [Plugins.Retry],
    pluginOptions: { Retry: { retryLimit: 2, retryDelay: 100 } },
    async perform(name) {
      await notes.rpush("notes", `${name} stumbled`);
      throw new Error("no use");
    },
  },
};

const worker = new Worker({ connection, queues: ["high", "low"], timeout: 50, name: process.argv[2] }, jobs);
worker.on("error", (error) => console.error(error));
worker.connect().then(() => {
  worker.start();
  work(() => worker.end());
});
