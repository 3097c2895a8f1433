#!/usr/bin/env bash
# workspace verify and workspace gc.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

amltrain workspace init >/dev/null 2>&1
mkdir source && echo 'echo hello > outputs/greeting' >source/train.sh
run=$(amltrain submit --quiet --source source)
amltrain wait "$run" >/dev/null 2>&1

expect 0 amltrain workspace verify
says "$out" 'are as they were written'
expect 0 amltrain workspace verify --output json
holds "$out" 'd["schema"] == "amltrain.workspace-verification/1" and d["ok"] and d["faults"] == [] and d["files"] == 4'

# A changed output is named on standard output, and the exit code says so.
echo jello >".amltrain/runs/$run/outputs/greeting"
expect 2 amltrain workspace verify
same "$(<"$out")" "runs/$run/outputs/greeting: content changed"
says "$err" '1 of the workspace'
expect 2 amltrain workspace verify --output json
holds "$out" '[f["problem"] for f in d["faults"]] == ["content changed"]'
echo hello >".amltrain/runs/$run/outputs/greeting"
expect 0 amltrain workspace verify

# A damaged document is refused by whoever reads it, and nothing is written to its run.
sed -i 's/"state":"Completed"/"state":"Canceled"/' ".amltrain/runs/$run/events.jsonl"
cp ".amltrain/runs/$run/events.jsonl" before
fails 2 bad_input amltrain runs show "$run"
says "$err" 'events.jsonl: line'
cmp -s before ".amltrain/runs/$run/events.jsonl" || fail "a damaged run was written to"
expect 2 amltrain workspace verify
says "$out" "runs/$run/events.jsonl: line"

# Nothing is freed that a run needs; a dry run frees nothing at all.
rm -r ".amltrain/runs/$run"
expect 0 amltrain workspace gc --dry-run
says "$out" 'would free'
expect 0 amltrain workspace gc --dry-run --output json
holds "$out" 'd["dry_run"] and sorted(i["kind"] for i in d["items"]) == ["content", "snapshot"] and d["bytes"] > 0'
expect 0 amltrain workspace gc --output json
holds "$out" 'not d["dry_run"] and len(d["items"]) == 2'
expect 0 amltrain workspace gc
same "$(<"$out")" 'freed 0 B in 0 items'
run=$(amltrain submit --quiet --source source)
expect 0 amltrain wait "$run"
expect 0 amltrain workspace verify

# A few hundred of what scripts/faults/flips does ten thousand times.
"${AMLTRAIN_SOURCE:?the source folder}/scripts/faults/flips" --count 300 --amltrain "$AMLTRAIN" || fail 'damage was not found'
