#!/usr/bin/env bash
# A training on a disk that is full ends as a fault of the machine, keeps its last good checkpoint, and goes on
# from it to the same bytes once there is room. The disk is a real one: a small tmpfs in a mount namespace.
if [[ -z ${AMLTRAIN_TEST_NAMESPACE:-} ]]; then
  export AMLTRAIN_TEST_NAMESPACE=1
  for way in -m -rm; do
    unshare "$way" true 2>/dev/null && exec unshare "$way" bash "$0"
  done
  echo "skipped: this kernel lets us mount nothing, not even in a namespace"
  exit 77
fi
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
mkdir disk page
# The disks go before the folder that they lie in.
trap 'code=$?; cd /; umount "$T/disk" "$T/page" 2>/dev/null || true; rm -rf "$T"; exit "$code"' EXIT
mount -t tmpfs -o size=150m none disk 2>/dev/null || skip "this kernel lets us mount nothing, not even in a namespace"

small=(--arch resnet18 --num-epochs 2 --batch-size 4 --workers 1 --threads 1 --precision fp32 --image-size 33
  --resize-size 36 --log-every 1 --freeze backbone)
amltrain data sample images --train 6 --val 2 >/dev/null 2>&1
lasting() { grep -v images_per_second "$1" | sed 's/"time":"[^"]*",//'; }
AMLTRAIN_METRICS=alone.jsonl expect 0 amltrain train --data images "${small[@]}" --output-dir alone

# Checkpoints of 45 MB, and the best weights with them at the end of the epoch: more than fit.
export AMLTRAIN_METRICS=metrics.jsonl
there=(--data images "${small[@]}" --output-dir there --checkpoint-dir disk/checkpoints --checkpoint-every 1)
fails 7 environment amltrain train "${there[@]}" --resume auto
says "$err" "No space left on device"
compgen -G "disk/checkpoints/epoch-000000-step-*.json" >/dev/null || fail "no checkpoint was kept"
[[ ! -e there/model.pt ]] || fail "a model was left by a training that failed"
mount -o remount,size=600m disk
expect 0 amltrain train "${there[@]}" --resume auto
says "$err" "resumed in epoch"
cmp alone/model.pt there/model.pt || fail "it did not end with the same weights"
same "$(lasting metrics.jsonl)" "$(lasting alone.jsonl)"

# Metrics that can't be written end it too.
mount -t tmpfs -o size=4k none page
export AMLTRAIN_METRICS=page/metrics.jsonl
fails 7 environment amltrain train "${there[@]}" --checkpoint-dir disk/again --output-dir again --resume auto
says "$err" "page/metrics.jsonl"
mount -o remount,size=1m page
expect 0 amltrain train "${there[@]}" --checkpoint-dir disk/again --output-dir again --resume auto
cmp alone/model.pt again/model.pt || fail "it did not end with the same weights"
same "$(lasting page/metrics.jsonl)" "$(lasting alone.jsonl)"
