#!/usr/bin/env bash
# The engine, and LibTorch with it, is loaded by the commands that compute, and by no other.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
amltrain workspace init >/dev/null 2>&1
shell_job job.yml true
run=$(amltrain submit --quiet --file job.yml)

loads_torch() {
  LD_DEBUG=files "$@" >/dev/null 2>loaded
  grep -q libtorch_cpu loaded
}
loads_torch amltrain describe || fail "describe does not load LibTorch: this test sees nothing"
for command in "--version" "--help" "workspace show" "runs list" "wait $run" "runs show $run" "models list" \
  "compute list" "data list" "submit --file job.yml --dry-run"; do
  # shellcheck disable=SC2086
  ! loads_torch amltrain $command || fail "'$command' loads LibTorch"
done
! ldd "$AMLTRAIN" | grep -qE 'lib(torch|c10)' || fail "the binary is linked with LibTorch"

# Nor does the process that waits hold it.
shell_job long.yml 'exec sleep 600'
run=$(amltrain submit --quiet --file long.yml)
amltrain wait "$run" >/dev/null 2>&1 &
waiter=$!
until_true 10 in_state "$run" Running
! grep -q torch "/proc/$waiter/maps" || fail "wait holds LibTorch"
amltrain runs cancel "$run" >/dev/null 2>&1
wait $waiter || true
