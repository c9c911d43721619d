"""Tasks, retries, schedules, revocation, locks and pipelines: see ../README.md."""

import time

from huey import PriorityRedisExpireHuey
from huey.exceptions import RateLimitExceeded, ResultTimeout, TaskException

from app import add, fail, fail_times, huey, locked, note, shared, wait_at

WAIT_MAX = 20


def get(result):
    return result.get(blocking=True, timeout=WAIT_MAX)


def until(fact):
    deadline = time.monotonic() + WAIT_MAX
    while not fact():
        if time.monotonic() > deadline:
            raise TimeoutError("this did not come about")
        time.sleep(0.01)


def worked(task):
    """What a task that is tried several times has given: it may have failed before."""
    try:
        return huey.result(task.id, preserve=True)
    except TaskException:
        return None


print("2 + 3 =", get(add(2, 3)), "and many:", sum(get(add.map((n, n) for n in range(10)))))
stubborn = fail_times(2)
until(lambda: worked(stubborn))
print(worked(stubborn), end=" / ")
try:
    get(fail())
except TaskException as error:
    print(error.metadata["error"])

started = time.monotonic()
later = add.schedule((1, 1), delay=1)
never = note.schedule(("never",), delay=3600)
until(lambda: huey.scheduled_count() >= 1)
print("later:", get(later), time.monotonic() - started >= 0.9)
print("scheduled:", [task.name for task in huey.scheduled()])

# While both workers are busy, tasks pile up.
gates = [wait_at("gate") for _ in range(2)]
until(lambda: all(shared.exists(f"started:{gate.id}") for gate in gates))
urgent = {"priority": 9} if isinstance(huey, PriorityRedisExpireHuey) else {}
waiting = [note("first"), note("second"), note("third", **urgent)]
revoked = note("revoked")
revoked.revoke()
print("waiting:", huey.pending_count(), revoked.is_revoked(), waiting[0].is_revoked())
try:
    waiting[0].get(blocking=True, timeout=0.05)
except ResultTimeout:
    print("not yet")
with huey.lock_task("only one"):
    refused = locked()
    shared.lpush("gate", "open")
    print([get(task) for task in waiting], "in this order:", shared.lrange("notes", 0, -1))
    shared.lpush("gate", "open")
    print([get(gate) for gate in gates])
    try:
        get(refused)
    except TaskException as error:
        print("locked:", error.metadata["error"])
print("then:", get(locked()))

print("pipeline:", get(huey.enqueue(add.s(1, 2).then(add, 3).then(add, 4))))
sms = huey.rate_limit("sms", limit=2, per=3600, retry=False)
sms.acquire(), sms.acquire()
try:
    sms.acquire()
except RateLimitExceeded:
    print("limit:", sms.current_usage())
print("put once:", huey.put_if_empty("once", 1), huey.put_if_empty("once", 2), huey.get("once"))
until(lambda: int(shared.hget("signals", "revoked") or 0) == 1)
print(
    "signals:",
    {name: shared.hget("signals", name) for name in ("error", "retrying", "revoked", "locked")},
)
never.revoke()
huey.flush()
print("left:", huey.pending_count(), huey.scheduled_count(), huey.result_count())
