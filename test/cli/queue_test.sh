#!/usr/bin/env bash
# Many runs, few slots: order, priorities, runs that come after others, limits; and nobody waits for the dead.
# AMLTRAIN_QUEUE_ROUNDS, AMLTRAIN_QUEUE_KILLS: how much of the first part; default: 1 and 40
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

# 64 runs at once from 8 shells to 4 slots: each ends right, the order is fair, and no slot is used twice.
expect 0 "$AMLTRAIN_SOURCE/scripts/faults/queue" --amltrain "$AMLTRAIN" --rounds "${AMLTRAIN_QUEUE_ROUNDS:-1}" \
  --kills "${AMLTRAIN_QUEUE_KILLS:-40}"
cat "$out"

amltrain workspace init >/dev/null 2>&1
amltrain compute create four --max-nodes 4 >/dev/null 2>&1
amltrain compute create one >/dev/null 2>&1
field() { amltrain runs show "$1" --output json | python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$2"; }
supervisor_of() { sed -n 's/.*"supervisor":{[^}]*"pid":\([0-9]*\).*/\1/p' ".amltrain/runs/$1/events.jsonl" | head -n 1; }
is_running() { in_state "$1" Running; }

# Place and reason while they wait; the first in line gets what a killed run held.
shell_job hold.yml 'while [ ! -e "$AMLTRAIN_WORKSPACE/go" ]; do sleep 0.05; done; echo "$AMLTRAIN_RUN_ID" >> "$AMLTRAIN_WORKSPACE/order"'
shell_job note.yml 'echo "$AMLTRAIN_RUN_ID" >> "$AMLTRAIN_WORKSPACE/order"'
submit() { amltrain submit --quiet --compute one --file "$@"; }
holder=$(submit hold.yml)
until_true 30 is_running "$holder"
first=$(submit note.yml)
second=$(submit note.yml)
low=$(submit note.yml --priority 10)
high=$(submit note.yml --priority 90)
same "$(field "$high" queue_position)" 1
same "$(field "$high" reason)" "next, when the slot of 'one' is free; held by $holder"
same "$(field "$second" queue_position)" 3
same "$(field "$second" reason)" "2 runs are ahead of it in the queue of 'one'"
same "$(field "$low" queue_position)" 4
same "$(field "$holder" queue_position)" None
expect 0 amltrain runs list --state Queued
says "$out" "QUEUE"
says "$out" "2: 1 run is ahead of it in the queue of 'one'"
expect 0 amltrain runs list --output json
holds "$out" "sorted(r['queue_position'] for r in d['items'] if r['queue_position']) == [1, 2, 3, 4]"
expect 0 amltrain runs show "$second"
says "$out" "In the queue"
kill -KILL "$(supervisor_of "$holder")"
expect 0 amltrain wait "$high" "$first" "$second" "$low" --timeout 60
same "$(cat order)" "$high
$first
$second
$low"

# After another: its success, or any end; with the place of its submission.
before=$(submit hold.yml)
until_true 30 is_running "$before"
after=$(submit note.yml --after "$before")
chained=$(submit note.yml --after "$after:any" --after "${before%?}")
doomed=$(amltrain submit --quiet --compute four --file note.yml --after "$(submit hold.yml --priority 0)")
later=$(submit note.yml)
same "$(field "$after" reason)" "waits for the success of run $before, which is Running"
same "$(field "$after" queue_position)" None
expect 0 amltrain submit --file note.yml --after "$before:any" --priority 7 --queue-timeout 3s --dry-run --output json
holds "$out" "d['queue_settings'] == {'priority': 7, 'after': ['$before:any']} and d['limits'] == {'queue_timeout': 3}"
fails 3 not_found amltrain submit --file note.yml --after nothing
fails 2 bad_input amltrain submit --file note.yml --after "$before:ever"
fails 2 bad_input amltrain submit --file note.yml --priority 101
: >order
touch go
expect 0 amltrain wait "$before" "$after" "$chained" "$later" "$doomed" --timeout 60
same "$(grep -nxF -e "$before" -e "$after" -e "$chained" order | cut -d: -f2)" "$before
$after
$chained"
rm go

# What did not end as it must takes those that wait for it along, with the reason; the others go on.
shell_job fail.yml 'exit 3'
bad=$(submit hold.yml)
until_true 30 is_running "$bad"
any=$(submit note.yml --after "$bad:any")
success=$(submit note.yml --after "$bad")
next=$(submit note.yml --after "$success")
amltrain runs cancel "$bad" >/dev/null 2>&1
expect 4 amltrain wait "$success" --timeout 60
says "$out" "run $bad, for whose success it waited, is Canceled"
expect 4 amltrain wait "$next" --timeout 60
says "$out" "run $success, for whose success it waited, is Canceled"
expect 0 amltrain wait "$any" --timeout 60
bad=$(submit fail.yml)
expect 1 amltrain wait "$bad"
expect 4 amltrain submit --compute one --file note.yml --after "$bad" --stream
says "$out" "is Failed: "

# Whoever waits for a run finds out itself that it was killed, with its keeper: nobody else has to look.
killed=$(submit hold.yml)
until_true 30 is_running "$killed"
success=$(submit note.yml --compute four --after "$killed")
supervisor=$(supervisor_of "$killed")
kill -KILL "$supervisor" "$(ps -o ppid= "$supervisor" | tr -d ' ')"
expect 4 amltrain wait "$success" --timeout 60
says "$out" "run $killed, for whose success it waited, is Failed"

# Limits in the queue.
holder=$(submit hold.yml)
until_true 30 is_running "$holder"
expect 5 amltrain submit --compute one --file note.yml --queue-timeout 1s --stream --output json
holds "$out" "d['state'] == 'Failed' and d['failure']['category'] == 'timed_out' and d['failure']['stage'] == 'Queued'"
holds "$out" "'held by $holder' in d['reason'] and d['started_at'] is None"
expect 5 amltrain submit --compute one --file note.yml --queue-timeout 1s --after "$holder" --stream
says "$out" "waits for the success of run $holder"

# A queued run can be canceled, and nothing is left of it.
waits=$(submit note.yml)
expect 0 amltrain runs cancel "$waits"
touch go
expect 0 amltrain wait "$holder" --timeout 60
same "$(find .amltrain/leases/one -name 'place-*' -o -name 'number-*' | wc -l)" 0

# Several slots are taken together; who comes later waits behind, though a slot is free for it.
rm go
half=$(submit hold.yml --compute four --slots 2)
until_true 30 is_running "$half"
wide=$(submit note.yml --compute four --slots 3)
narrow=$(submit note.yml --compute four)
same "$(field "$wide" reason)" "next, when 3 of the 4 slots of 'four' are free; held by $half"
same "$(field "$narrow" queue_position)" 2
expect 0 amltrain compute show four --output json
holds "$out" "d['nodes_in_use'] == 2"
fails 2 bad_input amltrain submit --compute four --slots 5 --file note.yml
: >order
touch go
expect 0 amltrain wait "$half" "$wide" "$narrow" --timeout 60
same "$(head -n 1 order)" "$half"
grep -qE "slots [0-3], [0-3], [0-3] of 'four'" ".amltrain/runs/$wide/events.jsonl" || fail "$wide has not 3 slots"

# A target that is deleted and made anew: who waited before neither blocks nor meets who comes now.
amltrain compute create again --kind local --max-nodes 2 >/dev/null
shell_job sleeper.yml 'exec sleep 600'
shell_job quick.yml 'true'
first=$(amltrain submit --quiet --file sleeper.yml)
waiter=$(amltrain submit --quiet --file quick.yml --compute again --after "$first:any" --slots 2)
until_true 20 bash -c "amltrain runs show $waiter --output json | grep -q '\"state\": \"Queued\"'"
expect 0 amltrain compute delete again
amltrain compute create again --kind local --max-nodes 1 >/dev/null
expect 0 amltrain wait "$(amltrain submit --quiet --file quick.yml --compute again)"
expect 0 amltrain runs cancel "$first"
expect 1 amltrain wait "$waiter"
expect 0 amltrain runs show "$waiter"
says "$out" 'wants 2 slots'
expect 0 amltrain wait "$(amltrain submit --quiet --file quick.yml --compute again)"
