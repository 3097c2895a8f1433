#!/usr/bin/env bash
# Runs on several hosts: what is checked before there are any, who each rank is, and how a run ends when one fails,
# is killed, or can't be reached. The hosts are namespaces of this machine, each with an sshd (test/cluster).
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
cluster=$(cd "$(dirname "$0")/../cluster" && pwd)
source "$(dirname "$0")/cli.sh"
command -v mpirun >/dev/null || skip "Open MPI is not installed"
head=h$$ one=a$$ two=b$$
trap 'code=$?; bash "$cluster/hosts_down.sh" "$T/hosts" || true; rm -rf "$T"; exit $code' EXIT
bash "$cluster/hosts_up.sh" "$T/hosts" $head $one $two 2>"$err" || { (($? == 77)) && skip "$(<"$err")"; fail "no hosts"; }
on() { "$T/hosts/on" "$@"; }
amltrain() { on $head env PATH="$PATH" "$AMLTRAIN" "$@"; }
link() { on switch ip link set "$1" "$2"; }

# none_left TEXT: no process of any host, and none of mpirun's on them, has it.
none_left() { ! pgrep -f -- "$1" >/dev/null; }
no_daemons() { ! pgrep -f "^orted .*orte_node_regex $head" >/dev/null; }
left_nothing() {
  until_true 5 none_left "$1"
  until_true 5 no_daemons
}
job() {
  { echo 'command: |'; sed 's/^/  /'; echo "compute: azureml:lab"; echo "resources: {instance_count: 2}"; } >"$1"
}

expect 0 amltrain workspace init
mkdir work
printf '# the lab\n%s slots=2\n%s slots=2 # the other\n' $one $two >hostfile
create() { amltrain compute create lab --kind mpi --hostfile hostfile --ssh-config hosts/ssh_config "$@"; }

# What a host is refused for. Each says which host and what to do, and no target is made.
on $head ip route add unreachable 10.91.0.3
expect 7 create
says "$err" "host $two can't be reached: "
on $head ip route delete unreachable 10.91.0.3
cp "$AMLTRAIN" other && printf x >>other
on $two mount --bind "$T/other" "$AMLTRAIN"
expect 7 create
says "$err" "host $two has another build"
on $two mount --bind /bin/true "$AMLTRAIN"
expect 7 create
says "$err" "host $two has another build"
on $two sh -c 'umount "$1" && umount "$1"' sh "$AMLTRAIN"
mkdir empty
on $one mount --bind empty .amltrain
on $two mount --bind /bin/false /usr/bin/orted
on $two sh -c 'mount --bind "$1" /usr/bin/orted' sh "$T/hostfile" # which can't be run
fails 7 environment create
says "$err" "host $one does not see this workspace"
says "$err" "host $two has no Open MPI"
on $one umount .amltrain
on $two sh -c 'umount /usr/bin/orted && umount /usr/bin/orted'
fails 2 bad_input amltrain compute create lab --kind mpi
fails 2 bad_input amltrain compute create lab --hostfile hostfile
fails 3 not_found amltrain compute create lab --kind mpi --hostfile nowhere
expect 0 amltrain compute list --output json
says_not "$out" '"lab"'
expect 0 create --output json
holds "$out" "d['kind'] == 'mpi' and d['max_nodes'] == 2 and d['nodes_in_use'] == 0 and [(h['name'], h['slots'], h['address']) for h in d['hosts']] == [('$one', 2, '10.91.0.2'), ('$two', 2, '10.91.0.3')] and d['hosts'][0]['free_bytes'] > 2**30"
expect 0 create
says "$err" "Found existing"
expect 0 amltrain compute show lab
says "$out" "$two (10.91.0.3): 2 processes"
echo $one >fewer
fails 6 conflict amltrain compute create lab --kind mpi --hostfile fewer
[[ -z $(ls .amltrain/tmp) ]] || fail "the checks leave files"

# The same hosts for others: three runs at a time on them.
for name in later after; do
  expect 0 amltrain compute create $name --kind mpi --hostfile hostfile --ssh-config hosts/ssh_config
done

# A script for torch.distributed as it is, in one process: what the hosts are compared with.
distributed() {
  amltrain submit --quiet --file "$AMLTRAIN_SOURCE/configs/distributed.yml" \
    --set distribution.process_count_per_instance=1 "$@"
}
reference=${AMLTRAIN_REFERENCE_PYTHON:-}
if [[ -n $reference ]]; then
  PATH=$(dirname "$reference"):$PATH
  one_process=$(distributed)
fi

# Each rank has its variables, its log and the metrics of the run; a secret's value is on no command line.
mkdir source
cat >source/train.sh <<'SH'
echo "rank $RANK of $WORLD_SIZE on $(hostname), local $LOCAL_RANK of $LOCAL_WORLD_SIZE, node $NODE_RANK of $AZUREML_NODE_COUNT"
echo "at $MASTER_ADDR, $WORD $API_TOKEN"
amltrain log "seen.$RANK" "$RANK"
for _ in $(seq 600); do [ ! -e "$AMLTRAIN_WORKSPACE/go" ] || exit 0; sleep 0.1; done
SH
run=$(amltrain submit --quiet --source source --entry train.sh --compute lab -j 2x2 --env WORD="two words" --env API_TOKEN="sesame-$$")
for rank in 0 1 2 3; do until_true 20 test -s ".amltrain/runs/$run/logs/rank-$rank.log"; done
none_left "sesame-$$" || fail "a secret is on a command line"
expect 0 amltrain compute list
grep -qE '^lab +mpi +2 +2 ' "$out" || fail "its hosts are not in use"
touch go
expect 0 amltrain wait "$run"
says "$err" "hosts $one, $two of 'lab'"
for rank in 0 1 2 3; do
  host=$one && ((rank < 2)) || host=$two
  log=.amltrain/runs/$run/logs/rank-$rank.log
  says "$log" "rank $rank of 4 on $host, local $((rank % 2)) of 2, node $((rank / 2)) of 2"
  says "$log" "at 10.91.0.2, two words sesame-$$"
  holds "${log%.log}.json" "d['host'] == '$host' and d['exit_code'] == 0"
done
expect 0 amltrain runs metrics "$run" --output json
for rank in 0 1 2 3; do says "$out" "seen.$rank"; done

# One process on one host.
run=$(amltrain submit --quiet --source source --entry train.sh --compute lab)
expect 0 amltrain wait "$run"
says ".amltrain/runs/$run/logs/rank-0.log" "rank 0 of 1 on $one"

# Submitted on one of the hosts, which did not make the target: mpirun puts the first rank where it is itself.
run=$(on $two env PATH="$PATH" "$AMLTRAIN" submit --quiet --source source --entry train.sh --compute lab -j 2x1 --env WORD=its)
expect 0 amltrain wait "$run"
says ".amltrain/runs/$run/logs/rank-0.log" "rank 0 of 2 on $two"
says ".amltrain/runs/$run/logs/rank-0.log" "at 10.91.0.3, its"

# The rank that fails first is the one to blame, wherever it is, and nothing lives on, whatever it left its session.
job exits.yml <<'SH'
[ "$RANK" = 1 ] && { sleep 0.5; echo "no more data"; exit 3; }
setsid sleep 331.5 & sleep 331.5
SH
run=$(amltrain submit --quiet --file exits.yml)
expect 1 amltrain wait "$run"
expect 0 amltrain runs show "$run" --output json
holds "$out" "d['state'] == 'Failed' and d['failure']['rank'] == 1 and d['failure']['code'] == 3 and 'no more data' in d['failure']['log']"
left_nothing 'sleep 331[.]5'

job waits.yml <<'SH'
echo $$ >"$AMLTRAIN_WORKSPACE/pid.$RANK.$AMLTRAIN_RUN_ID"
setsid sleep 332.5 & sleep 332.5
SH
start() {
  run=$(amltrain submit --quiet --file waits.yml "$@")
  for rank in 0 1; do until_true 20 test -s "pid.$rank.$run"; done
}
# Of two at once, a command, and the process that mpirun knows as the rank.
start
command=$run
start --compute later
on $two kill -9 "$(<"pid.1.$command")"
on $two pkill -9 -o -f "amltrain rank --run $run"
for run in "$command" "$run"; do
  expect 1 amltrain wait "$run"
  expect 0 amltrain runs show "$run" --output json
  holds "$out" "d['failure']['rank'] == 1 and d['failure']['signal'] == 9"
done
left_nothing 'sleep 332[.]5'

# mpirun's own on a host.
start
on $two pkill -9 orted
expect 7 amltrain wait "$run"
says "$err" "lost its daemon"
left_nothing 'sleep 332[.]5'

start
expect 0 amltrain runs cancel "$run"
in_state "$run" Canceled || fail "it is not canceled"
left_nothing 'sleep 332[.]5'

# A link that goes down: the run ends, and so does what is on the host that was cut off. Of three at a time: one waits,
# of one a rank fails while mpirun has nobody to tell it to, and one starts when the host is not there any more.
job later.yml <<'SH'
echo $$ >"$AMLTRAIN_WORKSPACE/pid.$RANK.$AMLTRAIN_RUN_ID"
[ "$RANK" = 0 ] && { sleep 2; exit 4; }
setsid sleep 332.5 & sleep 332.5
SH
start
cut=$run
later=$(amltrain submit --quiet --file later.yml --compute later)
for rank in 0 1; do until_true 20 test -s "pid.$rank.$later"; done
link $two down
began=$SECONDS
after=$(amltrain submit --quiet --file waits.yml --compute after)
for run in "$after" "$cut" "$later"; do
  expect 7 amltrain wait "$run"
  says "$err" "host $two can't be reached"
  expect 0 amltrain runs show "$run" --output json
  holds "$out" "d['failure']['category'] == 'environment' and d['failure']['cause'] == 'host_unreachable'"
done
((SECONDS - began <= 30)) || fail "it took $((SECONDS - began)) s to miss a host"
left_nothing 'sleep 332[.]5'
link $two up

# What can't be.
fails 2 bad_input amltrain submit --source source --entry train.sh --compute lab --nodes 3
fails 2 bad_input amltrain submit --source source --entry train.sh --compute lab -j 1x3
fails 2 bad_input amltrain submit --source source --entry train.sh --compute lab --slots 2

# Two hosts measure the losses that one process does.
if [[ -n $reference ]]; then
  on_hosts=$(distributed --compute lab --set resources.instance_count=2)
  for run in "$one_process" "$on_hosts"; do
    expect 0 amltrain wait "$run"
    sed -n 's/^loss=\([^ ]*\).*/\1/p' ".amltrain/runs/$run/metrics.jsonl" >"losses.$run"
  done
  same "$(wc -l <"losses.$one_process")" 20
  python3 - "losses.$one_process" "losses.$on_hosts" <<'PYTHON' || fail "two hosts measure other losses than one process"
import sys
one, two = ([float(line) for line in open(name)] for name in sys.argv[1:])
sys.exit(len(one) != len(two) or any(abs(a - b) > 1e-6 * max(1, abs(a)) for a, b in zip(one, two)))
PYTHON
fi
expect 0 amltrain compute delete lab
