# What the stories beside this file share; each sources it. Usage of each: STORY [HOST:PORT]
#
# Everybody in a story is a background process of the shell that types `clawlink` commands. The keys of their
# registrations are kept in a folder of this run, so every command shows who types it.

set -eu

CLAWLINK_RELAY=${1:-${CLAWLINK_RELAY:-127.0.0.1:9077}}
XDG_CONFIG_HOME=$(mktemp -d)
export CLAWLINK_RELAY XDG_CONFIG_HOME
unset CLAWLINK_AGENT

# How long anybody waits for anything, in seconds: a story that takes longer has gone wrong.
PATIENCE=30
workers=

# Whatever happens, nobody goes on; who waits for mail stops waiting when their patience is over.
end() {
    for worker in $workers; do
        kill "$worker" 2>/dev/null || true
    done
    rm -rf "$XDG_CONFIG_HOME"
}
trap end EXIT
trap 'exit 1' INT TERM

# say AGENT TEXT: tells the audience.
say() {
    printf '%12s | %s\n' "$1" "$2"
}

# fail TEXT: the story went wrong.
fail() {
    echo "$0: $1" >&2
    exit 1
}

# claw AGENT VERB …: types a command as an agent, and prints the answer as one line of JSON.
claw() {
    agent=$1
    shift
    clawlink --as "$agent" --json "$@"
}

# field NAME: the first text of that name in the JSON on standard input. Good for ids and plain words; what may hold quotes
# is for a JSON parser.
field() {
    awk -v name="$1" '{
        if (match($0, "\"" name "\":\"[^\"]*\"")) {
            print substr($0, RSTART + length(name) + 4, RLENGTH - length(name) - 5)
        }
    }'
}

# number NAME: the same for a number.
number() {
    awk -v name="$1" '{
        if (match($0, "\"" name "\":[0-9]+")) {
            print substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
        }
    }'
}

# join AGENT [CAPABILITIES]: registers.
join() {
    claw "$1" register --name "$1" ${2:+--caps "$2"} >"$XDG_CONFIG_HOME/$1.joined"
}

# start AGENT FUNCTION: lets an agent do its part in the background.
start() {
    "$2" "$1" &
    workers="$workers $!"
}

# meet AGENT COUNT: waits until so many others have joined.
meet() {
    met=0
    while [ "$met" -lt "$2" ]; do
        next "$1"
        if [ "$kind" = agent_joined ]; then
            met=$((met + 1))
        fi
    done
}

# next AGENT: reads one message into `mail`, and what kind it is into `kind`. The waiting is done by the broker.
next() {
    mail=$(claw "$1" poll --wait "$PATIENCE" --count 1) || fail "$1 got no mail"
    kind=$(echo "$mail" | field type)
}

# each_task AGENT FUNCTION: calls the function for each task that comes, with `receipt`, `mail` and the agent's id, until
# the lead says that all is over.
each_task() {
    while next "$1"; do
        case $kind in
        task_delegation)
            receipt=$(echo "$mail" | field receipt)
            "$2" "$1"
            ;;
        knowledge_broadcast)
            if [ "$(echo "$mail" | field topic)" = stage ]; then
                break
            fi
            ;;
        esac
    done
    claw "$1" unregister >/dev/null
}

# put AGENT KEY: saves standard input as a shared file.
put() {
    claw "$1" file-put --key "$2" --file - >/dev/null
}

# get AGENT KEY: prints a shared file.
get() {
    clawlink --as "$1" file-get --key "$2"
}

# the_end LEAD: says that all is over, and waits until everybody has gone well.
the_end() {
    claw "$1" broadcast --topic stage --content "that was all" >/dev/null
    for worker in $workers; do
        wait "$worker" || fail "somebody did not do their part"
    done
    workers=
}
