"""One agent of a mesh: see ../README.md. Arguments: its id, the next agent's, how many there are."""

import json
import os
import sys

import redis

me, neighbour, members = sys.argv[1], sys.argv[2], int(sys.argv[3])
where = {"port": int(os.environ["CLAWLINK_PORT"]), "decode_responses": True}
where["socket_timeout"] = 40  # Seconds: longer than any command here waits.
where["protocol"] = int(os.environ.get("CLAWLINK_PROTOCOL", 3))


def fields(reply):
    """A map, which is a flat list of names and values under RESP2."""
    return dict(zip(reply[::2], reply[1::2])) if isinstance(reply, list) else reply


# Whoever shows the key is the agent: it is the password of any client.
door = redis.Redis(**where)
registered = fields(door.execute_command("CLAW.REGISTER", me, "ID", me, "CAPS", "greeter"))
mesh = redis.Redis(**where, username=f"agent:{me}", password=registered["key"])

with mesh.pubsub(ignore_subscribe_messages=True) as channel:
    channel.subscribe("topic:hello")
    heard = set()
    while len(heard) < members:
        message = channel.get_message(timeout=30)
        if message and message["data"] == "begin":
            mesh.execute_command("CLAW.BROADCAST", "hello", f"hello from {me}")
        elif message:
            heard.add(json.loads(message["data"])["from_agent"])
print("heard:", *sorted(heard))
print("greeters:", len(mesh.execute_command("CLAW.DISCOVER", "CAP", "greeter")))

try:
    mesh.execute_command("CLAW.DELEGATE", "nobody", "greet me")
except redis.ResponseError as refusal:
    print("refused:", refusal)

sent = mesh.execute_command("CLAW.DELEGATE", neighbour, "greet me")

task = None
while not task:
    for message in map(json.loads, mesh.execute_command("CLAW.POLL", me, "BLOCK", 30000)):
        if message["type"] == "task_delegation":
            task = message
print(f"task from {task['from_agent']}: {task['task']}, attempt {task['attempt']}")
mesh.execute_command("CLAW.RESPOND", task["receipt"], f"hello {task['from_agent']}")

answer = json.loads(mesh.execute_command("CLAW.AWAIT", sent, "TIMEOUT", 30))
print(f"answer from {answer['from_agent']}: {answer['result']}")

# Everybody adds a line to one file: who was overtaken reads it again.
saved = {"status": "conflict"}
while saved["status"] == "conflict":
    file = fields(mesh.execute_command("CLAW.FILE", "GET", "roll.txt"))
    edited = file["content"] + f"{me}\n"
    put = ["PUT", "roll.txt", edited, "BASE", file["version"], "MERGE"]
    saved = fields(mesh.execute_command("CLAW.FILE", *put))
print("the roll is signed:", "yes" if f"\n{me}\n" in mesh.get("file:roll.txt") else "no")
