"""What the stories share: the connection, and waiting for facts."""

import os
import time

from redis import Redis

#: Where the workers and the stories meet: the broker's URL is all that RQ has to be told.
broker = Redis.from_url(os.environ["REDIS_URL"])

#: How long anything may take. A hundred times what it takes on an idle machine.
WAIT_MAX = 20


def until(fact, *arguments):
    """Asks again and again until the answer is yes."""
    deadline = time.monotonic() + WAIT_MAX
    while not fact(*arguments):
        if time.monotonic() > deadline:
            raise TimeoutError("this did not come about")
        time.sleep(0.01)


def ended(job):
    """What a job gave or raised, as soon as its worker has told."""
    result = job.latest_result(timeout=WAIT_MAX)
    if result is None:
        raise TimeoutError(f"{job} does not end")
    if result.type == result.Type.SUCCESSFUL:
        return result.return_value
    return result.exc_string.strip().splitlines()[-1]


def notes():
    """What the jobs have noted since the last time."""
    with broker.pipeline() as both:
        words, _ = both.lrange("notes", 0, -1).delete("notes").execute()
    return b", ".join(words).decode()
