# shellcheck shell=bash
# For tests of the built-in trainer in several processes, after cli.sh: what a run's ranks measured, and which they are.

losses_of() { sed -n 's/.*"name":"train_loss","value":\([^,]*\),.*/\1/p' ".amltrain/runs/$1/metrics.jsonl"; }
# has_losses RUN N: that many at least.
has_losses() { (($(losses_of "$1" 2>/dev/null | wc -l) >= $2)); }

# of_rank RANK OPTION: the process that trains as the rank, in the run with that option.
of_rank() {
  local process
  for process in $(pgrep -f -- "^$AMLTRAIN train --data $T/images .*$2"); do
    ! tr '\0' '\n' <"/proc/$process/environ" | grep -qx "RANK=$1" || echo "$process"
  done
}
