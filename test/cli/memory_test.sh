#!/usr/bin/env bash
# A worker that the kernel kills for want of memory is told from one that was killed from outside. The want is real: a
# control group with a limit, where we may make one.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

own=$(sed -n 's/^[0-9]*:memory:\(.*\)/\1/p' /proc/self/cgroup)
group=/sys/fs/cgroup/memory$own/amltrain-test-$$
limit=memory.limit_in_bytes
if [[ -z $own ]]; then
  group=/sys/fs/cgroup$(sed -n 's/^0::\(.*\)/\1/p' /proc/self/cgroup)/amltrain-test-$$
  limit=memory.max
fi
mkdir "$group" 2>/dev/null || skip "no control group can be made here"
trap 'rmdir "$group" 2>/dev/null || true; leave' EXIT
{ echo 200M >"$group/$limit"; } 2>/dev/null || skip "memory can't be limited here"

amltrain workspace init >/dev/null 2>&1
shell_job hungry.yml "echo begun; exec python3 -c 'bytearray(1 << 30); print(1)'"
bash -c 'echo $$ >"$1/cgroup.procs" && exec amltrain submit --quiet --file hungry.yml --experiment memory' - "$group" >run
run=$(cat run)
expect 7 amltrain wait "$run"
expect 0 amltrain runs show "$run" --output json
holds "$out" "d['failure']['cause'] == 'out_of_memory' and d['failure']['category'] == 'environment'"
holds "$out" "'for want of memory' in d['failure']['message'] and d['failure']['signal'] == 9"

# The same signal from outside is not taken for it.
# shellcheck disable=SC2016
shell_job killed.yml 'kill -KILL $$'
expect 1 amltrain submit --file killed.yml --stream --output json
holds "$out" "d['failure']['cause'] == 'killed' and d['failure']['signal'] == 9"
until_true 10 rmdir "$group"
