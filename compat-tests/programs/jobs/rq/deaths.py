"""Jobs that are stopped, workers that are killed, and what RQ knows of them: see ../README.md.

The workers are ann for the queue north, ben for south, and cleo for nothing in particular."""

import logging
import os
import re
import signal
import time

from rq import Callback, Queue, Retry, SimpleWorker, Worker
from rq.command import (
    send_kill_horse_command,
    send_shutdown_command,
    send_stop_job_command,
)

import tasks
from story import broker, ended, notes, until

north, south = (Queue(name, connection=broker) for name in ("north", "south"))
logging.disable(logging.WARNING)


def worker(name):
    return next((worker for worker in Worker.all(broker) if worker.name == name), None)


def running(queue, **how):
    """A job that does not end by itself, as soon as it runs."""
    job = queue.enqueue(tasks.wait_at, "nowhere", **how)
    until(process_of, job)
    return job


def process_of(job):
    return int(broker.get(f"process:{job.id}") or 0)


def settled(job):
    until(lambda: job.get_status() in ("finished", "failed", "stopped"))
    return job.get_status().value


def is_idle(name):
    found = worker(name)
    return found is not None and found.get_state() == "idle"


until(lambda: is_idle("ann") and is_idle("ben") and is_idle("cleo"))
ann, ben = worker("ann"), worker("ben")
print("workers:", Worker.count(broker), "of north:", [w.name for w in Worker.all(queue=north)])
print("queues:", ann.queue_names(), ben.queue_names(), "state:", ann.get_state())
port = ann.ip_address.rpartition(":")[2]
named = {client["addr"].rpartition(":")[2]: client["name"] for client in broker.client_list()}
print("connection of ann:", named.get(port))

# A worker hears of orders on a channel of its own.
job = running(north, on_stopped=Callback(tasks.stopped))
print("busy with:", ann.get_current_job_id() == job.id, job in north.started_job_registry)
send_stop_job_command(broker, job.id)
print(settled(job), "-", notes())
job = running(north)
send_kill_horse_command(broker, "ann")
print(settled(job), "-", ended(job).partition(";")[0])

# The process that runs a job is killed: its worker lives, and tells.
job = running(north)
os.kill(process_of(job), signal.SIGKILL)
print(settled(job), "-", ended(job).partition(";")[0])

# A whole worker is killed, with what it runs. Nobody can tell, until the heartbeats stop.
job = running(south, retry=Retry(max=1))
os.kill(ben.pid, signal.SIGKILL)
os.kill(process_of(job), signal.SIGKILL)
print("nobody knows:", job.get_status().value, south.started_job_registry.get_job_ids() == [job.id])
tomorrow = time.time() + 86400
south.started_job_registry.cleanup(tomorrow)
print("tried again:", job.get_status().value, south.get_job_ids() == [job.id])
until(lambda: "blpop" not in [client["cmd"] for client in broker.client_list()])
broker.lpush("nowhere", "open")
SimpleWorker([south], connection=broker).work(burst=True, logging_level="ERROR")
print(settled(job), "-", ended(job))

# The same without a retry.
job = running(north)
os.kill(ann.pid, signal.SIGKILL)
os.kill(process_of(job), signal.SIGKILL)
north.started_job_registry.cleanup(tomorrow)
print(settled(job), "-", re.sub(" at .*", "", ended(job)), "-", job in north.failed_job_registry)

# A worker that is asked to leave does so in order.
send_shutdown_command(broker, "cleo")
until(lambda: worker("cleo") is None)
print("left:", sorted(worker.name for worker in Worker.all(broker)))
