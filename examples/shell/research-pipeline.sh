#!/bin/sh
# A pipeline: the coordinator asks the researcher, who hands on to the analyst, who hands on to the writer.
#
# Each stage leaves a shared file and tells what it found. The answers of all stages come to the coordinator. The
# analyst's first attempt fails and is repeated by the broker; the writer asks a question back before it goes on.
. "$(dirname "$0")/story.sh"

notes=research/notes.md
analysis=research/analysis.md
report=research/report.md

# hand_on AGENT TO WHAT FILE: gives the next stage its task, as a part of the one that this agent has, and answers that.
hand_on() {
    claw "$1" delegate --to "$2" --task "$3" --context "{\"file\":\"$4\"}" --reply-to coordinator \
        --backoff 0.1 >/dev/null
    claw "$1" respond "$receipt" --result "see $4" >/dev/null
}

collect() {
    say "$1" "looks for: $(echo "$mail" | field question)"
    claw "$1" progress "$receipt" --note "reading the chronicles" --percent 50 >/dev/null
    printf '%s\n' "Eddystone 1698" "Bell Rock 1810" "Skerryvore 1844" "Fastnet 1854" | put "$1" "$notes"
    claw "$1" broadcast --topic research --tags notes --content "4 towers are in $notes" >/dev/null
    hand_on "$1" analyst analyse "$notes"
}

analyse() {
    if [ "$(echo "$mail" | number attempt)" -eq 1 ]; then
        say "$1" "fails: its instruments need to warm up"
        claw "$1" respond "$receipt" --status failed --result "the instruments are cold" >/dev/null
        return
    fi
    file=$(echo "$mail" | field file)
    say "$1" "works on $file"
    finding=$(get "$1" "$file" | awk '
        { if (NR == 1 || $NF < first) first = $NF; if ($NF > last) last = $NF }
        END { print NR " towers, built from " first " to " last }')
    echo "$finding" | put "$1" "$analysis"
    claw "$1" broadcast --topic research --tags analysis --content "$finding" >/dev/null
    hand_on "$1" writer write "$analysis"
}

write() {
    file=$(echo "$mail" | field file)
    claw "$1" respond "$receipt" --status input_required --result "how long, and for whom?" >/dev/null
    while [ "$kind" != task_answer ]; do
        next "$1"
    done
    say "$1" "writes $(echo "$mail" | field answer)"
    { printf '# Lighthouses on rocks\n\nWe know '; get "$1" "$file"; } | put "$1" "$report"
    claw "$1" respond "$receipt" --result "see $report" >/dev/null
}

researcher() { join "$1"; each_task "$1" collect; }
analyst() { join "$1"; each_task "$1" analyse; }
writer() { join "$1"; each_task "$1" write; }

join coordinator
start researcher researcher
start analyst analyst
start writer writer
meet coordinator 3

question="When were lighthouses built on rocks in the sea?"
say coordinator "asks: $question"
claw coordinator delegate --to researcher --task collect --context "{\"question\":\"$question\"}" --deadline 60 \
    --receipts >/dev/null

from=
while [ "$from" != writer ]; do
    next coordinator
    case $kind in
    task_receipt)
        say coordinator "is told that its task is $(echo "$mail" | field event)"
        ;;
    knowledge_broadcast)
        say coordinator "hears $(echo "$mail" | field from_agent): $(echo "$mail" | field content)"
        ;;
    task_response)
        status=$(echo "$mail" | field status)
        who=$(echo "$mail" | field from_agent)
        result=$(echo "$mail" | field result)
        case $status in
        input_required)
            say coordinator "is asked by $who: $result"
            claw coordinator answer "$(echo "$mail" | field message_id)" --text "one paragraph, for sailors" >/dev/null
            ;;
        completed)
            say coordinator "gets the answer of $who: $result"
            claw coordinator ack "$(echo "$mail" | field response_id)" >/dev/null
            from=$who
            ;;
        *) fail "$who did not do its part: $status" ;;
        esac
        ;;
    esac
done
the_end coordinator

say coordinator "has the report:"
echo
get coordinator "$report"
get coordinator "$report" | grep -q "4 towers, built from 1698 to 1854" || fail "the report says too little"
claw coordinator unregister >/dev/null
