#!/bin/sh
# Takes one task, adds up the numbers of a file, and tells the result: see ../README.md.
set -eu

cli() { redis-cli -p "$CLAWLINK_PORT" "$@"; }
field() { printf '%s' "$task" | sed -n 's/.*"'"$1"'": *"\([^"]*\)".*/\1/p'; }

task=$(cli BRPOP inbox:worker 30 | tail -n 1)
what=$(field task)
requester=$(field from_agent)
echo "task from $requester: $what"

sum=0
for number in $(cli GET "file:${what#sum }"); do sum=$((sum + number)); done

cli SET file:sum.txt "$sum" >/dev/null
cli PUBLISH topic:findings "the sum is $sum" >/dev/null
cli LPUSH "inbox:$requester" "{\"type\": \"task_response\", \"message_id\": \"$(field message_id)\", \"from_agent\": \"worker\", \"to_agent\": \"$requester\", \"result\": \"$sum\", \"status\": \"completed\"}" >/dev/null
