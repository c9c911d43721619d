"""Several workers share one queue, and every job runs once: see ../README.md."""

from rq import Queue, Worker
from rq.job import Job

import tasks
from story import broker, until

WORKERS = 3
JOBS = 60

queue = Queue("crowd", connection=broker)

# Each worker takes one of these, and has it until all have one.
gates = [queue.enqueue(tasks.wait_at, "start") for _ in range(WORKERS)]
until(lambda: queue.started_job_registry.count == WORKERS)
jobs = queue.enqueue_many(Queue.prepare_data(tasks.count_run, (number,)) for number in range(JOBS))
broker.lpush("start", *["open"] * WORKERS)
until(lambda: queue.finished_job_registry.count == WORKERS + JOBS)

finished = Job.fetch_many([job.id for job in jobs], connection=broker)
print("results:", [job.return_value() for job in finished] == [n * n for n in range(JOBS)])
print("runs of each:", {int(runs) for runs in broker.hvals("runs")}, "of", broker.hlen("runs"))
first = Job.fetch_many([job.id for job in gates], connection=broker)
print("workers at once:", len({job.worker_name for job in first}))


def counted():
    """What the workers say of themselves."""
    return sum(worker.successful_job_count for worker in Worker.all(queue=queue))


until(lambda: counted() == WORKERS + JOBS)
print("left:", queue.count, queue.started_job_registry.count, queue.failed_job_registry.count)
