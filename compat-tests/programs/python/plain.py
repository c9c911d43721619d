"""What an ordinary client does, with the broker or with Redis: see ../README.md."""

import os

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

where = {"port": int(os.environ["CLAWLINK_PORT"]), "decode_responses": True}
where["socket_timeout"] = 40  # Seconds: longer than any command here waits.
where["protocol"] = int(os.environ.get("CLAWLINK_PROTOCOL", 3))
token = os.environ["CLAWLINK_TOKEN"]

try:
    # Without the retries that are for connections which are lost.
    redis.Redis(**where, password="guessed", retry=Retry(NoBackoff(), 0)).ping()
except redis.AuthenticationError:
    print("wrong token: refused")

mesh = redis.Redis(**where, password=token)
other = redis.Redis(**where, password=token)

# Any bytes: a client that does not decode gets back what it wrote.
raw = redis.Redis(**{**where, "decode_responses": False}, password=token)
content = bytes(range(256)) * 4096
raw.set("file:bytes", content)
print("bytes:", len(content), "back" if raw.get("file:bytes") == content else "broken")

mesh.set("file:notes.txt", "one")
mesh.append("file:notes.txt", " two")
print("file:", mesh.get("file:notes.txt"))

with mesh.pipeline(transaction=False) as pipe:
    print("pipeline:", *pipe.incr("counter").incr("counter").incr("counter").execute())

with mesh.pipeline(transaction=True) as pipe:
    print("transaction:", *pipe.incr("counter").get("file:notes.txt").execute())

with mesh.pipeline() as pipe:
    pipe.watch("counter")
    other.incr("counter")
    pipe.multi()
    pipe.incr("counter")
    try:
        pipe.execute()
    except redis.WatchError:
        print("watched: somebody else was first")

# The client sends EVALSHA, and loads the script when it is told NOSCRIPT.
add = mesh.register_script("return redis.call('INCRBY', KEYS[1], ARGV[1])")
print("script:", add(keys=["counter"], args=[5]))

try:
    mesh.lpush("counter", "x")
except redis.ResponseError as refusal:
    print("refused:", refusal)

with mesh.pubsub() as channel:
    channel.subscribe("topic:news")
    assert channel.get_message(timeout=30)["type"] == "subscribe"
    print("heard:", channel.get_message(timeout=30)["data"])

_, message = mesh.brpop("inbox:plain", timeout=30)
print("popped:", message)

# The server closes the connection; the client connects again by itself.
single = redis.Redis(**where, password=token, single_connection_client=True)
other.client_kill_filter(_id=single.client_id())
print("connected again:", single.get("file:notes.txt"))
