"""Jobs and their results, order, dependencies, callbacks and groups: see ../README.md."""

from rq import Callback, Queue
from rq.exceptions import DuplicateJobError
from rq.group import Group
from rq.job import Dependency, Job
from rq.rate_limit import RateLimit

import tasks
from story import broker, ended, notes, until

high, default, low = (Queue(name, connection=broker) for name in ("high", "default", "low"))

print("2 + 3 =", ended(default.enqueue(tasks.add, 2, 3)))

job = default.enqueue(tasks.count_to, 5, meta={"owner": "alice"}, description="counts")
ended(job)
job.refresh()
print(job.description, job.get_status().value, job.get_meta(), job.return_value())

# While the worker is busy, jobs pile up. It prefers the queues that it was given first.
gate = default.enqueue(tasks.wait_at, "gate")
until(lambda: gate.get_status() == "started")
waiting = [low.enqueue(tasks.note, "low"), default.enqueue(tasks.note, "second")]
waiting += [high.enqueue(tasks.note, "high"), default.enqueue(tasks.note, "first", at_front=True)]
canceled = low.enqueue(tasks.note, "never")
canceled.cancel()
print("waiting:", [len(queue) for queue in (high, default, low)], waiting[1].get_position())
broker.lpush("gate", "open")
print(ended(gate), [ended(job) for job in waiting], canceled.get_status().value)
print("ran in this order:", notes())

# A job that depends on others runs after all of them, or never.
first, second = default.enqueue(tasks.add, 1, 2), low.enqueue(tasks.add, 3, 4)
after = high.enqueue(tasks.note, "both are done", depends_on=[first, second])
print(ended(after), ended(first), ended(second))
bad = default.enqueue(tasks.fail)
never = default.enqueue(tasks.note, "never", depends_on=bad)
anyway = default.enqueue(tasks.note, "anyway", depends_on=Dependency([bad], allow_failure=True))
print(ended(bad), "/", ended(anyway), "/", never.get_status().value)
print("deferred:", default.deferred_job_registry.get_job_ids() == [never.id])

notes()
good = default.enqueue(tasks.add, 1, on_success=Callback(tasks.succeeded))
bad = default.enqueue(tasks.fail, on_failure=Callback(tasks.failed))
ended(good), ended(bad)
print("callbacks:", notes())

group = Group.create(broker, "sums")
group.enqueue_many(default, [Queue.prepare_data(tasks.add, (n, n)) for n in range(4)])
print("group:", sorted(ended(job) for job in group.get_jobs()))

# A name can be taken once; scripts see to that, and to how many of a kind run at a time.
default.enqueue(tasks.wait_at, "door", job_id="unique", unique=True)
try:
    default.enqueue(tasks.add, 1, job_id="unique", unique=True)
except DuplicateJobError as refusal:
    print(refusal)
broker.lpush("door", "open")
limit = RateLimit("printer", concurrency=1)
limited = [high.enqueue(tasks.note, word, rate_limit=limit) for word in ("one", "two", "three")]
print("one by one:", [ended(job) for job in limited])

short = default.enqueue(tasks.add, 1, result_ttl=0)
until(lambda: not Job.exists(short.id, broker))
found = Job.fetch_many([gate.id, short.id], connection=broker)
print("kept and gone:", [job and job.return_value() for job in found])
