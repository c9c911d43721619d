"""Processes and workers that are killed while they run a task: see ../README.md.

The workers are ann@here and ben@here, with one process each. What is acknowledged late is
run again: here, what had not been acknowledged for two seconds."""

import os
import signal

from app import app, shared, survive
from story import WAIT_MAX, until

workers = {"ann@here", "ben@here"}
until(lambda: set(app.control.inspect(timeout=1, limit=2).ping() or ()) == workers)


def running():
    """A task, where it is run, and by which process."""
    task = survive.delay()
    until(lambda: shared.exists(f"process:{task.id}"))
    return task, shared.get(f"place:{task.id}"), int(shared.get(f"process:{task.id}"))


# The worker notices that its process has died, and gives the task back.
task, _, process = running()
os.kill(process, signal.SIGKILL)
_, _, redelivered = task.get(timeout=WAIT_MAX)
print("after a process:", task.state, "redelivered:", redelivered)

# Nobody notices that a worker has died: its task comes back in time.
task, place, process = running()
worker = app.control.inspect([place], timeout=WAIT_MAX, limit=1).stats()[place]["pid"]
os.kill(worker, signal.SIGKILL)
os.kill(process, signal.SIGKILL)
first, second, redelivered = task.get(timeout=WAIT_MAX)
elsewhere = {first, second} == workers
print("after a worker:", task.state, "elsewhere:", elsewhere, "redelivered:", redelivered)
until(lambda: not shared.exists("unacked", "unacked_index", "celery"))
