#!/usr/bin/env bash
# Runs as jobs of a real Slurm, on nodes that are namespaces of this machine (test/cluster): its queue, cancel, time limits,
# requeue and node failure, a controller that is gone for a while, and submitters that are killed.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
cluster=$(cd "$(dirname "$0")/../cluster" && pwd)
source "$(dirname "$0")/cli.sh"
command -v mpirun >/dev/null || skip "Open MPI is not installed"
head=h$$ one=a$$ two=b$$
trap 'code=$?; bash "$cluster/slurm_down.sh" "$T/hosts" || true; rm -rf "$T"; exit $code' EXIT
for script in hosts_up slurm_up; do
  bash "$cluster/$script.sh" "$T/hosts" $head $one $two 2>"$err" || { (($? == 77)) && skip "$(<"$err")"; fail "no cluster"; }
done
on() { "$T/hosts/on" "$@"; }
amltrain() { on $head env PATH="$PATH" "$AMLTRAIN" "$@"; }
controller() { on $head sh -c 'test -s /run/slurmctld.pid && kill -0 "$(cat /run/slurmctld.pid)"' 2>/dev/null; }
answers() { on $head squeue >/dev/null 2>&1; }
reason() { amltrain runs show "$1" --output json | python3 -c 'import json, sys; print(json.load(sys.stdin)["reason"])'; }
waits_for() { [[ $(reason "$1") == *"$2"* ]]; }
job_of() { amltrain runs show "$1" --output json | python3 -c 'import json, sys; print(json.load(sys.stdin)["slurm"]["job"])'; }
none_left() { ! pgrep -f -- "$1" >/dev/null; }
took() { echo "$SECONDS s: $*"; }
script() { # script FILE NODES [COMPUTE] <COMMANDS
  { echo 'command: |'; sed 's/^/  /'; echo "compute: azureml:${3:-cluster}"; echo "resources: {instance_count: $2}"; } >"$1"
}

expect 0 amltrain workspace init
create() { amltrain compute create cluster --kind slurm "$@"; }

# What a target is refused for.
fails 2 bad_input create
fails 2 bad_input create --partition nowhere
says "$err" "it has main, urgent, closed"
fails 7 environment create --partition closed
fails 2 bad_input create --partition main --max-nodes 2
fails 2 bad_input create --partition main --gpus 0
fails 2 bad_input create --partition main --sbatch-arg=--job-name=x
fails 2 bad_input create --partition main --sbatch-arg=gpu
fails 2 bad_input amltrain compute create here --partition main
expect 7 env PATH=/nowhere "$AMLTRAIN" compute create cluster --kind slurm --partition main
expect 0 create --partition main --output json
holds "$out" "d['kind'] == 'slurm' and d['max_nodes'] == 2 and d['slurm'] == {'cluster': 'lab', 'partition': 'main', 'account': None, 'qos': None, 'arguments': []}"
expect 0 create
says "$err" "Found existing"
fails 6 conflict create --partition closed
expect 0 amltrain compute show cluster
says "$out" "Partition"
expect 0 amltrain compute create short --kind slurm --partition main --sbatch-arg=--time=1
expect 0 amltrain compute create killed --kind slurm --partition main --sbatch-arg=--comment=x --sbatch-arg=--overcommit
expect 0 amltrain compute create urgent --kind slurm --partition urgent
expect 0 amltrain compute create box

# Several ranks on two nodes: each with its variables, its log, and a secret that is on no command line.
mkdir source
cat >source/train.sh <<'E'
echo "rank $RANK of $WORLD_SIZE on $(hostname), local $LOCAL_RANK of $LOCAL_WORLD_SIZE, node $NODE_RANK of $AZUREML_NODE_COUNT"
echo "at $MASTER_ADDR, $WORD $API_TOKEN, ${SLURM_JOB_ID:+in a job}"
amltrain log "seen.$RANK" "$RANK"
for _ in $(seq 600); do [ ! -e "$AMLTRAIN_WORKSPACE/go" ] || exit 0; sleep 0.1; done
E
run=$(amltrain submit --quiet --source source --entry train.sh --compute cluster -j 2x2 --env WORD="two words" --env API_TOKEN="sesame-$$")
for rank in 0 1 2 3; do until_true 30 test -s ".amltrain/runs/$run/logs/rank-$rank.log"; done
none_left "sesame-$$" || fail "a secret is on a command line"
! grep -rq "sesame-$$" .amltrain/runs/"$run"/{run.json,slurm.sh,events.jsonl} || fail "a secret is in a record"

# The next one waits for the nodes, and says so in Slurm's words; one after it for its success.
script waits.yml 1 <<'E'
trap 'echo asked to end; exit 0' TERM
echo started; sleep 333.5 & wait
E
second=$(amltrain submit --quiet --file waits.yml)
third=$(amltrain submit --quiet --file waits.yml --after "$second" --priority 25)
until_true 10 waits_for "$second" "Slurm job $(job_of "$second"): Resources"
until_true 10 waits_for "$third" "Dependency"
expect 0 amltrain runs list
says "$out" "Slurm job $(job_of "$second"): Resources"

# Under sudo the user's jobs are asked for, not root's, of which none is the run's.
chmod 711 "$T" && mkdir other && chown 65534:65534 other
theirs() { (cd other && on $head setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$T/other" PATH="$PATH" "$AMLTRAIN" "$@"); }
if theirs workspace init >/dev/null 2>&1; then
  expect 0 theirs compute create cluster --kind slurm --partition main
  cp waits.yml other/job.yml
  waiting=$(theirs submit --quiet --file job.yml)
  expect 0 on $head env PATH="$PATH" SUDO_UID=65534 AMLTRAIN_WORKSPACE="$T/other" "$AMLTRAIN" runs show "$waiting" --output json
  holds "$out" "d['state'] == 'Queued'"
  expect 0 theirs runs cancel "$waiting"
else
  echo "not tried under sudo: the program or the test's folder is in one of root's alone"
fi
expect 0 amltrain runs list --state Queued --output json
holds "$out" "len(d['items']) == 2 and all(r['state'] == 'Queued' and r['queue_position'] is None for r in d['items'])"
on $head scontrol show job "$(job_of "$third")" --oneliner >"$out"
says "$out" "Nice=2500"
touch go
expect 0 amltrain wait "$run"
says "$err" "Slurm job $(job_of "$run") on $one, $two"
for rank in 0 1 2 3; do
  host=$one && ((rank < 2)) || host=$two
  log=.amltrain/runs/$run/logs/rank-$rank.log
  says "$log" "rank $rank of 4 on $host, local $((rank % 2)) of 2, node $((rank / 2)) of 2"
  says "$log" "at $one, two words sesame-$$, in a job"
  holds "${log%.log}.json" "d['host'] == '$host' and d['exit_code'] == 0"
done
expect 0 amltrain runs metrics "$run" --output json
for rank in 0 1 2 3; do says "$out" "seen.$rank"; done
took "a run on two nodes, a queue"

# Cancel: of one that runs, which has time to end, and of one that waits, which then never starts.
until_true 20 grep -q started ".amltrain/runs/$second/logs/rank-0.log"
expect 0 amltrain runs cancel "$third"
same "$(cat "$out")" "$third Canceled"
[[ ! -e .amltrain/runs/$third/logs/rank-0.log ]] || fail "it has started"
expect 0 amltrain runs cancel "$second"
same "$(cat "$out")" "$second Canceled"
says ".amltrain/runs/$second/logs/rank-0.log" "asked to end"
none_left 'sleep 333[.]5' || fail "something of it lives on"
expect 0 amltrain runs show "$second" --output json
holds "$out" "d['reason'] == 'canceled on request' and d['slurm']['cluster'] == 'lab'"

# A partition that goes before takes its node: it is requeued, though its worker looks done.
preempted=$(amltrain submit --quiet --file waits.yml)
until_true 20 grep -q started ".amltrain/runs/$preempted/logs/rank-0.log"
urgent=$(amltrain submit --quiet --file waits.yml --compute urgent -j 2x2)
until_true 20 waits_for "$preempted" BeginTime
until_true 20 test -s ".amltrain/runs/$urgent/logs/rank-3.log"
expect 0 amltrain runs cancel "$preempted" "$urgent"
for run in "$preempted" "$urgent"; do in_state "$run" Canceled || fail "$run is $(state "$run")"; done

took "cancels, preemption"

# Limits of time: the run's own, and that of its job, of which Slurm tells half a minute before. Meanwhile the rest.
script limit.yml 1 <<'E'
sleep 334.5
E
own=$(amltrain submit --quiet --file limit.yml --timeout 2s)
script limit.yml 1 short <<'E'
trap 'echo saved; exit 0' TERM
echo started; sleep 334.5 & wait
E
# Slurm looks every half minute: it may tell before the worker has started.
for _ in 1 2 3; do
  slurms=$(amltrain submit --quiet --file limit.yml) log=.amltrain/runs/$slurms/logs/rank-0.log
  until_true 20 eval '[[ -s $log ]] || in_state $slurms Failed'
  [[ ! -s $log ]] || break
done
expect 5 amltrain wait "$own"
says "$err" "time limit of 2"

# What another does to its job, and what befalls its supervisor.
script waits.yml 1 <<'E'
trap 'exit 0' TERM # it looks done, and is not
echo started; sleep 335.5 & wait
E
start() {
  run=$(amltrain submit --quiet --file waits.yml)
  until_true 20 test -s ".amltrain/runs/$run/logs/rank-0.log"
}
start
on $head scancel "$(job_of "$run")"
expect 4 amltrain wait "$run"
waits_for "$run" "Slurm job $(job_of "$run") was canceled" || fail "$(reason "$run")"
start
pkill -9 -f "supervise --workspace $T --run $run --in-slurm"
expect 7 amltrain wait "$run"
expect 0 amltrain runs show "$run" --output json
holds "$out" "d['failure']['cause'] == 'supervisor_lost' and 'Slurm job' in d['reason']"
script fails.yml 1 <<'E'
echo "no more data"; exit 3
E
run=$(amltrain submit --quiet --file fails.yml)
expect 1 amltrain wait "$run"
expect 0 amltrain runs show "$run" --output json
holds "$out" "d['failure']['code'] == 3 and 'no more data' in d['failure']['log']"
on $head scontrol show job "$(job_of "$run")" --oneliner >"$out"
says "$out" "JobState=FAILED"
fails 6 conflict amltrain submit --file waits.yml --after "$run"
until_true 10 none_left 'sleep 335[.]5'
took "ends of all kinds"

# Submitters that are killed, at whatever moment: the run is Completed, or never began.
script marks.yml 1 killed <<'E'
touch "$AMLTRAIN_WORKSPACE/ran.$AMLTRAIN_RUN_ID"
E
for ((attempt = 1; attempt <= ${AMLTRAIN_SLURM_KILLS:-12}; ++attempt)); do
  amltrain submit --quiet --file marks.yml --tag killed="$$.$attempt" >/dev/null 2>&1 &
  sleep "0.$(printf %03d $((RANDOM % 220)))"
  pkill -9 -f "submit --quiet --file marks.yml --tag killed=$$[.]$attempt\$" || true
  wait $! || true
done
amltrain runs list --compute killed --output json >"$out"
killed=$(json "$out" "' '.join(r['id'] for r in d['items'])")
completed=0 never=0
for run in $killed; do
  code=0
  amltrain wait "$run" --timeout 40s >"$out" 2>"$err" || code=$?
  if ((code == 0)); then
    [[ -e ran.$run ]] || fail "$run is Completed and did not run"
    ((++completed))
  else
    same $code 7
    says "$err" "never was a job of Slurm"
    [[ ! -e ran.$run ]] || fail "$run ran and is said not to have"
    ((++never))
  fi
done
took "submitters killed: $completed runs went on, $never were never submitted"

# The limit of Slurm, met by now.
expect 5 amltrain wait "$slurms"
says "$err" "time limit of 1 min"
says ".amltrain/runs/$slurms/logs/rank-0.log" saved
took "Slurm's time limit"

# A controller that is gone: what is known stays so and that nobody answers is said; a run goes on, and ends.
script ends.yml 1 <<'E'
echo started; while [ ! -e "$AMLTRAIN_WORKSPACE/end" ]; do sleep 0.1; done
E
run=$(amltrain submit --quiet --file ends.yml)
until_true 20 test -s ".amltrain/runs/$run/logs/rank-0.log"
script waits.yml 1 <<'E'
true
E
second=$(amltrain submit --quiet --file waits.yml -j 2x2)
until_true 10 waits_for "$second" Resources
on $head sh -c 'kill "$(cat /run/slurmctld.pid)"'
until_true 10 eval '! controller'
expect 0 amltrain runs show "$second" --output json
holds "$out" "d['state'] == 'Queued' and \"Slurm can't be asked\" in d['reason']"
in_state "$run" Running || fail "it is $(state "$run")"
expect 7 amltrain submit --file marks.yml # once: each time it takes Slurm eight seconds to give up
says "$err" "Slurm does not take it"
touch end
expect 0 amltrain wait "$run"
"$T/hosts/slurm_daemon" $head slurmctld
until_true 20 answers
expect 0 amltrain wait "$second" --timeout 60s
took "a controller that is gone"

# The built-in trainer: left alone, requeued, and on a node whose power is cut, it ends with the same bytes.
amltrain data sample images --train 10 --val 4 >/dev/null 2>&1
train() { # [OPTION]...
  amltrain submit --quiet --data images --compute cluster --arch resnet18 --num-epochs 3 --batch-size 4 --workers 1 --threads 1 \
    --precision fp32 --image-size 33 --resize-size 36 --log-every 1 --checkpoint-every 2 "$@"
}
weights() { sha256sum <"$T/.amltrain/runs/$1/outputs/model.pt"; }
has_checkpoint() { compgen -G "$T/.amltrain/runs/$1/checkpoints/epoch-*-step-*[246789].json" >/dev/null; }
host_of() {
  python3 -c 'import json, sys; print([e["host"] for e in map(json.loads, open(sys.argv[1])) if "host" in e][-1])' \
    "$T/.amltrain/runs/$1/events.jsonl"
}
alone=$(train --tag whose=its)
expect 0 amltrain wait "$alone"
both=$(train -j 1x2 --num-epochs 1) # two of its processes on a node, and one each on two
expect 0 amltrain wait "$both"
apart=$(train -j 2x1 --num-epochs 1)
expect 0 amltrain wait "$apart"
losses_of() { sed -n 's/.*"name":"train_loss","value":\([^,]*\),.*/\1/p' "$T/.amltrain/runs/$1/metrics.jsonl"; }
[[ -n $(losses_of "$both") ]] || fail "no losses"
same "$(losses_of "$apart")" "$(losses_of "$both")"
requeued=$(train)
until_true 60 has_checkpoint "$requeued"
on $head scontrol requeue "$(job_of "$requeued")"
# Slurm lets a requeued job wait for two minutes; its owner need not.
start_again() {
  until_true 60 in_state "$1" Queued
  waits_for "$1" "Slurm job $(job_of "$1"): BeginTime" || fail "$(reason "$1")"
  on $head scontrol update JobId="$(job_of "$1")" StartTime=now
}
start_again "$requeued"
expect 0 amltrain wait "$requeued"
failed=$(train)
until_true 60 has_checkpoint "$failed"
host=$(host_of "$failed")
kill -9 "$(<"$T/hosts/$host/pid")"
began=$SECONDS
start_again "$failed"
echo "Slurm took $((SECONDS - began)) s to miss the node"
expect 0 amltrain wait "$failed"
for run in "$requeued" "$failed"; do
  expect 0 amltrain runs show "$run" --output json
  holds "$out" "len(d['restarts']) == 1 and 'requeued by Slurm' in d['restarts'][0]['reason'] and d['failure'] is None"
  expect 0 amltrain runs logs "$run"
  says "$out" "resumed in epoch"
  same "$(weights "$run")" "$(weights "$alone")"
done
[[ $(host_of "$failed") != "$host" ]] || fail "it is on the node that is gone"
took "trainings"

# What can't be.
fails 2 bad_input amltrain submit --source source --entry train.sh --compute cluster --slots 2
fails 2 bad_input amltrain submit --source source --entry train.sh --compute cluster --priority 60
fails 2 bad_input amltrain submit --source source --entry train.sh --compute cluster --queue-timeout 1h
shell_job long.yml 'exec sleep 336.5'
run=$(amltrain submit --quiet --file long.yml --compute box)
fails 2 bad_input amltrain submit --source source --entry train.sh --compute cluster --after "$run:any"
says "$err" "another compute target"
expect 0 amltrain runs cancel "$run"
expect 0 amltrain compute delete cluster
