"""An agent of the mesh, on an ordinary Redis client: its key is its password.

The examples beside this file use nothing else of the broker than what stands here: `claw` sends a command, `poll` reads
the mail, `tasks` goes through the tasks that come.
"""

import contextlib
import json
import os
import subprocess
import sys

import redis

# How long anybody waits for anything, in seconds: a story that takes longer has gone wrong.
PATIENCE = 30
# Where the lead says that a story is over.
STAGE = "stage"
THE_END = "that was all"


def relay():
    """The broker's host and port."""
    address = os.environ.get("CLAWLINK_RELAY") or "127.0.0.1:9077"
    host, _, port = address.rpartition(":")
    return host, int(port)


class Agent:
    """Somebody in the mesh."""

    def __init__(self, name, *capabilities):
        host, port = relay()
        self.where = {"host": host, "port": port, "protocol": 3, "decode_responses": True}
        options = ["CAPS", ",".join(capabilities)] if capabilities else []
        door = redis.Redis(**self.where, password=os.environ.get("CLAWLINK_TOKEN"))
        with door:
            joined = door.execute_command("CLAW.REGISTER", name, *options)
        self.id = joined["agent_id"]
        # From here on the broker knows who speaks: no command says it again, and none can say it wrongly.
        self.redis = redis.Redis(**self.where, username=f"agent:{self.id}", password=joined["key"])

    def claw(self, command, *words):
        """Sends `CLAW.<command>`."""
        return self.redis.execute_command(f"CLAW.{command}", *words)

    def say(self, text):
        """Tells the audience."""
        sys.stdout.write(f"{self.id:>12} | {text}\n")
        sys.stdout.flush()

    def poll(self):
        """The next message. It waits in the broker, and costs nothing meanwhile."""
        records = self.claw("POLL", self.id, "COUNT", 1, "BLOCK", PATIENCE * 1000)
        if not records:
            raise TimeoutError(f"{self.id} got no mail for {PATIENCE} seconds")
        return json.loads(records[0])

    def tasks(self):
        """The tasks that come, one at a time, until the lead says that all is over."""
        while True:
            record = self.poll()
            if record["type"] == "task_delegation":
                yield record
            elif record.get("topic") == STAGE and record.get("content") == THE_END:
                return

    def delegate(self, to, task, *options, **context):
        """Hands a task over; its context is what is given by name."""
        return self.claw("DELEGATE", to, task, "CONTEXT", json.dumps(context), *options)

    def gather(self, group, *options):
        """The responses of a group's tasks, once all have ended (or MIN of them). They lie in the inbox, too: having
        been read here, they are acknowledged."""
        gathered = self.claw("GATHER", group, "TIMEOUT", PATIENCE, *options)
        responses = [json.loads(record) for record in gathered["results"]]
        if responses:
            self.claw("ACK", *(response["response_id"] for response in responses))
        return responses, gathered["total"]

    def respond(self, task, result, *options):
        """Answers a task with the receipt of this very attempt: if somebody else has it by now, that is refused."""
        return self.claw("RESPOND", task["receipt"], result, *options)

    def read(self, key):
        """The content of a shared file."""
        return self.claw("FILE", "GET", key)["content"]

    def meet(self, *ids):
        """Waits until all of these have joined."""
        missing = set(ids)
        while missing:
            record = self.poll()
            if record["type"] == "agent_joined":
                missing.discard(record["agent"]["agent_id"])

    def leave(self):
        """Leaves the mesh."""
        self.claw("UNREGISTER", self.id)
        self.redis.close()


@contextlib.contextmanager
def cast(script, *roles):
    """Starts `script ROLE` for each role. At the end all have to have gone by themselves, and well."""
    started = [subprocess.Popen([sys.executable, script, role]) for role in roles]
    try:
        yield
        for role, process in zip(roles, started):
            if process.wait(timeout=PATIENCE) != 0:
                sys.exit(f"{role} ended with {process.returncode}")
    finally:
        for process in started:
            process.kill()


def play(lead, **workers):
    """Runs the worker whose role is the argument; else the lead, at the broker that the argument names if there is
    one."""
    argument = sys.argv[1] if len(sys.argv) > 1 else ""
    if argument in workers:
        workers[argument](argument)
    else:
        if argument:
            os.environ["CLAWLINK_RELAY"] = argument
        lead()
