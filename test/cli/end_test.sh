#!/usr/bin/env bash
# How runs end otherwise: killed, canceled, timed out, and what the watchers of them see.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
amltrain workspace init >/dev/null 2>&1
shell_job long.yml 'echo started; exec sleep 600'

# A started run whose worker is $worker, "sleep" itself.
start() {
  run=$(amltrain submit --quiet --file long.yml --experiment ends "$@")
  until_true 20 in_state "$run" Running
  until_true 20 grep -q started "$T/.amltrain/runs/$run/logs/rank-0.log"
  until_true 20 find_worker # it says that it has started before it becomes "sleep"
}
find_worker() {
  worker=$(pgrep -f -x 'sleep 600' | while read -r pid; do
    if grep -qzF "$run" "/proc/$pid/environ" 2>/dev/null; then echo "$pid"; fi  # not another test's
  done)
  [[ -n $worker ]]
}

# kill -9 of the worker: wait returns 1 within 2 seconds, and show says why.
start
amltrain wait "$run" >waited 2>&1 &
waiter=$!
killed_at=$(date +%s%N)
kill -9 "$worker"
code=0
wait $waiter || code=$?
took=$((($(date +%s%N) - killed_at) / 1000000))
same "$code" 1
((took < 2000)) || fail "wait returned after $took ms"
expect 0 amltrain runs show "$run"
says "$out" "SIGKILL"
expect 0 amltrain runs show "$run" --output json
holds "$out" "d['state'] == 'Failed' and d['failure']['signal'] == 9 and d['failure']['stage'] == 'Running'"

# kill -9 of the supervisor: the run is shown as failed by the machine's fault, and its worker is gone too.
start
supervisor=$(ps -o ppid= -p "$worker" | tr -d ' ')
while [[ $(tr '\0' ' ' <"/proc/$supervisor/cmdline") != *supervise* ]]; do
  supervisor=$(ps -o ppid= -p "$supervisor" | tr -d ' ')
done
amltrain wait "$run" >waited 2>&1 &
waiter=$!
kill -9 "$supervisor"
code=0
wait $waiter || code=$?
same "$code" 7
expect 0 amltrain runs show "$run" --output json
holds "$out" "d['state'] == 'Failed' and 'supervisor' in d['reason']"
until_true 5 bash -c "! kill -0 $worker"

# Cancel ends it, and says so to all; a second cancel changes nothing.
start
expect 0 amltrain runs cancel "$run"
says "$out" "$run Canceled"
expect 4 amltrain wait "$run"
until_true 5 bash -c "! kill -0 $worker"
expect 0 amltrain runs cancel "$run" --output json
holds "$out" "d['state'] == 'Canceled'"

# wait --timeout gives up with 5; the run goes on. Ctrl-C too, with 130.
start
expect 5 amltrain wait "$run" --timeout 1
is_empty "$out"
says "$err" "amltrain: 1 run has not ended"
fails 5 timed_out amltrain --output json wait "$run" --timeout 1
in_state "$run" Running
for signal in INT TERM; do
  # setsid: a background job of a script ignores SIGINT otherwise
  python3 - "$signal" "$run" >"$out" 2>"$err" <<'PYTHON' || code=$?
import signal, subprocess, sys
name, run = sys.argv[1:]
signal.signal(signal.SIGINT, signal.SIG_DFL)
watcher = subprocess.Popen(["amltrain", "wait", run, "--show-output"], stderr=subprocess.PIPE, text=True)
while "started" not in watcher.stderr.readline():
    pass
watcher.send_signal(getattr(signal, "SIG" + name))
sys.stderr.write(watcher.stderr.read())
sys.exit(watcher.wait(10))
PYTHON
  same "$code" $((128 + $(kill -l $signal)))
  says "$err" "$run goes on"
  in_state "$run" Running
done
expect 0 amltrain runs cancel "$run"

# The job's own time limit: exit code 5.
start --timeout 1
expect 5 amltrain wait "$run"
expect 0 amltrain runs show "$run" --output json
holds "$out" "d['failure']['category'] == 'timed_out'"

# Runs wait for a slot of their compute target; a queued one can be canceled.
expect 0 amltrain compute create one --max-nodes 1
start --compute one
first=$run
queued=$(amltrain submit --quiet --file long.yml --experiment ends --compute one)
in_state "$queued" Queued
fails 6 conflict amltrain compute delete one
expect 0 amltrain runs cancel "$queued"
says "$out" Canceled
expect 0 amltrain runs cancel "$first"
expect 0 amltrain compute delete one

# Files of a run that is not at its end are not handed out as if they were final.
start
fails 6 conflict amltrain download "$run" --to files
fails 6 conflict amltrain register "$run" --name m
expect 0 amltrain runs cancel "$run"
