"""What the stories share: waiting for facts."""

import time

from app import shared

#: How long anything may take. A hundred times what it takes on an idle machine.
WAIT_MAX = 20


def until(fact, *arguments):
    """Asks again and again until the answer is yes."""
    deadline = time.monotonic() + WAIT_MAX
    while not fact(*arguments):
        if time.monotonic() > deadline:
            raise TimeoutError("this did not come about")
        time.sleep(0.01)


def notes(count):
    """What tasks have noted since the last time: so many words."""
    until(lambda: shared.llen("notes") >= count)
    return shared.lpop("notes", count)
