#!/usr/bin/env bash
# Ends the hosts that hosts_up.sh made in DIR, with all that runs in them, and what Open MPI left of them in /tmp.
#   hosts_down.sh DIR
set -euo pipefail
[[ -d $1 ]] || exit 0
dir=$(cd "$1" && pwd)
for file in "$dir"/*/pid; do
  [[ -s $file ]] || continue
  pid=$(<"$file") host=$(basename "$(dirname "$file")")
  # A number may have been given to another process since.
  if tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "amltrain-test-host $dir/"; then
    kill -KILL "$pid"
    for _ in {1..200}; do
      [[ -e /proc/$pid ]] || break
      sleep 0.05
    done
  fi
  rm -f "$file"
  [[ $host == switch ]] || rm -rf "/tmp/ompi.$host."*
done
