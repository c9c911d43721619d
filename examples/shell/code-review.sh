#!/bin/sh
# A code review by whoever is free: the lead shares files and hands each to `@review`, where three reviewers compete.
#
# Nobody reviews what they wrote: such a task is given back, which counts as no attempt. What cannot be read at all fails
# for good. The lead gathers the results and writes the report.
. "$(dirname "$0")/story.sh"

report=review/report.md
# A group is remembered for a day, so each run has its own.
group=review-$$

# share FILE AUTHOR: shares standard input, and asks for a review of it.
share() {
    put lead "$1"
    claw lead delegate --to @review --task review --group "$group" \
        --context "{\"file\":\"$1\",\"author\":\"$2\"}" >/dev/null
}

look_at() {
    file=$(echo "$mail" | field file)
    if [ "$(echo "$mail" | field author)" = "$1" ]; then
        say "$1" "wrote $file, so somebody else is to look at it"
        claw "$1" release "$receipt" --delay 0.1 --reason "it is my own" >/dev/null
        return
    fi
    claw "$1" progress "$receipt" --note "reading $file" >/dev/null
    get "$1" "$file" >"$XDG_CONFIG_HOME/$1.file"
    if ! sh -n "$XDG_CONFIG_HOME/$1.file" 2>/dev/null; then
        say "$1" "cannot read $file"
        claw "$1" respond "$receipt" --status failed --fatal --result "$file cannot be read" >/dev/null
        return
    fi
    found=
    if grep -q TODO "$XDG_CONFIG_HOME/$1.file"; then found="a TODO, "; fi
    if grep -q eval "$XDG_CONFIG_HOME/$1.file"; then found="${found}an eval, "; fi
    found=${found%, }
    say "$1" "has reviewed $file: ${found:-nothing to say}"
    claw "$1" respond "$receipt" --result "$file: ${found:-nothing to say}" >/dev/null
}

reviewer() { join "$1" review; each_task "$1" look_at; }

join lead
for name in rita sam tom; do
    start "$name" reviewer
done
meet lead 3

say lead "asks for 4 reviews, from whoever is free"
share code/area.sh lead <<'FILE'
echo $(($1 * $2))
FILE
share code/fetch.sh sam <<'FILE'
curl -s "$1"  # TODO: what if it is not there?
FILE
share code/parse.sh rita <<'FILE'
eval "$1"
FILE
share code/broken.sh tom <<'FILE'
if true; then
FILE

# A review has failed, so this ends with 6.
gathered=$(claw lead gather "$group" --wait "$PATIENCE") || [ $? -eq 6 ] || fail "reviews are missing"
the_end lead

# One line for each result.
{
    echo "# Review"
    echo "$gathered" | awk '{ gsub(/"type":"task_response"/, "\n&"); print }' | while read -r line; do
        who=$(echo "$line" | field from_agent)
        if [ -n "$who" ]; then
            echo "- $(echo "$line" | field result) ($who, $(echo "$line" | field status))"
        fi
    done | sort
} | put lead "$report"

say lead "has saved $report:"
echo
get lead "$report"
lines=$(get lead "$report" | grep -Ec "(completed|failed)\)$")
[ "$lines" -eq 4 ] || fail "the report has $lines reviews"
get lead "$report" | grep -q "broken.sh cannot be read (.*, failed)" || fail "the broken file is missing"
if get lead "$report" | grep -E "fetch.sh.*\(sam,|parse.sh.*\(rita,"; then
    fail "somebody reviewed what they wrote"
fi
claw lead unregister >/dev/null
