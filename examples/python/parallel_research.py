"""Research side by side: one question to three agents at once, findings told to all as facts, and somebody who joins late.

The lead delegates to three agents with one command and gathers their results. Each finding is broadcast under a key, so a
correction takes the place of what it corrects. Dora joins when all is done, and reads the history.

    python parallel_research.py [HOST:PORT]
"""

import json

from mesh import PATIENCE, STAGE, THE_END, Agent, cast, play

TOPIC, SUMMARY = "towers", "research/towers.md"
# What each finds, in order: the last one stands.
FINDINGS = {
    "ann": ["France: Cordouan, 1611"],
    "ben": ["Scotland: Skerryvore, 1844", "Scotland: Bell Rock, 1810"],
    "cid": ["Spain: Hercules, about 100"],
}


def lead():
    me = Agent("lead")
    with cast(__file__, *FINDINGS):
        me.meet(*FINDINGS)
        asked = me.delegate(",".join(FINDINGS), "find the oldest lighthouse of your country")
        me.say(f"asks {', '.join(FINDINGS)} at once: group {asked['group']}")
        first, total = me.gather(asked["group"], "MIN", 1)
        me.say(f"has {len(first)} of {total} answers, and waits for the rest")
        responses, total = me.gather(asked["group"])
        for response in responses:
            me.say(f"gets the answer of {response['from_agent']}: {response['result']}")
        assert len(responses) == total == len(FINDINGS), "answers are missing"
        with cast(__file__, "dora"):
            me.meet("dora")
            answer = json.loads(me.delegate("dora", "sum up what is known", "WAIT", PATIENCE))
            assert answer["status"] == "completed", "dora has not summed it up"
            me.claw("ACK", answer["response_id"])
            me.claw("BROADCAST", STAGE, THE_END)
    summary = me.read(SUMMARY)
    me.say(f"reads {SUMMARY}:\n\n{summary}")
    me.leave()
    assert "1810" in summary and "1844" not in summary, "the correction is not in the summary"


def researcher(name):
    me = Agent(name, "research")
    for task in me.tasks():
        for number, finding in enumerate(FINDINGS[name], 1):
            country = finding.split(":")[0]
            me.claw("PROGRESS", task["receipt"], f"source {number}")
            told = me.claw("BROADCAST", TOPIC, finding, "KEY", country, "TAGS", "lighthouse")
            corrected = " (which corrects what it said before)" if "supersedes" in told else ""
            me.say(f"tells all: {finding}{corrected}")
        me.respond(task, FINDINGS[name][-1])
    me.leave()


def latecomer(name):
    me = Agent(name)
    for task in me.tasks():
        history = me.claw("HISTORY", TOPIC, "TAG", "lighthouse")
        facts = sorted(json.loads(record)["content"] for record in history["messages"])
        me.say(f"was not there, and reads {len(facts)} facts in the history")
        me.claw("FILE", "PUT", SUMMARY, "\n".join(f"- {fact}" for fact in facts) + "\n")
        me.respond(task, f"see {SUMMARY}")
    me.leave()


if __name__ == "__main__":
    play(lead, dora=latecomer, **dict.fromkeys(FINDINGS, researcher))
