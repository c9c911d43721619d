"""Takes one task, adds up the numbers of a file, and tells the result: see ../README.md."""

import json
import os

import redis

broker = redis.Redis(port=int(os.environ["CLAWLINK_PORT"]), decode_responses=True)

_, record = broker.brpop("inbox:worker", timeout=30)
task = json.loads(record)
print(f"task from {task['from_agent']}: {task['task']}")

name = task["task"].removeprefix("sum ")
total = sum(int(number) for number in broker.get(f"file:{name}").split())

broker.set("file:sum.txt", total)
broker.publish("topic:findings", f"the sum is {total}")
response = {
    "type": "task_response",
    "message_id": task["message_id"],
    "from_agent": "worker",
    "to_agent": task["from_agent"],
    "result": str(total),
    "status": "completed",
}
broker.lpush(f"inbox:{task['from_agent']}", json.dumps(response))
