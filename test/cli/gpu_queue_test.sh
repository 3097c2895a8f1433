#!/usr/bin/env bash
# A GPU that a stranger computes on is not taken. There need not be one: the driver's library is played by one of our own,
# which lists three GPUs, and as the processes on each what its file says.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

command -v c++ >/dev/null || skip "there is no compiler to make the library with"
mkdir driver
cat >driver/nvml.cpp <<'CPP'
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <unistd.h>
struct Memory { unsigned long long total, free, used; };
struct Info { unsigned pid; unsigned long long used; unsigned gpu, compute; };
extern "C" {
int nvmlInit_v2() { return 0; }
int nvmlShutdown() { return 0; }
int nvmlDeviceGetCount_v2(unsigned* count) { return *count = 3, 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  while (std::ifstream(std::string(std::getenv("TEST_GPUS")) + "/hangs")) sleep(1);
  return *device = reinterpret_cast<void*>(index + 1UL), 0;
}
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
trap 'code=$?; kill $stranger; (exit $code); leave' EXIT
used_by() { printf '%s\n' "$2" >"driver/new" && mv driver/new "driver/$1"; }
amltrain workspace init >/dev/null 2>&1
for target in 'all' 'second --gpus 1' 'dealt --max-nodes 2 --gpus 0,1' 'single --max-nodes 3'; do
  # shellcheck disable=SC2086
  amltrain compute create $target >/dev/null 2>&1
done
shell_job gpu.yml 'echo "${CUDA_VISIBLE_DEVICES-all}" > outputs/gpus'
submit() { amltrain submit --quiet --file "${3-gpu.yml}" --compute "$1" --slots "${2-1}"; }
gpus_of() {
  expect 0 amltrain wait "$1" --timeout 60
  cat ".amltrain/runs/$1/outputs/gpus"
}
reason() { amltrain runs show "$1" --output json | python3 -c 'import json, sys; print(json.load(sys.stdin)["reason"])'; }
has_reason() { [[ $(reason "$1") == "$2" ]]; }

# Without strangers: what the target has, dealt out to its slots.
same "$(gpus_of "$(submit all)")" all
same "$(gpus_of "$(submit second)")" 1
same "$(gpus_of "$(submit dealt)")" 0
same "$(gpus_of "$(submit dealt 2)")" 0,1
same "$(gpus_of "$(submit single 2)")" 0,1

# A stranger on one: the others are taken, or another slot.
used_by 0 $stranger
same "$(gpus_of "$(submit all)")" 1,2
same "$(gpus_of "$(submit dealt)")" 1
same "$(gpus_of "$(submit single)")" 1
same "$(gpus_of "$(submit second)")" 1

# On all that it could have: it waits, and says for whom.
used_by 1 $stranger
all=$(submit all)
dealt=$(submit dealt 2)
single=$(submit single 2)
same "$(gpus_of "$all")" 2
until_true 30 has_reason "$dealt" \
  "next; 2 slots of 'dealt' are free, but GPU 0 is used by process $stranger (sleep), GPU 1 is used by process $stranger (sleep)"
until_true 30 has_reason "$single" \
  "next; 2 slots of 'single' are free, but GPU 0 is used by process $stranger (sleep), GPU 1 is used by process $stranger (sleep)"
expect 5 amltrain submit --compute second --file gpu.yml --queue-timeout 1s --stream
says "$out" "but GPU 1 is used by process $stranger (sleep)"
used_by 1 ''
same "$(gpus_of "$single")" 1,2
expect 0 amltrain runs cancel "$dealt"

# A process of a run that holds a slot is no stranger; a process that can't be seen is one where no run could be its own.
shell_job hold.yml 'echo $$ > "$TEST_GPUS/new" && mv "$TEST_GPUS/new" "$TEST_GPUS/1"; echo 999999999 > "$TEST_GPUS/0";
  while [ ! -e "$AMLTRAIN_WORKSPACE/go" ]; do sleep 0.05; done'
amltrain compute create shared --max-nodes 6 >/dev/null 2>&1
holder=$(submit shared 1 hold.yml)
until_true 30 grep -q 999999999 driver/0
same "$(gpus_of "$(submit shared 5)")" all
other=$(submit second)
until_true 30 has_reason "$other" "next; a slot of 'second' is free, but GPU 1 is used by run $holder of 'shared'"
touch go
expect 0 amltrain wait "$holder" --timeout 60
used_by 1 ''
expect 0 amltrain wait "$other" --timeout 60
same "$(gpus_of "$(submit all)")" 1,2

# Who says which devices it uses waits for none, where the target names none.
for gpu in 0 1 2; do used_by $gpu $stranger; done
shell_job own.yml 'echo "${CUDA_VISIBLE_DEVICES-all}" > outputs/gpus'
printf 'environment_variables: {CUDA_VISIBLE_DEVICES: "7"}\n' >>own.yml
same "$(gpus_of "$(submit all 1 own.yml)")" 7
same "$(CUDA_VISIBLE_DEVICES=2 gpus_of "$(CUDA_VISIBLE_DEVICES=2 submit all)")" 2

# Two targets that have the same GPU take it one after the other, though no driver knows of these runs.
for gpu in 0 1 2; do used_by $gpu ''; done
for target in left right; do amltrain compute create $target --gpus 2 >/dev/null 2>&1; done
rm go
shell_job hold.yml 'while [ ! -e "$AMLTRAIN_WORKSPACE/go" ]; do sleep 0.05; done'
holder=$(submit left 1 hold.yml)
until_true 30 in_state "$holder" Running
other=$(submit right)
until_true 30 has_reason "$other" "next; a slot of 'right' is free, but GPU 2 is used by run $holder of 'left'"
same "$(gpus_of "$(submit all)")" 0,1
touch go
same "$(gpus_of "$other")" 2
shell_job seat.yml 'exec 9>"$AMLTRAIN_WORKSPACE/seat"; flock -n 9 && sleep 0.05'
runs=()
for target in left right left right left right; do runs+=("$(submit $target 1 seat.yml)"); done
expect 0 amltrain wait "${runs[@]}" --timeout 120

# A driver that gives no answer: who needs a GPU waits and says so, who needs none goes first, and its record says what is
# not known. It takes a minute, since nobody gives a driver up before half of one.
touch driver/hangs
waiting=$(submit all)
behind=$(submit all 1 own.yml)
expect 0 amltrain wait "$behind" --timeout 120
expect 0 amltrain runs show "$behind" --output json
holds "$out" "d['conditions']['machine']['gpus'] is None and d['conditions']['machine']['cores'] > 0"
[[ $(reason "$waiting") == "waits for an answer of the driver of the GPUs of 'all'"* ]] || fail "$(reason "$waiting")"
rm driver/hangs
same "$(gpus_of "$waiting")" all
