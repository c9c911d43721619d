"""The application: where the broker is, and what its worker runs."""

import asyncio
import os
from datetime import timedelta

from arq import Retry, cron, func
from arq.connections import RedisSettings

SETTINGS = RedisSettings.from_dsn(os.environ["REDIS_URL"])


async def add(context, *numbers):
    return sum(numbers)


async def fail_times(context, times):
    """Fails so many times, and works from then on."""
    if context["job_try"] <= times:
        raise Retry(defer=0.05)
    return f"attempt {context['job_try']} worked"


async def fail(context):
    raise ValueError("the printer is on fire")


async def wait_at(context, gate):
    """Works until somebody opens the gate, by `LPUSH`, or aborts it."""
    await context["redis"].set(f"started:{context['job_id']}", 1)
    while not await context["redis"].lpop(gate):
        await asyncio.sleep(0.01)
    return f"{gate} was open"


async def tick(context):
    await context["redis"].incr("ticks")


class WorkerSettings:
    redis_settings = SETTINGS
    functions = [
        add,
        fail,
        wait_at,
        func(fail_times, max_tries=3),
        func(add, name="brief", keep_result=timedelta(seconds=1)),
    ]
    # Every second.
    cron_jobs = [cron(tick, second=set(range(60)))]
    allow_abort_jobs = True
    poll_delay = 0.05
    health_check_interval = 1
