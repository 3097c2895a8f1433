#!/usr/bin/env bash
# A run that is lost goes on, by itself or in a new run, and ends with the bytes of one that was left alone.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
small=(--arch resnet18 --num-epochs 3 --batch-size 4 --workers 1 --threads 1 --precision fp32 --image-size 33
  --resize-size 36 --log-every 1 --checkpoint-every 2)
amltrain workspace init >/dev/null 2>&1
amltrain data sample images --train 10 --val 4 >/dev/null 2>&1

weights() { sha256sum <"$T/.amltrain/runs/$1/outputs/model.pt"; }
# The metrics without what differs from time to time.
metrics() {
  amltrain runs metrics "$1" --output json | grep -v images_per_second | sed 's/"time":"[^"]*",//'
}
worker_of() {
  python3 - "$T/.amltrain/runs/$1/events.jsonl" <<'PYTHON'
import json, sys
print([e["worker"]["pid"] for e in map(json.loads, open(sys.argv[1])) if "worker" in e][-1])
PYTHON
}
supervisor_of() { ps -o ppid= -p "$1" | tr -d ' '; }
# step RUN N: it has written a checkpoint at step N or later, with tensors.
has_checkpoint() { compgen -G "$T/.amltrain/runs/$1/checkpoints/epoch-*-step-*$2.json" >/dev/null; }

alone=$(amltrain submit --quiet --experiment birds --data images "${small[@]}")
expect 0 amltrain wait "$alone"
expect 0 amltrain runs show "$alone" --output json
holds "$out" "d['restarts'] == [] and d['resumed_from'] is None"
# What is done needs no checkpoints.
until_true 10 test ! -e "$T/.amltrain/runs/$alone/checkpoints"
fails 6 conflict amltrain submit --resume "$alone"

# kill -9 of the worker: it is started again in the same run, and goes on in the middle of an epoch.
run=$(amltrain submit --quiet --experiment birds --data images "${small[@]}" --max-restarts 2)
until_true 60 has_checkpoint "$run" '0*[246789]'
kill -9 "$(worker_of "$run")"
expect 0 amltrain wait "$run"
expect 0 amltrain runs show "$run"
says "$out" "restart 1 of 2: the worker ended with signal 9 (SIGKILL)"
expect 0 amltrain runs show "$run" --output json
holds "$out" "len(d['restarts']) == 1 and d['state'] == 'Completed' and d['failure'] is None"
same "$(weights "$run")" "$(weights "$alone")"
same "$(metrics "$run")" "$(metrics "$alone")"

# kill -9 of the supervisor takes the worker along; a new run goes on, and the old one stays as it is.
run=$(amltrain submit --quiet --experiment birds --data images "${small[@]}" --tag side=left)
until_true 60 has_checkpoint "$run" '0*[246789]'
fails 6 conflict amltrain submit --resume "$run"
says "$err" "goes on"
kill -9 "$(supervisor_of "$(worker_of "$run")")"
expect 7 amltrain wait "$run"
expect 0 amltrain runs show "$run"
says "$out" "amltrain submit --resume $run"
fails 2 bad_input amltrain submit --resume "$run" --momentum 0.5
says "$err" "with --momentum 0.9, not"
fails 2 bad_input amltrain submit --resume "$run" --file job.yml
before=$(metrics "$run")
next=$(amltrain submit --quiet --resume "$run" --momentum 0.9 --workers 0 --checkpoint-every 3)
expect 0 amltrain wait "$next"
expect 0 amltrain runs show "$next" --output json
holds "$out" "d['resumed_from'] == '$run' and d['tags'] == {'side': 'left'} and d['experiment'] == 'birds'"
expect 0 amltrain runs logs "$next"
says "$out" "resumed in epoch"
same "$(weights "$next")" "$(weights "$alone")"
same "$(metrics "$next")" "$(metrics "$alone")"
same "$(metrics "$run")" "$before"

# A canceled run can be gone on with; one of another command, or without a checkpoint, can't.
shell_job other.yml 'exit 1'
other=$(amltrain submit --quiet --file other.yml)
expect 1 amltrain wait "$other"
fails 2 bad_input amltrain submit --resume "$other"
run=$(amltrain submit --quiet --data images "${small[@]}" --arch resnet18 --weights "$T/none.pth" 2>/dev/null || true)
same "$run" ""
fails 3 not_found amltrain submit --resume nothing
# Its threads follow from the machine here, and stay those that it was begun with where others follow by now.
run=$(OMP_NUM_THREADS=1 amltrain submit --quiet --data images "${small[@]:0:8}" "${small[@]:10}" --num-epochs 100)
until_true 60 has_checkpoint "$run" '0*[246789]'
expect 0 amltrain runs cancel "$run"
next=$(OMP_NUM_THREADS=2 amltrain submit --quiet --resume "$run")
until_true 60 grep -q "resumed in epoch" "$T/.amltrain/runs/$next/logs/rank-0.log"
expect 0 amltrain runs cancel "$next"
expect 0 amltrain runs show "$next" --output json
holds "$out" "d['state'] == 'Canceled' and d['restarts'] == []"

# Any command is started again after a signal, and told that it is; not after an answer of its own, not for ever.
shell_job crash.yml 'echo "start $AMLTRAIN_RESTARTS"; test "$AMLTRAIN_RESTARTS" -lt 2 || exit 3; kill -9 $$'
run=$(amltrain submit --quiet --file crash.yml --max-restarts 5)
expect 1 amltrain wait "$run"
expect 0 amltrain runs logs "$run"
same "$(cat "$out")" "$(printf 'start 0\nstart 1\nstart 2')"
expect 0 amltrain runs show "$run" --output json
holds "$out" "len(d['restarts']) == 2 and d['exit_code'] == 3 and d['failure']['code'] == 3"
shell_job always.yml 'kill -9 $$'
run=$(amltrain submit --quiet --file always.yml --max-restarts 1)
expect 1 amltrain wait "$run"
expect 0 amltrain runs show "$run" --output json
holds "$out" "len(d['restarts']) == 1 and d['failure']['signal'] == 9"
