#!/usr/bin/env bash
# Trainings that are killed at random moments and resumed end as those that were left alone.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

expect 0 amltrain selftest resume --kills 8 --output json
holds "$out" "d['kills'] == 8 == sum(d['phases'].values()) and d['trainings'] >= 2 and d['differing'] == []"
fails 2 bad_input amltrain selftest resume --kills 0
