#!/usr/bin/env bash
# Clients, supervisors, keepers and workers are killed at random times, and nothing that was promised is broken: a sample
# of what scripts/faults/kills does. AMLTRAIN_KILLS asks for more.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
expect 0 "$AMLTRAIN_SOURCE/scripts/faults/kills" --amltrain "$AMLTRAIN" --kills "${AMLTRAIN_KILLS:-200}"
cat "$out"
