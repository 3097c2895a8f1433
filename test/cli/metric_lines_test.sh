#!/usr/bin/env bash
# What a script writes as its metrics counts in the forms that scripts write, and what does not is said.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
amltrain workspace init >/dev/null 2>&1
mkdir source
cat >source/run.sh <<'EOF'
cat >>"$AMLTRAIN_METRICS" <<'LINES'
epoch 1 of 3
{"name": "loss", "value": NaN, "step": 1}
{"acc": 0.9, "step": 7}
a=1e400 b=2 c=two
LINES
printf 'last=1 step=3.0' >>"$AMLTRAIN_METRICS"
EOF
expect 0 amltrain submit --quiet --source source --entry run.sh
run=$(<"$out")
expect 0 amltrain wait "$run"
said='2 lines written as metrics not understood, or not wholly, the first: epoch 1 of 3'
says "$out" "$said"
expect 0 amltrain runs show "$run"
says "$out" "$said"
expect 0 amltrain runs show "$run" --output json
holds "$out" "d['metrics'] == {'loss': None, 'acc': 0.9, 'a': 'Infinity', 'b': 2, 'last': 1}"
holds "$out" "d['metrics_skipped'] == {'lines': 2, 'first': 'epoch 1 of 3'}"
expect 0 amltrain runs metrics "$run" --format jsonl
same "$(grep -c . "$out")" 5
says "$out" '"name":"last","value":1.0,"step":3'
says "$err" "$said"
# Without a summary (a lost supervisor's run has none) the file tells the same.
rm ".amltrain/runs/$run/summary.json"
expect 0 amltrain runs show "$run" --output json
holds "$out" "d['metrics']['last'] == 1 and d['metrics_skipped']['lines'] == 2"

printf 'a=1\n' >source/lines
echo 'cat lines >>"$AMLTRAIN_METRICS"' >source/run.sh
expect 0 amltrain submit --source source --entry run.sh --stream --output json
holds "$out" "d['metrics'] == {'a': 1} and d['metrics_skipped'] is None"

# The table has a row an epoch, or where none is told a row a step: the last of them, unless all are asked for.
for step in {1..30}; do echo "loss=$((60 / step)) step=$step"; done >source/lines
printf 'acc=0.5 step=30\nseed=7\n' >>source/lines
run=$(amltrain submit --source source --entry run.sh --quiet)
expect 0 amltrain wait "$run"
expect 0 amltrain runs metrics "$run"
same "$(head -n 2 "$out" | tr -s ' ')" $'STEP acc loss seed\n11 5'
same "$(tail -n 2 "$out" | tr -s ' ')" $'30 0.5 2\n- 7'
same "$(wc -l <"$out")" 22
says "$err" 'The last 20 steps; 10 points of earlier ones are left out: see them with --all'
expect 0 amltrain runs metrics "$run" --all
same "$(wc -l <"$out")" 32
is_empty "$err"
sed -i 's/^acc.*/acc=0.5 epoch=1/' source/lines
run=$(amltrain submit --source source --entry run.sh --quiet)
expect 0 amltrain wait "$run"
expect 0 amltrain runs metrics "$run"
same "$(tr -s ' ' <"$out")" $'EPOCH acc loss seed\n1 0.5\n- 2 7'
is_empty "$err"
