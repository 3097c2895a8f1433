#!/usr/bin/env bash
# Many runs, few slots: order, priorities, runs that come after others, limits; and nobody waits for the dead.
# AMLTRAIN_QUEUE_RUNS: runs submitted at once, a multiple of 8; default: 64
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

amltrain workspace init >/dev/null 2>&1
amltrain compute create four --max-nodes 4 >/dev/null 2>&1
amltrain compute create one >/dev/null 2>&1
field() { amltrain runs show "$1" --output json | python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$2"; }
is_running() { in_state "$1" Running; }

# Many at once, from 8 shells. Each counts itself while it runs.
count=${AMLTRAIN_QUEUE_RUNS:-64}
mkdir running
shell_job job.yml 'mkdir "$AMLTRAIN_WORKSPACE/running/$AMLTRAIN_RUN_ID";
  ls "$AMLTRAIN_WORKSPACE/running" | wc -l > outputs/at_once; rmdir "$AMLTRAIN_WORKSPACE/running/$AMLTRAIN_RUN_ID"'
for shell in 1 2 3 4 5 6 7 8; do
  for ((i = 0; i < count / 8; ++i)); do amltrain submit --quiet --compute four --file job.yml || echo failed; done >"ids.$shell" &
done
wait
cat ids.* >ids
same "$(sort -u ids | grep -c '^[a-z]')" "$count"
says_not ids failed
mapfile -t ids <ids
expect 0 amltrain wait "${ids[@]}" --timeout 300 --output json
same "$(grep -c '"state":"Completed"' "$out")" "$count"

# By their own records: no slot was used by two at a time, none started before one that had queued before it.
python3 - ids <<'PYTHON'
import json, re, sys
runs = []
for run in open(sys.argv[1]).read().split():
    events = [json.loads(line) for line in open(f".amltrain/runs/{run}/events.jsonl")]
    at = {}
    for event in events: at.setdefault(event["state"], event)
    slot = int(re.match(r"slot (\d+) of 'four'$", at["Running"]["reason"]).group(1))
    runs.append((run, at["Queued"]["time"], at["Preparing"]["time"], at["Completed"]["time"], slot))
    at_once = int(open(f".amltrain/runs/{run}/outputs/at_once").read())
    if not 1 <= at_once <= 4: sys.exit(f"{at_once} runs at once in 4 slots")
for slot in range(4):
    used = sorted((got, done, run) for run, _, got, done, which in runs if which == slot)
    if not used: sys.exit(f"slot {slot} was never used")
    for (_, done, run), (got, _, other) in zip(used, used[1:]):
        if got < done: sys.exit(f"slot {slot}: {other} had it at {got}, and {run} until {done}")
# Numbers are given before Queued is recorded and slots before Preparing is, so a pair of neighbours may have its times
# the other way round by the few milliseconds between; of two that queued 100 ms apart the first starts first.
from datetime import datetime
def seconds(text): return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
order = [(seconds(queued), seconds(got), run) for run, queued, got, _, _ in runs]
for queued, got, run in order:
    for other_queued, other_got, other in order:
        if queued + 0.1 < other_queued and got > other_got + 0.1: sys.exit(f"{run} queued before {other} and started after it")
print(f"{len(runs)} runs in {max(seconds(r[3]) for r in runs) - min(seconds(r[1]) for r in runs):.1f} s")
PYTHON

# Place and reason while they wait; the first in line gets what a killed run held.
shell_job hold.yml 'while [ ! -e "$AMLTRAIN_WORKSPACE/go" ]; do sleep 0.05; done; echo "$AMLTRAIN_RUN_ID" >> "$AMLTRAIN_WORKSPACE/order"'
shell_job note.yml 'echo "$AMLTRAIN_RUN_ID" >> "$AMLTRAIN_WORKSPACE/order"'
submit() { amltrain submit --quiet --compute one --file "$@"; }
holder=$(submit hold.yml)
until_true 30 is_running "$holder"
first=$(submit note.yml)
second=$(submit note.yml)
low=$(submit note.yml --priority 10)
high=$(submit note.yml --priority 90)
same "$(field "$high" queue_position)" 1
same "$(field "$high" reason)" "next, when the slot of 'one' is free, held by $holder"
same "$(field "$second" queue_position)" 3
same "$(field "$second" reason)" "2 runs are ahead of it in the queue of 'one'"
same "$(field "$low" queue_position)" 4
same "$(field "$holder" queue_position)" None
expect 0 amltrain runs list --state Queued
says "$out" "QUEUE"
says "$out" "2: 1 run is ahead of it in the queue of 'one'"
expect 0 amltrain runs list --output json
holds "$out" "sorted(r['queue_position'] for r in d['items'] if r['queue_position']) == [1, 2, 3, 4]"
expect 0 amltrain runs show "$second"
says "$out" "In the queue"
kill -KILL "$(python3 -c 'import json, sys; print(next(e["supervisor"]["pid"] for e in map(json.loads, open(sys.argv[1])) if "supervisor" in e))' \
  ".amltrain/runs/$holder/events.jsonl")"
expect 0 amltrain wait "$high" "$first" "$second" "$low" --timeout 60
same "$(cat order)" "$high
$first
$second
$low"

# After another: its success, or any end; with the place of its submission.
before=$(submit hold.yml)
until_true 30 is_running "$before"
after=$(submit note.yml --after "$before")
chained=$(submit note.yml --after "$after:any" --after "${before%?}")
doomed=$(amltrain submit --quiet --compute four --file note.yml --after "$(submit hold.yml --priority 0)")
later=$(submit note.yml)
same "$(field "$after" reason)" "waits for the success of run $before, which is Running"
same "$(field "$after" queue_position)" None
expect 0 amltrain submit --file note.yml --after "$before:any" --priority 7 --queue-timeout 3s --dry-run --output json
holds "$out" "d['queue_settings'] == {'priority': 7, 'after': ['$before:any']} and d['limits'] == {'queue_timeout': 3}"
fails 3 not_found amltrain submit --file note.yml --after nothing
fails 2 bad_input amltrain submit --file note.yml --after "$before:ever"
fails 2 bad_input amltrain submit --file note.yml --priority 101
: >order
touch go
expect 0 amltrain wait "$before" "$after" "$chained" "$later" "$doomed" --timeout 60
same "$(grep -nxF -e "$before" -e "$after" -e "$chained" order | cut -d: -f2)" "$before
$after
$chained"
rm go

# What did not end as it must takes those that wait for it along, with the reason; the others go on.
shell_job fail.yml 'exit 3'
bad=$(submit hold.yml)
until_true 30 is_running "$bad"
any=$(submit note.yml --after "$bad:any")
success=$(submit note.yml --after "$bad")
next=$(submit note.yml --after "$success")
amltrain runs cancel "$bad" >/dev/null 2>&1
expect 4 amltrain wait "$success" --timeout 60
says "$out" "run $bad, for whose success it waited, is Canceled"
expect 4 amltrain wait "$next" --timeout 60
says "$out" "run $success, for whose success it waited, is Canceled"
expect 0 amltrain wait "$any" --timeout 60
bad=$(submit fail.yml)
expect 1 amltrain wait "$bad"
expect 4 amltrain submit --compute one --file note.yml --after "$bad" --stream
says "$out" "is Failed: "

# Limits in the queue.
holder=$(submit hold.yml)
until_true 30 is_running "$holder"
expect 5 amltrain submit --compute one --file note.yml --queue-timeout 1s --stream --output json
holds "$out" "d['state'] == 'Failed' and d['failure']['category'] == 'timed_out' and d['failure']['stage'] == 'Queued'"
holds "$out" "'held by $holder' in d['reason'] and d['started_at'] is None"
expect 5 amltrain submit --compute one --file note.yml --queue-timeout 1s --after "$holder" --stream
says "$out" "waits for the success of run $holder"

# A queued run can be canceled, and nothing is left of it.
waits=$(submit note.yml)
expect 0 amltrain runs cancel "$waits"
touch go
expect 0 amltrain wait "$holder" --timeout 60
same "$(find .amltrain/leases/one -name 'place-*' -o -name 'number-*' | wc -l)" 0

# A GPU that a stranger computes on is not taken. There need not be one: the driver's library is played by one of our own,
# which lists two, and as the processes on each what its file says.
command -v c++ >/dev/null || exit 0
mkdir driver
cat >driver/nvml.cpp <<'CPP'
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
struct Memory { unsigned long long total, free, used; };
struct Info { unsigned pid; unsigned long long used; unsigned gpu, compute; };
extern "C" {
int nvmlInit_v2() { return 0; }
int nvmlShutdown() { return 0; }
int nvmlDeviceGetCount_v2(unsigned* count) { return *count = 2, 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) { return *device = reinterpret_cast<void*>(index + 1UL), 0; }
int nvmlDeviceGetName(void*, char* name, unsigned) { return std::strcpy(name, "Test GPU"), 0; }
int nvmlDeviceGetMemoryInfo(void*, Memory* memory) { return *memory = {1UL << 34, 0, 0}, 0; }
int nvmlDeviceGetComputeRunningProcesses_v3(void* device, unsigned* count, Info* infos) {
  const auto index = reinterpret_cast<unsigned long>(device) - 1;
  std::ifstream file(std::string(std::getenv("TEST_GPUS")) + "/" + std::to_string(index));
  unsigned found = 0;
  for (unsigned pid; file >> pid; ++found) infos[found] = {pid, 1, ~0U, ~0U};
  return *count = found, 0;
}
}
CPP
c++ -shared -fPIC -o driver/libnvidia-ml.so.1 driver/nvml.cpp
export LD_LIBRARY_PATH=$T/driver TEST_GPUS=$T/driver
sleep 1000 &
stranger=$!
amltrain compute create gpus >/dev/null 2>&1
amltrain compute create second --gpus 1 >/dev/null 2>&1
shell_job gpu.yml 'echo "gpus=${CUDA_VISIBLE_DEVICES-all}" > outputs/gpus'
gpus_of() { cat ".amltrain/runs/$1/outputs/gpus"; }
run=$(amltrain submit --quiet --compute gpus --file gpu.yml)
expect 0 amltrain wait "$run" --timeout 60
same "$(gpus_of "$run")" "gpus=all"
echo "$stranger" >driver/0
run=$(amltrain submit --quiet --compute gpus --file gpu.yml)
expect 0 amltrain wait "$run" --timeout 60
same "$(gpus_of "$run")" "gpus=1"
echo "$stranger" >driver/1
both=$(amltrain submit --quiet --compute gpus --file gpu.yml)
named=$(amltrain submit --quiet --compute second --file gpu.yml)
same "$(field "$both" reason)" \
  "next; a slot of 'gpus' is free, but GPU 0 is used by process $stranger (sleep), GPU 1 is used by process $stranger (sleep)"
same "$(field "$named" reason)" "next; a slot of 'second' is free, but GPU 1 is used by process $stranger (sleep)"
: >driver/1
expect 0 amltrain wait "$both" "$named" --timeout 60
same "$(gpus_of "$both") $(gpus_of "$named")" "gpus=1 gpus=1"
kill "$stranger"
