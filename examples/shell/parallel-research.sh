#!/bin/sh
# Research side by side: one question to three agents at once, findings told to all as facts, and somebody who joins late.
#
# The lead delegates to three agents with one command and gathers their results. Each finding is broadcast under a key, so
# a correction takes the place of what it corrects. Dora joins when all is done, and reads the history.
. "$(dirname "$0")/story.sh"

summary=research/towers.md

# find_out AGENT COUNTRY FINDING…: tells all what was found; the last finding stands.
find_out() {
    who=$1 country=$2
    shift 2
    for finding in "$@"; do
        claw "$who" progress "$receipt" --note "another source" >/dev/null
        say "$who" "tells all: $country: $finding"
        claw "$who" broadcast --topic towers --key "$country" --content "$country: $finding" >/dev/null
    done
    claw "$who" respond "$receipt" --result "$country: $finding" >/dev/null
}

search() {
    case $1 in
    ann) find_out ann France "Cordouan, 1611" ;;
    ben) find_out ben Scotland "Skerryvore, 1844" "Bell Rock, 1810" ;;
    cid) find_out cid Spain "Hercules, about 100" ;;
    esac
}

# The facts, one a line: of each key, the newest.
facts() {
    claw "$1" history towers | awk '{ gsub(/"type":"knowledge_broadcast"/, "\n&"); print }' | field content | sort
}

sum_up() {
    say "$1" "was not there, and reads $(facts "$1" | wc -l | tr -d ' ') facts in the history"
    facts "$1" | sed 's/^/- /' | put "$1" "$summary"
    claw "$1" respond "$receipt" --result "see $summary" >/dev/null
}

researcher() { join "$1" research; each_task "$1" search; }
latecomer() { join "$1"; each_task "$1" sum_up; }

join lead
for name in ann ben cid; do
    start "$name" researcher
done
meet lead 3

asked=$(claw lead delegate --to ann,ben,cid --task "find the oldest lighthouse of your country")
group=$(echo "$asked" | field group)
say lead "asks ann, ben and cid at once: group $group"
claw lead gather "$group" --min 1 --wait "$PATIENCE" >/dev/null || fail "nobody answers"
gathered=$(claw lead gather "$group" --wait "$PATIENCE") || fail "answers are missing"
say lead "has $(echo "$gathered" | number total) answers"

start dora latecomer
meet lead 1
claw lead delegate --to dora --task "sum up what is known" --wait "$PATIENCE" >/dev/null || fail "dora does not answer"
the_end lead

say lead "reads $summary:"
echo
get lead "$summary"
[ "$(get lead "$summary" | wc -l)" -eq 3 ] || fail "not all is known"
get lead "$summary" | grep -q 1810 || fail "the correction is not known"
if get lead "$summary" | grep -q 1844; then
    fail "what was corrected is still known"
fi
claw lead unregister >/dev/null
