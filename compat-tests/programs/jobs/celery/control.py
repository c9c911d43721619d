"""What a worker is asked and told while it runs, and the events that it sends: see ../README.md.

The worker is ann@here, with two processes."""

import signal
import threading

from celery.exceptions import TaskRevokedError

from app import add, app, fail, shared, wait_at
from story import WAIT_MAX, until

control = app.control
ann = "ann@here"
until(lambda: control.inspect([ann], timeout=1, limit=1).ping())

events = []
state = app.events.State()


def listen():
    with app.connection_for_read() as connection:
        receiver = app.events.Receiver(connection, handlers={"*": hear})
        receiver.capture(limit=None, timeout=WAIT_MAX, wakeup=True)


def hear(event):
    state.event(event)
    events.append(event)


def heard(result):
    """The kinds of event about a task."""
    return [event["type"] for event in events if event.get("uuid") == result.id]


# Events come by a fanout exchange, to everybody who listens.
threading.Thread(target=listen, daemon=True).start()
until(lambda: any(event["type"] == "worker-heartbeat" for event in events))
good, bad = add.delay(1, 2), fail.delay()
until(lambda: "task-succeeded" in heard(good) and "task-failed" in heard(bad))
print(sorted(heard(good)))
print(sorted(heard(bad)))
print("known:", state.tasks[good.id].state, state.tasks[good.id].result, list(state.workers))

inspect = control.inspect([ann], timeout=WAIT_MAX, limit=1)
print("ping:", inspect.ping())
print("queues:", [queue["name"] for queue in inspect.active_queues()[ann]])
print("tasks:", {"app.add", "app.report"} <= set(inspect.registered()[ann]))
stats = inspect.stats()[ann]
print("pool:", stats["pool"]["max-concurrency"], "ran:", stats["total"])

running = wait_at.delay("nowhere")
until(lambda: shared.exists(f"process:{running.id}"))
later = add.apply_async((1, 1), countdown=3600)
until(lambda: inspect.scheduled()[ann])
print("active:", [task["name"] for task in inspect.active()[ann]])
print("scheduled:", [task["request"]["name"] for task in inspect.scheduled()[ann]])
control.revoke(later.id)
until(lambda: later.id in inspect.revoked()[ann])
control.revoke(running.id, terminate=True, signal=signal.SIGKILL)
try:
    running.get(timeout=WAIT_MAX)
except TaskRevokedError as refusal:
    print("terminated:", refusal, running.state)

order = {"destination": [ann], "reply": True, "timeout": WAIT_MAX, "limit": 1}
print(control.rate_limit("app.add", "100/s", **order))
print(control.add_consumer("extra", **order))
print("extra queue:", add.apply_async((5, 5), queue="extra").get(timeout=WAIT_MAX))
print(control.cancel_consumer("extra", **order))
print(control.pool_grow(1, **order))
waiting = [add.apply_async((n,), queue="elsewhere") for n in range(3)]
with app.connection_for_write() as connection:
    print("purged:", connection.default_channel.queue_purge("elsewhere"))
control.shutdown([ann])
until(lambda: any(event["type"] == "worker-offline" for event in events))
print("gone:", control.ping([ann], timeout=0.5))
