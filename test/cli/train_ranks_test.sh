#!/usr/bin/env bash
# The built-in trainer in several processes: what one process computes, and what becomes of a rank that dies or hangs.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
# shellcheck source=SCRIPTDIR/ranks.sh
source "$(dirname "$0")/ranks.sh"
command -v mpirun >/dev/null || skip "Open MPI is not installed"
small=(--arch resnet18 --weights none --num-epochs 2 --batch-size 2 --workers 1 --image-size 48 --resize-size 56
  --learning-rate 0.01 --seed 3 --threads 1 --log-every 1 --precision fp32)
amltrain workspace init >/dev/null 2>&1
amltrain compute create box --max-nodes 2 >/dev/null 2>&1
amltrain data sample images --train 9 --val 5

# Two ranks measure what one process does that takes two batches a step, to the last digit.
two=$(amltrain submit --quiet --compute box --data images -j 2x1 "${small[@]}")
expect 0 amltrain wait "$two"
one=$(amltrain submit --quiet --compute box --data images "${small[@]}" --grad-accum 2)
expect 0 amltrain wait "$one"
[[ -n $(losses_of "$one") ]] || fail "no losses"
same "$(losses_of "$two")" "$(losses_of "$one")"
holds ".amltrain/runs/$two/outputs/report.json" "d['ranks'] == 2"
expect 0 amltrain runs logs "$two" --rank 1
says "$out" "rank 1 of 2; a step is one of 2 x 1 x 2 images"
expect 0 amltrain register "$two" --name pair
expect 0 amltrain export-onnx pair --to pair.onnx --check

# A training that goes on for long enough to be disturbed; sets `run`, and `pids` of its ranks.
start() {
  run=$(amltrain submit --quiet --compute box --data images --procs-per-node 2 "${small[@]}" --num-epochs 500)
  until_true 60 has_losses "$run" 6 # of its first batches nobody knows how long they may take
  mapfile -t pids < <(of_rank 0 "--num-epochs 500" && of_rank 1 "--num-epochs 500")
  same "${#pids[@]}" 2
}
none_left() { ! kill -0 "${pids[@]}" 2>/dev/null || fail "a rank lives on"; }

start
begun=$SECONDS
kill -9 "${pids[1]}"
expect 1 amltrain wait "$run"
((SECONDS - begun <= 5)) || fail "the death of a rank was seen after $((SECONDS - begun)) s"
expect 0 amltrain runs show "$run" --output json
holds "$out" "d['failure']['rank'] == 1 and d['failure']['signal'] == 9"
none_left

start
begun=$SECONDS
kill -STOP "${pids[1]}"
expect 7 amltrain wait "$run"  # environment: nothing of the training is wrong
((SECONDS - begun <= 20)) || fail "a rank that stands still was seen after $((SECONDS - begun)) s"
expect 0 amltrain runs show "$run" --output json
holds "$out" "'rank 1 is stuck' in d['failure']['message'] and 'it is stopped' in d['failure']['message']"
none_left

start
expect 0 amltrain runs cancel "$run"
none_left
expect 0 amltrain workspace verify
fails 2 bad_input amltrain submit --compute box --data images --nodes 3
fails 2 bad_input amltrain submit --compute box --data images -j 2x1 --freeze backbone --cache-features 1

# A rank that stands still is a loss of this machine's, which a restart makes good: from the last checkpoint.
run=$(amltrain submit --quiet --compute box --data images --procs-per-node 2 --max-restarts 1 "${small[@]}" --num-epochs 6 --checkpoint-every 1)
# Of its first batches nobody knows how long they may take.
has_steps() { (($(grep -c train_loss ".amltrain/runs/$run/metrics.jsonl" 2>/dev/null || true) >= 6)); }
until_true 60 has_steps
kill -STOP "$(of_rank 1 "--num-epochs 6")"
expect 0 amltrain wait "$run"
expect 0 amltrain runs show "$run" --output json
holds "$out" "len(d['restarts']) == 1 and d['state'] == 'Completed'"
whole=$(amltrain submit --quiet --compute box --data images --procs-per-node 2 "${small[@]}" --num-epochs 6)
expect 0 amltrain wait "$whole"
cmp ".amltrain/runs/$whole/outputs/model.pt" ".amltrain/runs/$run/outputs/model.pt" || fail "a restart changed the weights"

# All at once: nobody is left to miss another but who started them.
run=$(amltrain submit --quiet --compute box --data images -j 1x2 --max-restarts 1 "${small[@]}" --num-epochs 6 --checkpoint-every 1 --rank-timeout 3)
until_true 60 has_steps
mapfile -t pids < <(of_rank 0 "--num-epochs 6" && of_rank 1 "--num-epochs 6")
kill -STOP "${pids[@]}"
expect 0 amltrain wait "$run"
expect 0 amltrain runs show "$run" --output json
holds "$out" "len(d['restarts']) == 1 and 'has given no sign for' in d['restarts'][0]['reason']"
cmp ".amltrain/runs/$whole/outputs/model.pt" ".amltrain/runs/$run/outputs/model.pt" || fail "a restart changed the weights"

# One process goes on with what two began: the same steps, so the same losses but for rounding.
run=$(amltrain submit --quiet --compute box --data images --procs-per-node 2 "${small[@]}" --num-epochs 6 --checkpoint-every 1)
until_true 60 has_steps
expect 0 amltrain runs cancel "$run"
resumed=$(amltrain submit --quiet --compute box --resume "$run" -j 1x1)
expect 0 amltrain wait "$resumed"
says <(amltrain runs logs "$resumed") "a step is one of 2 x 1 x 2 images, as when it was begun by 2 ranks"
holds ".amltrain/runs/$resumed/outputs/report.json" "d['ranks'] == 1 and d['batches_per_step'] == 2"
paste <(losses_of "$resumed") <(losses_of "$whole") | awk 'NF != 2 || ($1 - $2) ^ 2 > 1e-8 * $2 ^ 2 { exit 1 }' ||
  fail "one process measured other losses than two"

# --batch-size of each from that of all.
run=$(amltrain submit --quiet --compute box --data images -j 1x2 --num-epochs 1 --global-batch-size 6 --scale-lr linear \
  --weights none --workers 1 --image-size 48 --resize-size 56 --learning-rate 0.01 --threads 1)
expect 0 amltrain wait "$run"
expect 0 amltrain runs logs "$run"
says "$out" "a step is one of 2 x 1 x 3 images"
says "$out" "learning rate: 0.01, times the 2 batches of a step"
fails 2 bad_input amltrain submit --compute box --data images -j 1x2 --global-batch-size 7
