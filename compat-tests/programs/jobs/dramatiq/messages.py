"""Messages, results, retries, delays, groups, limits and a worker's death: see ../README.md.

There are two workers; one of them is killed."""

import os
import signal
import time

from dramatiq import group, pipeline
from dramatiq.rate_limits import Barrier, BucketRateLimiter, WindowRateLimiter
from dramatiq.results import ResultFailure, ResultMissing

from app import add, alone, broker, fail_times, limits, note, shared, wait_at

WAIT_MAX = 20_000


def get(message):
    return message.get_result(block=True, timeout=WAIT_MAX)


def until(fact):
    deadline = time.monotonic() + WAIT_MAX / 1000
    while not fact():
        if time.monotonic() > deadline:
            raise TimeoutError("this did not come about")
        time.sleep(0.01)


many = [add.send(n, n) for n in range(20)]
print("2 + 3 =", get(add.send(2, 3)), "and many:", sum(get(message) for message in many))
print(get(fail_times.send("twice", 2)), end=" / ")
try:
    get(fail_times.send("always", 9))
except ResultFailure as failure:
    print(failure.orig_exc_type, failure.orig_exc_msg)
until(lambda: shared.zcard("dramatiq:default.XQ") == 1)
print("dead letters:", shared.hlen("dramatiq:default.XQ.msgs"))

started = time.monotonic()
later = add.send_with_options(args=(1, 1), delay=1000)
try:
    later.get_result()
except ResultMissing:
    print("not yet, later:", get(later), time.monotonic() - started >= 0.9)

steps = pipeline([add.message(1, 2), add.message(3), add.message(4)])
print("pipeline:", get(steps.run()))
together = group(add.message(n, n) for n in range(5))
together.add_completion_callback(note.message("all are done"))
print("group:", list(together.run().get_results(block=True, timeout=WAIT_MAX)))
until(lambda: shared.llen("notes") == 1)
alone.send()
until(lambda: shared.llen("notes") == 2)
print("notes:", shared.lrange("notes", 0, -1))

bucket = BucketRateLimiter(limits, "bucket", limit=2, bucket=3_600_000)
window = WindowRateLimiter(limits, "window", limit=2, window=60)
for limiter in (bucket, window):
    taken = []
    for _ in range(3):
        with limiter.acquire(raise_on_failure=False) as acquired:
            taken.append(acquired)
    print("limit of two:", taken)
barrier = Barrier(limits, "barrier", ttl=60_000)
print("barrier:", barrier.create(parties=2), barrier.wait(block=False), barrier.wait(block=False))

# A worker is killed at its work. When its heartbeats have stopped for long enough, another one
# gets what it had.
message = wait_at.send("gate")
until(lambda: shared.llen("processes") == 1)
os.kill(int(shared.lindex("processes", 0)), signal.SIGKILL)
until(lambda: shared.llen("processes") == 2)
shared.lpush("gate", "open")
print(get(message), "in another process:", len(set(shared.lrange("processes", 0, -1))) == 2)
broker.join("slow")
left = [shared.llen("dramatiq:default"), shared.llen("dramatiq:slow")]
print("queues:", sorted(broker.get_declared_queues()), "left:", *left)
