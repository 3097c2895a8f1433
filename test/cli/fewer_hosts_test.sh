#!/usr/bin/env bash
# A run that loses hosts and may restart goes on on what is left: on another host of its target, else on fewer; and on
# all again when they are back. The hosts are namespaces of this machine (test/cluster).
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
cluster=$(cd "$(dirname "$0")/../cluster" && pwd)
source "$(dirname "$0")/cli.sh"
# shellcheck source=SCRIPTDIR/ranks.sh
source "$(dirname "$0")/ranks.sh"
command -v mpirun >/dev/null || skip "Open MPI is not installed"
head=f$$ one=g$$ two=i$$ three=j$$
trap 'code=$?; bash "$cluster/hosts_down.sh" "$T/hosts" || true; rm -rf "$T"; exit $code' EXIT
bash "$cluster/hosts_up.sh" "$T/hosts" $head $one $two $three 2>"$err" || { (($? == 77)) && skip "$(<"$err")"; fail "no hosts"; }
on() { "$T/hosts/on" "$@"; }
amltrain() { on $head env PATH="$PATH" "$AMLTRAIN" "$@"; }
link() { on switch ip link set "$1" "$2"; }

small=(--arch resnet18 --weights none --batch-size 2 --workers 1 --image-size 48 --resize-size 56 --learning-rate 0.01
  --seed 3 --threads 1 --log-every 1 --precision fp32)
expect 0 amltrain workspace init
expect 0 amltrain data sample images --train 9 --val 5
printf '%s slots=2\n%s slots=2\n' $one $two >pair
printf '%s slots=2\n%s slots=2\n%s slots=2\n' $one $two $three >three
for name in lab later after; do # the same hosts: three runs at a time on them
  expect 0 amltrain compute create $name --kind mpi --hostfile pair --ssh-config hosts/ssh_config
done
expect 0 amltrain compute create spare --kind mpi --hostfile three --ssh-config hosts/ssh_config

submit() { amltrain submit --quiet --data images "${small[@]}" "$@"; }
restarted() {
  amltrain runs show "$1" --output json >"$out"
  (($(json "$out" "len(d['restarts'])") >= $2))
}
# restarts RUN N TEXT: why it was started the Nth time again.
restarts() {
  until_true 60 restarted "$1" "$2"
  holds "$out" "'restart $2 of' in d['restarts'][$2 - 1]['reason'] and d['restarts'][$2 - 1]['reason'].endswith('$3')"
}
none_left() { ! pgrep -f -- "^$AMLTRAIN (train|rank) .*$T/images" >/dev/null && ! pgrep -f 'sleep 333[.]5' >/dev/null; }
no_daemons() { ! pgrep -f "^orted .*orte_node_regex $head" >/dev/null; }

# What can't be.
fails 2 bad_input amltrain submit --data images --compute lab -j 2x1 --min-nodes 3
expect 0 amltrain submit --data images --compute lab -j 2x1 --max-restarts 1 --dry-run
grep -qE '^Nodes at least +1$' "$out" || fail "a training needs more than one node"

cat >waits.yml <<'YML'
command: |
  echo $$ >"$AMLTRAIN_WORKSPACE/pid.$RANK.$AMLTRAIN_RUN_ID"
  [ "$AMLTRAIN_RESTARTS" = 0 ] || { echo "rank $RANK of $WORLD_SIZE on $(hostname), $AZUREML_NODE_COUNT node"; exit 0; }
  setsid sleep 333.5 & sleep 333.5
resources: {instance_count: 2, min_instance_count: 1}
distribution: {type: mpi, process_count_per_instance: 1}
limits: {max_restarts: 1}
YML

# Three at a time lose a host: scripts that can do with one and that can't, and a training that finds another host.
script=$(amltrain submit --quiet --file waits.yml --compute later)
needs_all=$(amltrain submit --quiet --file waits.yml --compute after --set resources.min_instance_count=2)
for run in "$script" "$needs_all"; do
  for rank in 0 1; do until_true 60 test -s "pid.$rank.$run"; done
done
moved=$(submit --compute spare -j 2x1 --num-epochs 4 --checkpoint-every 1 --max-restarts 1)
until_true 90 has_losses "$moved" 3
link $two down
restarts "$moved" 1 "goes on with 2 of 2 ranks, on hosts $one, $three, without $two"
restarts "$script" 1 "goes on with 1 of 2 ranks, on host $one, without $two"
expect 0 amltrain wait "$script"
says ".amltrain/runs/$script/logs/rank-0.log" "rank 0 of 1 on $one, 1 node"
expect 7 amltrain wait "$needs_all"
restarts "$needs_all" 1 "1 host can be reached, and it needs 2: it tries again"
holds "$out" "d['failure']['cause'] == 'host_unreachable' and 'host $two' in d['failure']['message']"
expect 0 amltrain wait "$moved"
link $two up

# A training without another host goes on on the one that is left, and on both at the next start after that is back.
fewer=$(submit --compute lab -j 2x1 --num-epochs 12 --checkpoint-every 1 --max-restarts 4)
more_losses() { # by which it has not begun from the last checkpoint alone
  local count
  count=$(losses_of "$fewer" | wc -l)
  until_true 90 has_losses "$fewer" $((count + 2))
}
kill_first() { kill -9 "$(of_rank 0 "--num-epochs 12")"; }
until_true 90 has_losses "$fewer" 3
link $two down
restarts "$fewer" 1 "goes on with 1 of 2 ranks, on host $one, without $two"
link $two up
more_losses
kill_first
restarts "$fewer" 2 "goes on with 2 of 2 ranks, on hosts $one, $two"
more_losses
# Then it loses the first host, and the process on the other one.
link $one down
restarts "$fewer" 3 "goes on with 1 of 2 ranks, on host $two, without $one"
more_losses
kill_first
restarts "$fewer" 4 "signal 9 (SIGKILL); goes on with 1 of 2 ranks, on host $two, without $one"
expect 0 amltrain wait "$fewer"
holds ".amltrain/runs/$fewer/logs/rank-0.json" "d['host'] == '$two' and d['restart'] == 4 and d['exit_code'] == 0"
link $one up

# Nothing was lost of what they compute: losses and weights are those of runs that were left alone.
whole=$(submit --compute lab -j 2x1 --num-epochs 12)
expect 0 amltrain wait "$whole"
same "$(losses_of "$fewer")" "$(losses_of "$whole")"
until_true 8 none_left
until_true 8 no_daemons
for host in "$one" "$two" "$three"; do
  [[ -z $(on "$host" ls /dev/shm) ]] || fail "$host has shared memory left"
done
