#!/usr/bin/env bash
# Halves a loss, step by step: a training script that needs a shell alone.
set -euo pipefail
steps=$1 out=$2
loss=1024
for ((step = 0; step < steps; ++step)); do
  loss=$((loss / 2))
  amltrain log train_loss "$loss" --step "$step"
done
printf '%s of run %s: %s\n' "$NAME" "$AMLTRAIN_RUN_ID" "$loss" >"$out"
