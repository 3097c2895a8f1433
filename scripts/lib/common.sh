# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it: where things are and how they speak.
# Results go to standard output, everything a script says about itself to standard error.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
name=$(basename "$0")
jobs=${AMLTRAIN_JOBS:-$(nproc)}

say() { printf '%s: %s\n' "$name" "$*" >&2; }
die() {
  say "$@"
  exit 1
}

# Prints the comment block at the top of the script: its help is its description.
usage() { sed -n '2,/^$/{s/^# \{0,1\}//p}' "$0"; }

# The cache folder, by the same rule as cmake/LibTorch.cmake.
cache_dir() {
  if [[ -n ${AMLTRAIN_CACHE:-} ]]; then
    printf '%s\n' "$AMLTRAIN_CACHE"
  elif [[ -n ${XDG_CACHE_HOME:-} ]]; then
    printf '%s\n' "$XDG_CACHE_HOME/amltrain"
  else
    printf '%s\n' "$HOME/.cache/amltrain"
  fi
}
