#!/usr/bin/env bash
# The job files in configs/ resolve and run as they are.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
: "${AMLTRAIN_SOURCE:?the source folder}"
amltrain workspace init >/dev/null 2>&1
amltrain data sample images --train 4 --val 2 >/dev/null 2>&1
tar -czf hymenoptera_data.tar.gz -C images .
amltrain data fetch hymenoptera_data.tar.gz >/dev/null 2>&1

# One that others come after.
expect 0 amltrain submit --file "$AMLTRAIN_SOURCE/configs/nightly.yml" --set "inputs.photos.path=$T/images" --stream

has_ranks() { [[ $1 == */mpi.yml || $1 == */distributed.yml ]]; }
for job in "$AMLTRAIN_SOURCE"/configs/*.yml; do
  if has_ranks "$job" && ! command -v mpirun >/dev/null; then continue; fi
  expect 0 amltrain submit --file "$job" --dry-run --output json
  holds "$out" "d['schema'] == 'amltrain.job/1' and d['command']"
  expect 0 amltrain submit --file "$job" --dry-run
  says "$out" "Command"
done

# Each runs; those that train, for one short epoch, and with weights that need no network.
wheel "$T/wheels" six 1.17.0
small=(--weights none --num-epochs 1 --workers 1 --image-size 48 --resize-size 56 --threads 1 --device cpu)
for job in "$AMLTRAIN_SOURCE"/configs/*.yml; do
  name=$(basename "$job" .yml) more=() settings=()
  case $name in
    nightly) continue ;; # has run
    train | fast | transfer) more=("${small[@]}") ;;
    program) command -v c++ >/dev/null || continue ;;
    mpi) command -v mpirun >/dev/null || continue ;;
    distributed)
      if ! command -v mpirun >/dev/null || [[ -z ${AMLTRAIN_REFERENCE_PYTHON:-} ]]; then continue; fi
      settings=("PATH=$(dirname "$AMLTRAIN_REFERENCE_PYTHON"):$PATH")
      ;;
    environment)
      python3 -c 'import venv, ensurepip' 2>/dev/null || continue
      settings=(PIP_NO_INDEX=1 "PIP_FIND_LINKS=$T/wheels" UV_OFFLINE=1 "UV_FIND_LINKS=$T/wheels")
      ;;
  esac
  expect 0 env "${settings[@]}" amltrain submit --file "$job" --stream "${more[@]}"
done

# The file with every option has every option of the trainer, with its default.
all=$AMLTRAIN_SOURCE/configs/train.yml
for option in $(amltrain man | sed 's/\\-/-/g' | sed -n '/^\.SS amltrain train/,/^\.SS/s/^\.B \(--[a-z-]*\).*/\1/p'); do
  says "$all" "$option"
done
expect 0 amltrain submit --file "$all" --dry-run --output json
cp "$out" from-file
expect 0 amltrain submit --file "$all" --dry-run --output json --num-epochs 2 --seed 7 --compute local
holds "$out" "'--num-epochs 2' in d['command'] and '--seed 7' in d['command']"

# What is not in the file is the same as on the command line: the defaults are written there as they are.
amltrain man | sed 's/\\-/-/g' | sed -n '/^\.SS amltrain train/,/^\.SS/p' >train.page
python3 - from-file train.page <<'PYTHON'
import json, re, shlex, sys
words = shlex.split(json.load(open(sys.argv[1]))["command"])
given = {name: value for name, value in zip(words, words[1:]) if name.startswith("--") and not value.startswith("--")}
page = open(sys.argv[2]).read()
for name, value in re.findall(r"^\.B (--[a-z-]+) [^\n]*\n[^\n]*\[([^\]\n]*)\]$", page, re.M):
    if name in given and given[name] != value and not (float(given[name]) == float(value)):
        sys.exit(f"{name} is {given[name]} in configs/train.yml, and {value} by default")
PYTHON
