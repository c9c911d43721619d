"""A pipeline: the coordinator asks the researcher, who hands on to the analyst, who hands on to the writer.

Each stage leaves a shared file and tells what it found. The answers of all stages come to the coordinator. The analyst's
first attempt fails and is repeated by the broker; the writer asks a question back before it goes on.

    python research_pipeline.py [HOST:PORT]
"""

from mesh import STAGE, THE_END, Agent, cast, play

NOTES, ANALYSIS, REPORT = "research/notes.md", "research/analysis.md", "research/report.md"
TOWERS = {"Eddystone": 1698, "Bell Rock": 1810, "Skerryvore": 1844, "Fastnet": 1854}


def coordinator():
    me = Agent("coordinator")
    with cast(__file__, "researcher", "analyst", "writer"):
        me.meet("researcher", "analyst", "writer")
        question = "When were lighthouses built on rocks in the sea?"
        me.say(f"asks: {question}")
        me.delegate("researcher", "collect", "DEADLINE", 60, "RECEIPTS", question=question)
        while not answered(me, me.poll()):
            pass
        me.claw("BROADCAST", STAGE, THE_END)
    report = me.read(REPORT)
    me.say(f"has the report:\n\n{report}")
    me.leave()
    assert "1698" in report and "4 towers" in report, "the report says too little"


def answered(me, record):
    """Deals with a message; true if it is the writer's answer, the last one."""
    kind = record["type"]
    if kind == "task_receipt":
        me.say(f"is told that its task is {record['event']} ({record['agent'] or 'nobody has it yet'})")
    elif kind == "knowledge_broadcast":
        me.say(f"hears {record['from_agent']}: {record['content']}")
    elif kind == "task_response" and record["status"] == "input_required":
        me.say(f"is asked by {record['from_agent']}: {record['result']}")
        me.claw("ANSWER", record["message_id"], "one paragraph, for sailors")
    elif kind == "task_response":
        me.say(f"gets the answer of {record['from_agent']}: {record['result']} ({record['status']})")
        assert record["status"] == "completed", "a stage did not do its part"
        me.claw("ACK", record["response_id"])
        return record["from_agent"] == "writer"
    return False


def hand_on(me, task, to, what, result, **context):
    """Gives the next stage its task, as a part of this one, and answers this one."""
    # The broker knows what this agent is working on: the new task descends from it.
    me.delegate(to, what, "REPLY-TO", "coordinator", "BACKOFF", "0.1", **context)
    me.respond(task, result)


def researcher(name):
    me = Agent(name)
    for task in me.tasks():
        me.say(f"looks for: {task['context']['question']}")
        lines = []
        for count, (tower, year) in enumerate(TOWERS.items(), 1):
            lines.append(f"- {tower}: {year}")
            me.claw("PROGRESS", task["receipt"], f"read about {tower}", "PERCENT", count * 25)
        me.claw("FILE", "PUT", NOTES, "\n".join(lines), "TYPE", "markdown")
        me.claw("BROADCAST", "research", f"{len(lines)} towers are in {NOTES}", "TAGS", "notes")
        hand_on(me, task, "analyst", "analyse", f"see {NOTES}", notes=NOTES)
    me.leave()


def analyst(name):
    me = Agent(name)
    for task in me.tasks():
        if task["attempt"] == 1:
            me.say("fails: its instruments need to warm up")
            me.respond(task, "the instruments are cold", "STATUS", "failed")
            continue
        me.say(f"works on {task['context']['notes']}, attempt {task['attempt']}")
        years = [int(line.split()[-1]) for line in me.read(task["context"]["notes"]).splitlines()]
        finding = f"{len(years)} towers, built from {min(years)} to {max(years)}"
        me.claw("FILE", "PUT", ANALYSIS, finding, "TYPE", "markdown")
        me.claw("BROADCAST", "research", finding, "TAGS", "analysis")
        hand_on(me, task, "writer", "write", f"see {ANALYSIS}", analysis=ANALYSIS)
    me.leave()


def writer(name):
    me = Agent(name)
    for task in me.tasks():
        me.respond(task, "how long, and for whom?", "STATUS", "input_required")
        answer = me.poll()
        while answer["type"] != "task_answer":
            answer = me.poll()
        me.say(f"writes {answer['answer']}")
        finding = me.read(task["context"]["analysis"])
        me.claw("FILE", "PUT", REPORT, f"# Lighthouses on rocks\n\nWe know {finding}.\n")
        me.respond(task, f"see {REPORT}")
    me.leave()


if __name__ == "__main__":
    play(coordinator, researcher=researcher, analyst=analyst, writer=writer)
