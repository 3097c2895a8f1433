#!/usr/bin/env bash
# A little of what scripts/faults/contention does in its long form.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

expect 0 "${AMLTRAIN_SOURCE:?the source folder}/scripts/faults/contention" --amltrain "$AMLTRAIN" --processes 16 --operations 40
says "$out" 'nothing lost'
