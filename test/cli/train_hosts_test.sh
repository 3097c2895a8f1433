#!/usr/bin/env bash
# The built-in trainer in processes of several hosts: what one process computes, and what becomes of a rank that dies
# or hangs, of a link that is cut, of a host that isn't there. The hosts are namespaces of this machine (test/cluster).
# shellcheck source=SCRIPTDIR/cli.sh
cluster=$(cd "$(dirname "$0")/../cluster" && pwd)
source "$(dirname "$0")/cli.sh"
# shellcheck source=SCRIPTDIR/ranks.sh
source "$(dirname "$0")/ranks.sh"
command -v mpirun >/dev/null || skip "Open MPI is not installed"
head=c$$ one_name=d$$ two_name=e$$
trap 'code=$?; bash "$cluster/hosts_down.sh" "$T/hosts" || true; rm -rf "$T"; exit $code' EXIT
bash "$cluster/hosts_up.sh" "$T/hosts" $head $one_name $two_name 2>"$err" || { (($? == 77)) && skip "$(<"$err")"; fail "no hosts"; }
on() { "$T/hosts/on" "$@"; }
amltrain() { on $head env PATH="$PATH" "$AMLTRAIN" "$@"; }
link() { on switch ip link set "$1" "$2"; }

small=(--arch resnet18 --weights none --num-epochs 2 --batch-size 2 --workers 1 --image-size 48 --resize-size 56
  --learning-rate 0.01 --seed 3 --threads 1 --log-every 1 --precision fp32)
expect 0 amltrain workspace init
expect 0 amltrain data sample images --train 9 --val 5
printf '%s slots=2\n%s slots=2\n' $one_name $two_name >hostfile
for name in lab later after; do # the same hosts: three runs at a time on them
  expect 0 amltrain compute create $name --kind mpi --hostfile hostfile --ssh-config hosts/ssh_config
done

submit() { amltrain submit --quiet --data images "${small[@]}" "$@"; }
# close_losses RUN OTHER PART COUNT: the first COUNT that they measure are the same, but for PART of it.
close_losses() {
  python3 - "$3" <(losses_of "$1" | head -n "$4") <(losses_of "$2" | head -n "$4") <<'PYTHON' || fail "other losses than one process: $(losses_of "$1" | xargs), $(losses_of "$2" | xargs)"
import sys
one, other = ([float(line) for line in open(name)] for name in sys.argv[2:])
sys.exit(not one or len(one) != len(other) or any(abs(a - b) > float(sys.argv[1]) * abs(b) for a, b in zip(one, other)))
PYTHON
}
report_of() { echo ".amltrain/runs/$1/outputs/report.json"; }

two=$(submit --compute lab -j 2x1)
four=$(submit --compute later -j 2x2)
rounded=$(submit --compute after -j 2x1 --grad-dtype bf16)
alone=$(submit --grad-accum 2)
alone_of_four=$(submit --grad-accum 4)
for run in "$two" "$four" "$rounded" "$alone" "$alone_of_four"; do expect 0 amltrain wait "$run"; done

# One rank a host: to the last digit what one process measures that takes two batches a step. Two ranks a host: theirs
# are added first, so sums are rounded elsewhere, which the steps then make more of.
[[ -n $(losses_of "$alone") ]] || fail "no losses"
same "$(losses_of "$two")" "$(losses_of "$alone")"
close_losses "$four" "$alone_of_four" 1e-5 3
close_losses "$four" "$alone_of_four" 0.1 99
close_losses "$rounded" "$alone" 0.01 2
[[ $(losses_of "$rounded") != "$(losses_of "$two")" ]] || fail "nothing was rounded"
holds "$(report_of "$two")" "d['ranks'] == 2 and d['ranks_time']['bytes_sent'] > 44e6 * d['steps']"
holds "$(report_of "$rounded")" "22e6 * d['steps'] < d['ranks_time']['bytes_sent'] < 24e6 * d['steps']"
expect 0 amltrain runs logs "$four" --rank 3
says "$out" "rank 3 of 4; a step is one of 4 x 1 x 2 images"
holds ".amltrain/runs/$four/logs/rank-3.json" "d['host'] == '$two_name'"

none_left() { ! pgrep -f -- "^$AMLTRAIN (train|rank) .*$T/images" >/dev/null; }
no_daemons() { ! pgrep -f "^orted .*orte_node_regex $head" >/dev/null; }
failure_of() { expect 0 amltrain runs show "$1" --output json; }

# Three at a time: a rank is killed, another stands still, and one that stands still while the run may start again.
# Of a rank's first batches nobody knows how long they may take.
killed=$(submit --compute lab -j 2x1 --num-epochs 501)
stopped=$(submit --compute later -j 2x2 --num-epochs 502)
again=$(submit --compute after -j 2x1 --num-epochs 6 --checkpoint-every 1 --max-restarts 1)
for run in "$killed" "$stopped" "$again"; do until_true 60 has_losses "$run" 1; done
# They have met: no port of theirs is open any more, and what let them in is for nobody else to read.
first=$(of_rank 0 "--num-epochs 501")
secret=$(tr '\0' '\n' <"/proc/$first/environ" | sed -n 's/^AMLTRAIN_RENDEZVOUS=//p')
[[ -n $secret ]] || fail "no secret"
! pgrep -f -- "$secret" >/dev/null || fail "the secret is on a command line"
for host in "$one_name" "$two_name"; do
  on "$host" ss -ltnp >listening
  says_not listening amltrain
done
began=$SECONDS
kill -9 "$(of_rank 1 "--num-epochs 501")"
expect 1 amltrain wait "$killed"
((SECONDS - began <= 6)) || fail "the death of a rank was seen after $((SECONDS - began)) s"
failure_of "$killed"
holds "$out" "d['failure']['rank'] == 1 and d['failure']['signal'] == 9"
until_true 60 has_losses "$again" 5
until_true 60 has_losses "$stopped" 5
began=$SECONDS
kill -STOP "$(of_rank 1 "--num-epochs 6")" "$(of_rank 3 "--num-epochs 502")"
whole=$(submit --compute lab -j 2x1 --num-epochs 6) # what the second is to end as
expect 7 amltrain wait "$stopped"
((SECONDS - began <= 20)) || fail "a rank that stands still was seen after $((SECONDS - began)) s"
failure_of "$stopped"
holds "$out" "'rank 3 on host $two_name is stuck' in d['failure']['message']"
expect 0 amltrain wait "$again"
failure_of "$again"
holds "$out" "len(d['restarts']) == 1 and 'rank 1 on host $two_name is stuck' in d['restarts'][0]['reason']"
expect 0 amltrain wait "$whole"
cmp ".amltrain/runs/$whole/outputs/model.pt" ".amltrain/runs/$again/outputs/model.pt" || fail "a restart changed the weights"
until_true 8 none_left

# A cable that is cut while gradients are on their way, and a run that starts when the host is not there.
cut=$(submit --compute lab -j 2x2 --num-epochs 503)
until_true 60 has_losses "$cut" 2
link "$two_name" down
began=$SECONDS
absent=$(submit --compute later -j 2x1)
for run in "$absent" "$cut"; do
  expect 7 amltrain wait "$run"
  failure_of "$run"
  holds "$out" "d['failure']['category'] == 'environment' and d['failure']['cause'] == 'host_unreachable' and 'host $two_name' in d['failure']['message']"
done
((SECONDS - began <= 30)) || fail "it took $((SECONDS - began)) s to miss a host"
until_true 8 none_left
until_true 8 no_daemons
for host in "$one_name" "$two_name"; do
  [[ -z $(on "$host" ls /dev/shm) ]] || fail "$host has shared memory left"
done
link "$two_name" up
