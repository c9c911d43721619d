#!/bin/sh
# Delegates a sum and hears the result: see ../README.md.
set -eu

cli() { redis-cli -p "$CLAWLINK_PORT" "$@"; }

heard=$(mktemp)
cli SUBSCRIBE topic:findings >"$heard" &
listener=$!
trap 'kill "$listener" 2>/dev/null || true; rm -f "$heard"' EXIT

# Subscribed is who is counted: a message published earlier would be missed.
until [ "$(cli PUBSUB NUMSUB topic:findings | tail -n 1)" -ge 1 ]; do sleep 0.05; done

cli SET file:numbers.txt "1 2 3 4" >/dev/null
cli LPUSH inbox:worker '{"type": "task_delegation", "message_id": "sum-1", "from_agent": "requester", "to_agent": "worker", "task": "sum numbers.txt"}' >/dev/null

answer=$(cli BRPOP inbox:requester 30 | tail -n 1)
echo "answer: $(printf '%s' "$answer" | sed -n 's/.*"result": *"\([^"]*\)".*/\1/p')"

until grep -q '^the sum' "$heard"; do sleep 0.05; done
echo "heard: $(grep '^the sum' "$heard")"
echo "file: $(cli GET file:sum.txt)"
