"""Delegates a sum and hears the result: see ../README.md."""

import json
import os

import redis

broker = redis.Redis(port=int(os.environ["CLAWLINK_PORT"]), decode_responses=True)

channel = broker.pubsub()
channel.subscribe("topic:findings")
assert channel.get_message(timeout=30)["type"] == "subscribe"

broker.set("file:numbers.txt", "1 2 3 4")
task = {
    "type": "task_delegation",
    "message_id": "sum-1",
    "from_agent": "requester",
    "to_agent": "worker",
    "task": "sum numbers.txt",
}
broker.lpush("inbox:worker", json.dumps(task))

_, answer = broker.brpop("inbox:requester", timeout=30)
print("answer:", json.loads(answer)["result"])
print("heard:", channel.get_message(timeout=30)["data"])
print("file:", broker.get("file:sum.txt"))
