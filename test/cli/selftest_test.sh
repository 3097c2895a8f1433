#!/usr/bin/env bash
# Trainings that are killed at random and at aimed moments and resumed end as those that were left alone.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

expect 0 amltrain selftest resume --kills 50 --configurations bf16,frozen,damaged-files,uneven --output json
holds "$out" "d['kills'] == 50 == sum(d['phases'].values()) == sum(d['configurations'].values())"
holds "$out" "d['differing'] == [] and len(d['configurations']) == 4"
holds "$out" "d['trainings'] == sum(d['chains'].values()) and max(map(int, d['chains'])) > 1"
holds "$out" "d['in_checkpoints'] > 0 and any(p.startswith('val') for p in d['phases'])"
fails 2 bad_input amltrain selftest resume --kills 0
fails 2 bad_input amltrain selftest resume --configurations fp33
says "$err" "fp32"
