"""The application: where the broker is, and what its consumer runs."""

import os

import huey as library
from redis import Redis

URL = os.environ["REDIS_URL"]

# How tasks and results are kept: RedisHuey, PriorityRedisExpireHuey, …
huey = getattr(library, os.environ.get("HUEY", "RedisHuey"))("app", url=URL)
# Waits at gates longer than redis-py would for an answer.
shared = Redis.from_url(URL, decode_responses=True, socket_timeout=None)


@huey.task()
def add(*numbers):
    # A chord gives the results that it has collected as one list.
    return sum(numbers[0] if len(numbers) == 1 and isinstance(numbers[0], list) else numbers)


@huey.task()
def note(word):
    """Leaves a word for everybody to see, in the order in which tasks ran."""
    shared.rpush("notes", word)
    return word


@huey.task(context=True)
def wait_at(gate, task=None):
    """Works until somebody opens the gate, by `LPUSH`."""
    shared.set(f"started:{task.id}", 1)
    shared.blpop([gate], 30)
    return f"{gate} was open"


@huey.task()
def fail():
    raise ValueError("the printer is on fire")


@huey.task(retries=2, context=True)
def fail_times(times, task=None):
    """Fails so many times, and works from then on."""
    tried = shared.incr(f"tried:{task.id}")
    if tried <= times:
        raise ValueError(f"attempt {tried} failed")
    return f"attempt {tried} worked"


@huey.task()
@huey.lock_task("only one")
def locked():
    return "had the lock"


@huey.signal()
def signalled(signal, task, error=None):
    shared.hincrby("signals", signal, 1)
