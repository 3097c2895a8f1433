#!/usr/bin/env bash
# The engine, and LibTorch with it, is loaded by the commands that compute, and by no other; so are libcurl and
# libarchive by those that fetch and pack.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
amltrain workspace init >/dev/null 2>&1
shell_job job.yml true
run=$(amltrain submit --quiet --file job.yml)

loads() {
  local library=$1
  LD_DEBUG=files "${@:2}" >/dev/null 2>loaded
  grep -q "$library" loaded
}
loads libtorch_cpu amltrain describe || fail "describe does not load LibTorch: this test sees nothing"
echo no archive >broken.zip
for library in libcurl libarchive; do
  loads $library amltrain data fetch "file://$PWD/broken.zip" --name broken || fail "'data fetch' does not load $library"
done
for command in "--version" "--help" "workspace show" "runs list" "wait $run" "runs show $run" "models list" \
  "compute list" "data list" "submit --file job.yml --dry-run"; do
  # shellcheck disable=SC2086
  ! loads 'lib\(torch_cpu\|curl\|archive\)' amltrain $command || fail "'$command' loads $(grep -o 'lib[a-z_]*\.so.*' loaded)"
done
# Each library that the binary is linked with costs all of them a tenth of a millisecond and more. A sanitizer wants the
# shared ones.
needed=$(readelf -d "$AMLTRAIN" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
if grep -qE 'lib[a-z]*san\.' <<<"$needed"; then
  ! ldd "$AMLTRAIN" | grep -qE 'lib(torch|c10|curl|archive)' || fail "the binary is linked with $(ldd "$AMLTRAIN")"
else
  ! grep -vE '^(lib(c|m|gcc_s)|ld-linux-x86-64)\.so' <<<"$needed" || fail "the binary is linked with $needed"
fi

# An empty part of a RUNPATH is the current folder: whoever can write there would choose our libraries.
for file in "$AMLTRAIN" "$(dirname "$AMLTRAIN")/../lib/libamltrain_engine.so"; do
  ! readelf -d "$file" | grep 'R.*PATH' | grep -E '\[:|::|:\]' || fail "$file looks for libraries in the current folder"
done

# Nor does the process that waits hold it.
shell_job long.yml 'exec sleep 600'
run=$(amltrain submit --quiet --file long.yml)
amltrain wait "$run" >/dev/null 2>&1 &
waiter=$!
until_true 10 in_state "$run" Running
! grep -q torch "/proc/$waiter/maps" || fail "wait holds LibTorch"
amltrain runs cancel "$run" >/dev/null 2>&1
wait $waiter || true
