"""An agent whose key is the password of an ordinary client: see ../README.md."""

import os

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

port = int(os.environ["CLAWLINK_PORT"])
mesh = redis.Redis(port=port, decode_responses=True)
fields = mesh.execute_command("CLAW.REGISTER", "Bob", "ID", "bob")
key = dict(zip(fields[::2], fields[1::2]))["key"] if isinstance(fields, list) else fields["key"]
mesh.close()

for protocol in (2, 3):
    user = {"username": "agent:bob", "password": key, "protocol": protocol}
    bob = redis.Redis(port=port, decode_responses=True, **user)
    task = bob.execute_command("CLAW.DELEGATE", "bob", "water the plants")
    print("delegated by", bob.hget(f"task:{task}", "from_agent"))
    try:
        bob.execute_command("CLAW.DELEGATE", "bob", "more", "FROM", "zoe")
    except redis.ResponseError as refusal:
        print(refusal)

try:
    # Without the retries that are for connections which are lost.
    once = Retry(NoBackoff(), 0)
    redis.Redis(port=port, username="agent:bob", password="guessed", retry=once).ping()
except redis.AuthenticationError as refusal:
    print(refusal)
