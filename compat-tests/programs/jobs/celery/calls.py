"""Tasks, retries, what is run later, and canvases of tasks: see ../README.md."""

import time
from datetime import datetime, timedelta, timezone

from celery import chain, chord, group
from celery.exceptions import ChordError, TaskRevokedError

from app import (
    add,
    app,
    count_to,
    fail,
    fail_times,
    failed,
    forget,
    note,
    report,
    shared,
    wait_at,
)
from story import WAIT_MAX, notes, until


def get(result):
    return result.get(timeout=WAIT_MAX)


def raised(result):
    """What a task has raised."""
    try:
        return get(result)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


print("2 + 3 =", get(add.delay(2, 3)), "and by name", get(app.send_task("app.add", [4, 5])))
print("sums:", sum(get(group(add.s(n, n) for n in range(20))())))
result = fail.delay()
print(raised(result), "-", result.state, "-", "ValueError" in result.traceback)

seen = []
result = count_to.delay(3)
value = result.get(on_message=lambda message: seen.append(message["status"]), timeout=WAIT_MAX)
print(value, "after", seen[-1], "of", set(seen) <= {"PROGRESS", "SUCCESS"})
result.forget()
print("forgotten:", app.AsyncResult(result.id).state)
ignored = forget.delay("ignored")
print(notes(1), ignored.state)

# Later, again, and never.
started = time.monotonic()
later = add.apply_async((1, 1), countdown=1)
eta = add.apply_async((2, 2), eta=datetime.now(timezone.utc) + timedelta(seconds=1))
print("later:", get(later), get(eta), time.monotonic() - started >= 0.9)
print(get(fail_times.delay(2)), "/", raised(fail_times.delay(9)))
expired = note.apply_async(("too late",), expires=datetime.now(timezone.utc) - timedelta(seconds=1))
print(raised(expired), expired.state)

# While the worker is busy, tasks pile up: the most urgent is run first, a revoked one never.
gate = wait_at.delay("gate")
until(lambda: shared.exists(f"process:{gate.id}"))
for priority in (9, 5, 0, 7, 3):
    note.apply_async((f"priority {priority}",), priority=priority)
routed = report.delay("sales")
print("waiting:", [(name, shared.llen(name)) for name in ("celery", "reports")])
revoked = note.delay("never")
revoked.revoke()
shared.lpush("gate", "open")
print(get(gate), notes(5))
try:
    get(revoked)
except TaskRevokedError as refusal:
    print("refused:", refusal, revoked.state)
print(get(routed))

# Tasks made of tasks.
print("chain:", get(chain(add.s(1, 2), add.s(3), add.s(4))()))
print("group:", get(group(add.s(n, n) for n in range(5))()))
print("chord:", get(chord([add.s(n, n) for n in range(10)])(add.s())))
print(
    "chord of a chain:",
    get((group(chain(add.s(1), add.s(n)) for n in range(3)) | add.s() | add.s(100))()),
)
print("chunks:", get(add.chunks(zip(range(4), range(4)), 2)()))
print("starmap:", get(add.starmap([(1, 2), (3, 4)]).delay()))
broken = chord([add.s(1), fail.s()])(add.s())
error = broken.get(propagate=False, timeout=WAIT_MAX)
print("chord:", isinstance(error, ChordError), "the printer is on fire" in str(error))
get(add.apply_async((1,), link=note.si("linked")))
raised(fail.apply_async(link_error=failed.s()))
print("links:", sorted(notes(2)))
saved = group(add.s(n) for n in range(3))()
saved.save()
print("restored:", get(app.GroupResult.restore(saved.id)))
until(lambda: shared.exists("celery", "reports", "unacked", "unacked_index") == 0)
