"""Jobs per second: adds COUNT jobs, has one worker do them in its own process, and prints one number.

    python throughput.py PORT [COUNT]
"""

import logging
import sys
import time

import tasks
from redis import Redis
from rq import Queue, SimpleWorker

# Jobs that one call adds, in one transaction.
BULK = 100

port, count = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000
logging.disable()
broker = Redis(port=port)
queue = Queue("throughput", connection=broker)

start = time.monotonic()
for first in range(0, count, BULK):
    numbers = range(first, min(first + BULK, count))
    queue.enqueue_many([Queue.prepare_data(tasks.add, (number, 1)) for number in numbers])
SimpleWorker([queue], connection=broker).work(burst=True)
seconds = time.monotonic() - start

done = queue.finished_job_registry.count
if done != count:
    sys.exit(f"{done} of {count} jobs were done")
print(round(count / seconds))
