"""What the workers run: functions, and no more."""

import os
import time

from rq import get_current_job


def add(*numbers):
    return sum(numbers)


def note(word):
    """Leaves a word for everybody to see, in the order in which jobs ran."""
    get_current_job().connection.rpush("notes", word)
    return word


def wait_at(gate):
    """Works until somebody opens the gate, by `LPUSH`, and tells which process does."""
    job = get_current_job()
    job.connection.set(f"process:{job.id}", os.getpid())
    job.connection.blpop([gate], 30)
    return f"{gate} was open"


def count_to(number):
    """Tells how far it is while it works."""
    job = get_current_job()
    for done in range(1, number + 1):
        job.meta["done"] = done
        job.save_meta()
    return number


def fail():
    raise ValueError("the printer is on fire")


def fail_times(times):
    """Fails so many times, and works from then on."""
    job = get_current_job()
    tried = job.connection.incr(f"tried:{job.id}")
    if tried <= times:
        raise ValueError(f"attempt {tried} failed")
    return f"attempt {tried} worked"


def sleep(seconds):
    time.sleep(seconds)


def succeeded(job, connection, result):
    connection.rpush("notes", f"{job.func_name} gave {result}")


def failed(job, connection, kind, error, trace):
    connection.rpush("notes", f"{job.func_name} raised {kind.__name__}")


def stopped(job, connection):
    connection.rpush("notes", f"{job.func_name} was stopped")


def count_run(number):
    """Counts how often it was run with this number."""
    get_current_job().connection.hincrby("runs", number, 1)
    return number * number
