// Where the broker is, as node-resque is told.
const { hostname, port } = new URL(process.env.REDIS_URL);

module.exports = { connection: { pkg: "ioredis", host: hostname, port: Number(port), database: 0 } };
