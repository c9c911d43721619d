"""The application: where the broker is, and what its workers run."""

import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import GroupCallbacks
from dramatiq.rate_limits import ConcurrentRateLimiter
from dramatiq.rate_limits.backends import RedisBackend as LimitsBackend
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend
from redis import Redis

URL = os.environ["REDIS_URL"]

# A worker that says nothing for four seconds is taken for dead, and others get its messages;
# every worker looks for such on each of its requests.
broker = RedisBroker(url=URL, heartbeat_timeout=4000, maintenance_chance=1_000_000)
limits = LimitsBackend(url=URL)
broker.add_middleware(Results(backend=RedisBackend(url=URL)))
broker.add_middleware(GroupCallbacks(limits))
dramatiq.set_broker(broker)

# Waits at gates longer than redis-py would for an answer.
shared = Redis.from_url(URL, decode_responses=True, socket_timeout=None)


@dramatiq.actor(store_results=True)
def add(*numbers):
    return sum(numbers)


@dramatiq.actor
def note(word):
    """Leaves a word for everybody to see."""
    shared.rpush("notes", word)


@dramatiq.actor(store_results=True, max_retries=2, min_backoff=10, max_backoff=10)
def fail_times(key, times):
    """Fails so many times, and works from then on."""
    tried = shared.incr(key)
    if tried <= times:
        raise ValueError(f"attempt {tried} failed")
    return f"attempt {tried} worked"


@dramatiq.actor(store_results=True, queue_name="slow", max_age=3_600_000)
def wait_at(gate):
    """Works until somebody opens the gate, by `LPUSH`, and tells which process does."""
    shared.rpush("processes", os.getpid())
    shared.blpop([gate], 30)
    return f"{gate} was open"


@dramatiq.actor(max_retries=0)
def alone():
    with ConcurrentRateLimiter(limits, "alone", limit=1).acquire(
        raise_on_failure=False
    ) as acquired:
        shared.rpush("notes", "alone" if acquired else "not alone")
