#!/usr/bin/env bash
# A script that writes very many metrics: none is lost, and no process needs memory for them.
# AMLTRAIN_METRIC_LINES says how many (10 million in the long form).
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
lines=${AMLTRAIN_METRIC_LINES:-300000}
amltrain workspace init >/dev/null 2>&1
mkdir source
cat >source/run.sh <<'END'
awk -v n="$1" 'BEGIN {
  for (i = 0; i < n; ++i)
    if (i % 2) printf "loss=%.6f step=%d rank=%d\n", 1 / (i + 1), i, i % 4
    else printf "{\"name\": \"loss\", \"value\": %.6f, \"step\": %d, \"rank\": %d}\n", 1 / (i + 1), i, i % 4
}' >>"$AMLTRAIN_METRICS"
END

# Of address space, for the supervisor and every command; the file of metrics takes 60 bytes a line.
limited() { (ulimit -v 131072 && "$@"); }
run=$(limited amltrain submit --quiet --source source --entry run.sh --experiment many -- "$lines")
expect 0 limited amltrain wait "$run"
expect 0 limited amltrain runs show "$run" --output json
holds "$out" "d['metrics'] == {'loss': $(awk -v n="$lines" 'BEGIN { printf "%.6f", 1 / n }')}"

# Every line once, in order.
limited amltrain runs metrics "$run" --output json |
  awk -v n="$lines" -F '"step":' '{ if ($2 + 0 != NR - 1) { print "line " NR ": " $0; exit 1 } } END { if (NR != n) { print NR; exit 1 } }' ||
  fail "metrics are lost or out of order"
# And as soon as they are there: the first line comes long before the last.
same "$(amltrain runs metrics "$run" --format jsonl | head -n 1 | grep -c '"step":0')" 1
