"""Failing jobs, retries, the failed registry, and what is run later: see ../README.md."""

import time
from datetime import datetime, timedelta, timezone

from rq import Queue, Repeat, Retry
from rq.job import Job
from rq.registry import FailedJobRegistry

import tasks
from story import broker, ended, notes, until

queue = Queue("work", connection=broker)
failed = FailedJobRegistry(queue=queue)


def settled(job):
    """How a job has ended, after all its attempts."""
    until(lambda: job.get_status() in ("finished", "failed", "stopped"))
    return job.get_status().value


# What fails is kept, with its error, until somebody has it run again.
broken = queue.enqueue(tasks.fail_times, 1)
print(settled(broken), "-", ended(broken))
print("in the registry:", failed.get_job_ids() == [broken.id])
failed.requeue(broken)
print(settled(broken), "-", broken.return_value(), "-", len(broken.results()), "results")
print("in the registry:", len(failed))

# A job with retries is run again at once, or after a while by the worker's scheduler.
stubborn = queue.enqueue(tasks.fail_times, 2, retry=Retry(max=3))
print(settled(stubborn), "-", stubborn.return_value())
stubborn.refresh()
print("attempts left:", stubborn.retries_left)
hopeless = queue.enqueue(tasks.fail_times, 9, retry=Retry(max=1))
print(settled(hopeless), "-", ended(hopeless), "-", hopeless in failed)
patient = queue.enqueue(tasks.fail_times, 1, retry=Retry(max=2, interval=[2, 5]))
until(lambda: patient in queue.scheduled_job_registry)
print("to be tried again:", patient.get_status().value)

# Jobs for later wait in a registry of their own; one of them is called off.
started = time.monotonic()
soon = queue.enqueue_in(timedelta(seconds=2), tasks.note, "soon")
at = queue.enqueue_at(datetime.now(timezone.utc) + timedelta(seconds=2), tasks.add, 4, 4)
never = queue.enqueue_in(timedelta(days=1), tasks.note, "never")
scheduled = queue.scheduled_job_registry
print("scheduled:", [job in scheduled for job in (soon, at, never)])
never.delete()
thrice = queue.enqueue(tasks.note, "again", repeat=Repeat(times=2, interval=[0, 1]))
print(settled(soon), settled(at), at.return_value(), time.monotonic() - started > 0.5)
print(settled(patient), "-", patient.return_value())
until(lambda: broker.llen("notes") == 4)
print("notes:", sorted(notes().split(", ")), "called off:", not Job.exists(never.id, broker))

slow = queue.enqueue(tasks.sleep, 30, job_timeout=1)
print(settled(slow), "-", ended(slow))
print("failed at the end:", failed.count, "of", [queue.name for queue in Queue.all(broker)])
failed.cleanup(timestamp=time.time() + 400 * 86400)
print("in a year or so:", len(failed))
