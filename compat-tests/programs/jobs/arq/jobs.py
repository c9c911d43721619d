"""Jobs, retries, what is run later or once, aborts, cron and health: see ../README.md."""

import asyncio
import time
from datetime import timedelta

from arq import create_pool
from arq.jobs import Job, JobStatus, ResultNotFound

from app import SETTINGS

WAIT_MAX = 20


async def until(fact):
    deadline = time.monotonic() + WAIT_MAX
    while not await fact():
        if time.monotonic() > deadline:
            raise TimeoutError("this did not come about")
        await asyncio.sleep(0.01)


async def main():
    broker = await create_pool(SETTINGS)

    async def get(job):
        return await job.result(timeout=WAIT_MAX, poll_delay=0.01)

    print("2 + 3 =", await get(await broker.enqueue_job("add", 2, 3)))
    jobs = [await broker.enqueue_job("add", n, n) for n in range(20)]
    print("many:", sum([await get(job) for job in jobs]))
    print(await get(await broker.enqueue_job("fail_times", 2)), end=" / ")
    for name in (("fail_times", 9), ("fail",), ("unknown",)):
        try:
            await get(await broker.enqueue_job(*name))
        except Exception as error:
            print(type(error).__name__, error, end=" / ")
    print()

    # A job of the same name exists once; a later one can be looked at while it waits.
    started = time.monotonic()
    later = await broker.enqueue_job("add", 1, 1, _job_id="unique", _defer_by=timedelta(seconds=2))
    print(
        "twice:",
        await broker.enqueue_job("add", 2, 2, _job_id="unique"),
        "-",
        (await later.status()).value,
    )
    waiting = [(job.function, job.args) for job in await broker.queued_jobs()]
    print("waiting:", [job for job in waiting if job[0] != "cron:tick"])
    print("later:", await get(later), time.monotonic() - started >= 1.9)
    info = await later.result_info()
    print(
        "info:", info.function, info.args, info.job_try, info.success, (await later.status()).value
    )

    gate = await broker.enqueue_job("wait_at", "gate")
    await until(lambda: broker.exists(f"started:{gate.job_id}"))
    print("status:", (await gate.status()).value, end=" ")
    await broker.lpush("gate", "open")
    print(await get(gate))
    stuck = await broker.enqueue_job("wait_at", "nowhere")
    await until(lambda: broker.exists(f"started:{stuck.job_id}"))
    print("aborted:", await stuck.abort(timeout=WAIT_MAX, poll_delay=0.01))

    brief = await broker.enqueue_job("brief", 1)
    await get(brief)

    async def is_gone():
        return await brief.status() == JobStatus.not_found

    await until(is_gone)
    try:
        await get(Job("nobody", broker))
    except ResultNotFound as error:
        print(error)

    async def has_ticked():
        return int(await broker.get("ticks") or 0) >= 2

    await until(has_ticked)
    await until(lambda: broker.exists("arq:queue:health-check"))
    print(
        "results:",
        len([result for result in await broker.all_job_results() if result.function == "add"]),
    )
    await broker.aclose()


asyncio.run(main())
