#!/usr/bin/env bash
# The job files in configs/ resolve as they are.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
: "${AMLTRAIN_SOURCE:?the source folder}"
amltrain workspace init >/dev/null 2>&1
amltrain data sample images --train 4 --val 2 >/dev/null 2>&1
tar -czf hymenoptera_data.tar.gz -C images .
amltrain data fetch hymenoptera_data.tar.gz >/dev/null 2>&1

for job in "$AMLTRAIN_SOURCE"/configs/*.yml; do
  expect 0 amltrain submit --file "$job" --dry-run --output json
  holds "$out" "d['schema'] == 'amltrain.job/1' and d['command']"
  expect 0 amltrain submit --file "$job" --dry-run
  says "$out" "Command"
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
