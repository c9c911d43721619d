// Where the broker is, as BullMQ is told: options for ioredis, its usual client, or, with
// BULLMQ_CLIENT=node-redis, a client of that kind.
const { createClient } = require("redis");

const url = process.env.REDIS_URL;

module.exports = process.env.BULLMQ_CLIENT === "node-redis" ? createClient({ url }) : { url };
