"""A code review by whoever is free: the lead shares files and hands each to `@review`, where three reviewers compete.

Nobody reviews what they wrote: such a task is given back, which counts as no attempt. What cannot be read at all fails for
good. The lead gathers the results and writes the report.

    python code_review.py [HOST:PORT]
"""

import ast
import os

from mesh import STAGE, THE_END, Agent, cast, play

REVIEWERS = ("rita", "sam", "tom")
REPORT = "review/report.md"
# Each file with its author and its content.
FILES = {
    "code/area.py": ("lead", "def area(width, height):\n    return width * height\n"),
    "code/fetch.py": ("sam", "def fetch(url):\n    try:\n        return get(url)\n    except:\n        pass\n"),
    "code/parse.py": ("rita", "def parse(text):\n    # TODO: escapes\n    return eval(text)\n"),
    "code/broken.py": ("tom", "def broken(:\n    return\n"),
}


def lead():
    me = Agent("lead")
    with cast(__file__, *REVIEWERS):
        me.meet(*REVIEWERS)
        me.say(f"asks for {len(FILES)} reviews, from whoever is free")
        # A group is remembered for a day, so each run has its own.
        files, group = {}, f"review-{os.getpid()}"
        for key, (author, content) in FILES.items():
            me.claw("FILE", "PUT", key, content, "TYPE", "python")
            task = me.delegate("@review", "review", "GROUP", group, file=key, author=author)
            files[task] = key
        responses, total = me.gather(group)
        assert len(responses) == total, f"{total - len(responses)} reviews are missing"
        me.claw("BROADCAST", STAGE, THE_END)
    lines = report(files, responses)
    version = me.claw("FILE", "PUT", REPORT, "\n".join(lines), "TYPE", "markdown")
    me.say(f"has saved {REPORT}, version {version}:\n\n" + "\n".join(lines))
    me.leave()
    assert len(lines) == len(FILES) + 2 and "cannot be read" in lines[-2], "the report is wrong"


def report(files, responses):
    """The report's lines, in order of the files."""
    lines = {}
    for response in responses:
        key, reviewer = files[response["message_id"]], response["from_agent"]
        assert reviewer != FILES[key][0], f"{key} was reviewed by its author"
        lines[key] = f"- {key}, {reviewer}: {response['result']} ({response['status']})"
    broken = lines.pop("code/broken.py")
    return ["# Review", *sorted(lines.values()), broken, ""]


def reviewer(name):
    me = Agent(name, "review")
    for task in me.tasks():
        key, author = task["context"]["file"], task["context"]["author"]
        if author == me.id:
            me.say(f"wrote {key}, so somebody else is to look at it")
            me.claw("RELEASE", task["receipt"], "DELAY", "0.1", "REASON", "it is my own")
            continue
        me.claw("PROGRESS", task["receipt"], f"reading {key}")
        try:
            found = findings(me.read(key))
        except SyntaxError as error:
            me.say(f"cannot read {key}")
            me.respond(task, f"cannot be read: line {error.lineno}", "STATUS", "failed", "FATAL")
        else:
            me.say(f"has reviewed {key}: {found}")
            me.respond(task, found)
    me.leave()


def findings(source):
    """What is wrong with a program."""
    found = ["a TODO"] if "TODO" in source else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            found.append("an except that catches everything")
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "eval":
            found.append("a call of eval")
    return ", ".join(found) or "nothing to say"


if __name__ == "__main__":
    play(lead, **dict.fromkeys(REVIEWERS, reviewer))
