#!/usr/bin/env bash
# Runs of several processes, started by Open MPI: who each is, what it writes, and whose end is the run's.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
command -v mpirun >/dev/null || skip "Open MPI is not installed"
amltrain workspace init >/dev/null 2>&1
amltrain compute create box --max-nodes 2 >/dev/null 2>&1

# Each rank has its variables, its log, and the metrics of the run.
mkdir source
cat >source/train.sh <<'SH'
echo "rank $RANK of $WORLD_SIZE, local $LOCAL_RANK of $LOCAL_WORLD_SIZE, nodes $AZUREML_NODE_COUNT"
[ "$RANK" = "$OMPI_COMM_WORLD_RANK" ] && [ "$WORLD_SIZE" = "$OMPI_COMM_WORLD_SIZE" ] || exit 9
echo "$MASTER_ADDR:$MASTER_PORT" >"outputs/master.$RANK"
amltrain log "seen.$RANK" "$RANK"
SH
run=$(amltrain submit --quiet --source source --entry train.sh --compute box --nodes 2 --procs-per-node 2)
expect 0 amltrain wait "$run"
for rank in 0 1 2 3; do
  expect 0 amltrain runs logs "$run" --rank $rank
  says "$out" "rank $rank of 4, local $rank of 4, nodes 2"
  holds ".amltrain/runs/$run/logs/rank-$rank.json" "d['rank'] == $rank and d['exit_code'] == 0"
done
same "$(sort -u ".amltrain/runs/$run/outputs"/master.* | wc -l)" 1
expect 0 amltrain runs metrics "$run" --output json
for rank in 0 1 2 3; do says "$out" "seen.$rank"; done
expect 3 amltrain runs logs "$run" --rank 4
expect 3 amltrain wait "$run" --show-output --rank 4
says "$err" "no rank 4"
expect 0 amltrain workspace verify
expect 0 amltrain submit --source source --entry train.sh --compute box --nodes 2 --dry-run --output json
holds "$out" "d['resources'] == {'instance_count': 2, 'slots': 2} and d['distribution'] == {'type': 'mpi', 'process_count_per_instance': 1}"

# The rank that fails first is the one to blame, and the others don't live on.
job_of_ranks() {
  cat >"$1" <<YAML
command: |
  $2
compute: azureml:box
distribution: {type: mpi, process_count_per_instance: 3}
YAML
}
job_of_ranks exits.yml 'echo "i am $RANK"; [ "$RANK" = 1 ] && { echo "no more data"; exit 3; }; sleep 321.5'
run=$(amltrain submit --quiet --file exits.yml)
expect 1 amltrain wait "$run"
expect 3 amltrain wait "$run" --propagate-exit
expect 0 amltrain runs show "$run" --output json
holds "$out" "d['state'] == 'Failed' and d['failure']['rank'] == 1 and d['failure']['code'] == 3 and 'no more data' in d['failure']['log'] and d['reason'] == 'rank 1 ended with exit code 3'"
! pgrep -f 'sleep 321[.]5' >/dev/null || fail "a rank lives on"

job_of_ranks killed.yml 'echo $$ >"$AMLTRAIN_WORKSPACE/pid.$RANK"; exec sleep 322.5'
run=$(amltrain submit --quiet --file killed.yml)
until_true 20 test -s pid.2
sleep 0.2
kill -9 "$(<pid.2)"
expect 1 amltrain wait "$run"
expect 0 amltrain runs show "$run" --output json
holds "$out" "d['failure']['rank'] == 2 and d['failure']['signal'] == 9"
! pgrep -f 'sleep 322[.]5' >/dev/null || fail "a rank lives on"

job_of_ranks canceled.yml 'trap "echo asked; exit 0" TERM; echo $$ >"$AMLTRAIN_WORKSPACE/waits.$RANK"; while :; do sleep 0.1; done'
run=$(amltrain submit --quiet --file canceled.yml)
for rank in 0 1 2; do until_true 20 test -s waits.$rank; done
expect 0 amltrain runs cancel "$run"
expect 0 amltrain runs logs "$run" --rank 2
says "$out" asked

# An mpirun that stands still says nothing for ever, also when its ranks are done.
job_of_ranks stopped.yml 'echo $$ >"$AMLTRAIN_WORKSPACE/goes.$RANK"; exec sleep 1'
run=$(amltrain submit --quiet --file stopped.yml)
for rank in 0 1 2; do until_true 20 test -s goes.$rank; done
pkill -STOP -f "^mpirun .*$run"
expect 0 amltrain wait "$run"

job_of_ranks waits.yml 'echo $$ >"$AMLTRAIN_WORKSPACE/stays.$RANK"; exec sleep 323.5'
run=$(amltrain submit --quiet --file waits.yml)
for rank in 0 1 2; do until_true 20 test -s stays.$rank; done
pkill -KILL -f "^mpirun .*$run"
expect 1 amltrain wait "$run"
expect 0 amltrain runs show "$run" --output json
holds "$out" "d['failure']['message'].startswith('mpirun ended with signal 9') and d['failure']['rank'] is None"
rm stays.*
run=$(amltrain submit --quiet --file waits.yml)
for rank in 0 1 2; do until_true 20 test -s stays.$rank; done
pkill -STOP -f "^mpirun .*$run"
expect 7 amltrain wait "$run" --propagate-exit
says "$err" "mpirun is stopped"
! pgrep -f 'sleep 323[.]5' >/dev/null || fail "a rank lives on"

# mpirun's word is not enough: one that gets a signal before it knows its hosts ends with 0, and has started nothing.
mkdir fake
printf '#!/bin/sh\n[ "$1" = --version ] || echo "will not"\n' >fake/mpirun
chmod +x fake/mpirun
run=$(PATH=$T/fake:$PATH amltrain submit --quiet --file waits.yml)
expect 7 amltrain wait "$run"
says "$err" "mpirun ended with exit code 0, and rank 0 did not start"

# What can't be.
fails 2 bad_input amltrain submit --source source --entry train.sh --compute box --nodes 3

fails 2 bad_input amltrain submit --source source --entry train.sh -j 2x
fails 2 bad_input amltrain submit --source source --entry train.sh -j x2
fails 7 environment env PATH=/nowhere "$AMLTRAIN" submit --source source --entry train.sh -j 1x2

# A script for torch.distributed as it is: two ranks measure the losses that one process does.
[[ -n ${AMLTRAIN_REFERENCE_PYTHON:-} ]] || exit 0
PATH=$(dirname "$AMLTRAIN_REFERENCE_PYTHON"):$PATH
for ranks in 1 2; do
  run=$(amltrain submit --quiet --file "$AMLTRAIN_SOURCE/configs/distributed.yml" --set distribution.process_count_per_instance=$ranks)
  expect 0 amltrain wait "$run"
  sed -n 's/^loss=\([^ ]*\).*/\1/p' ".amltrain/runs/$run/metrics.jsonl" >losses.$ranks
done
same "$(wc -l <losses.1)" 20
python3 - losses.1 losses.2 <<'PYTHON' || fail "two ranks measure other losses than one process"
import sys
one, two = ([float(line) for line in open(name)] for name in sys.argv[1:])
sys.exit(len(one) != len(two) or any(abs(a - b) > 1e-6 * max(1, abs(a)) for a, b in zip(one, two)))
PYTHON
