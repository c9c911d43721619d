"""The application: where the broker is, and what its workers run."""

import os
import time

from celery import Celery
from redis import Redis

URL = os.environ["REDIS_URL"]

app = Celery("app", broker=URL, backend=URL)
app.conf.update(
    # Priorities are lists that a worker looks through in this order.
    broker_transport_options={
        "priority_steps": [0, 5, 9],
        "queue_order_strategy": "priority",
        # What a killed worker had not acknowledged is handed out again after this many seconds.
        "visibility_timeout": int(os.environ.get("VISIBILITY_TIMEOUT", 3600)),
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    },
    task_routes={"app.report": {"queue": "reports"}},
    task_send_sent_event=True,
    worker_prefetch_multiplier=1,
)

# Waits at gates longer than redis-py would for an answer.
shared = Redis.from_url(URL, decode_responses=True, socket_timeout=None)


@app.task
def add(*numbers):
    # A chord gives the results that it has collected as one list.
    return sum(numbers[0] if len(numbers) == 1 and isinstance(numbers[0], list) else numbers)


@app.task
def note(word):
    """Leaves a word for everybody to see, in the order in which tasks ran."""
    shared.rpush("notes", word)
    return word


@app.task(name="app.report")
def report(word):
    return f"report on {word}"


@app.task(ignore_result=True)
def forget(word):
    shared.rpush("notes", word)


@app.task(bind=True)
def wait_at(self, gate):
    """Works until somebody opens the gate, by `LPUSH`, and tells which process does."""
    shared.set(f"process:{self.request.id}", os.getpid())
    shared.blpop([gate], 30)
    return f"{gate} was open"


@app.task(bind=True)
def count_to(self, number):
    """Tells how far it is while it works."""
    for done in range(1, number + 1):
        self.update_state(state="PROGRESS", meta={"done": done})
    return number


@app.task
def fail():
    raise ValueError("the printer is on fire")


@app.task(
    bind=True,
    autoretry_for=(ConnectionError,),
    retry_backoff=False,
    default_retry_delay=0.1,
    max_retries=3,
)
def fail_times(self, times):
    """Fails so many times, and works from then on."""
    if self.request.retries < times:
        raise ConnectionError(f"attempt {self.request.retries + 1} failed")
    return f"attempt {self.request.retries + 1} worked"


@app.task
def failed(request, error, trace):
    shared.rpush("notes", f"{request.task} raised {error!r}")


@app.task(bind=True, acks_late=True, reject_on_worker_lost=True)
def survive(self):
    """Never ends where it is run first; there, the story kills what runs it."""
    place = f"place:{self.request.id}"
    if shared.setnx(place, self.request.hostname):
        shared.set(f"process:{self.request.id}", os.getpid())
        time.sleep(60)
    return shared.get(place), self.request.hostname, self.request.delivery_info["redelivered"]
