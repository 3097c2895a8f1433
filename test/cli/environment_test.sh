#!/usr/bin/env bash
# Python environments of runs: built once, used again, true in the record, and clear when they can't be built.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
python3 -c 'import venv, ensurepip' 2>/dev/null || skip "python3 has no venv"
unset PYTHONPATH VIRTUAL_ENV
umask 0002

wheel "$T/wheels" little 1.0
wheel "$T/wheels" little 2.0
wheel "$T/wheels" other 3.0

amltrain workspace init >/dev/null 2>&1
amltrain compute create pair --max-nodes 2 >/dev/null
mkdir src
cat >src/train.py <<'SCRIPT'
import os, sys, little
print("little", little.version, sys.prefix == os.environ["VIRTUAL_ENV"], os.environ.get("GREETING"))
SCRIPT
printf 'python -c "import little; print(little.version)"\n' >src/tool.sh
mkdir more
printf -- '--no-index\n--find-links ../wheels\nlittle==1.0  # the older\n' >more/base.txt
printf -- '-r more/base.txt\n' >requirements.txt

# What is asked for is in the job, with the files that it includes.
expect 0 amltrain submit --source src --requirements requirements.txt --env GREETING=hello --dry-run --output json
holds "$out" "d['environment'] == {'requirements': ['--no-index', '--find-links $T/wheels', 'little==1.0']}"
holds "$out" "d['environment_variables'] == {'GREETING': 'hello'} and d['command'] == 'exec python3 -u train.py'"
[[ ! -e .amltrain/environments ]] || fail "a dry run builds an environment"

# Two at once build it once, and a later one uses it.
environments() { find .amltrain/environments -mindepth 1 -maxdepth 1 "$@" | wc -l; }
built() { grep -l '^\$ ' .amltrain/runs/*/logs/environment.log | wc -l; }
first=$(amltrain submit --source src --compute pair --requirements requirements.txt --env GREETING=hello --quiet)
second=$(amltrain submit --source src --compute pair --requirements requirements.txt --entry tool.sh --quiet)
expect 0 amltrain wait "$first" "$second" --output json
expect 0 amltrain runs logs "$first"
says "$out" "little 1.0 True hello"
expect 0 amltrain runs logs "$second"
says "$out" "1.0"
same "$(environments -name '*.json')" 1
same "$(built)" 1
expect 0 amltrain submit --source src --requirements more/base.txt --stream --output json
cp "$out" third.json
same "$(environments -name '*.json')" 1
same "$(built)" 1
same "$(find .amltrain/environments -perm /022 -not -type l)" ""  # whatever the umask, nobody else changes what runs

# One that others may have changed is built anew.
folder=$(find .amltrain/environments -mindepth 1 -maxdepth 1 -type d)
chmod g+w "$folder"
touch "$folder/changed"
expect 0 amltrain submit --source src --requirements requirements.txt --stream
[[ ! -e $folder/changed ]] || fail 'an environment that others may write to is used'

# The record says what it was.
expect 0 amltrain runs show "$first" --output json
cp "$out" first.json
sha=$(json first.json "d['environment']")
[[ -d .amltrain/environments/$sha && -f .amltrain/environments/$sha.json ]] || fail "no environment $sha"
holds first.json "d['conditions']['environment']['packages']['little'] == '1.0'"
holds first.json "d['conditions']['environment']['sha256'] == d['environment'] == json.load(open('third.json'))['environment']"
holds first.json "d['conditions']['environment']['python'].startswith('3.') and d['conditions']['environment']['built_by']"
expect 0 amltrain runs show "$first"
says "$out" "$sha"
grep -q '"reason":"builds environment' ".amltrain/runs/$first/events.jsonl" ".amltrain/runs/$second/events.jsonl" ||
  fail "no run says that it builds"

# Packages of the command line, a wheel by its path, and a Python by its version.
version=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
printf -- '--no-index\n--find-links wheels\n./wheels/other-3.0-py3-none-any.whl\n' >local.txt
expect 0 amltrain submit --source src --requirements local.txt --pip-packages 'little>=1.5,<3' --python "$version" \
  --stream --output json
holds "$out" "d['conditions']['environment']['packages']['little'] == '2.0'"
holds "$out" "d['conditions']['environment']['packages']['other'] == '3.0'"
holds "$out" "d['conditions']['environment']['python'].startswith('$version')"
expect 0 amltrain runs logs "$(json "$out" "d['id']")"
says "$out" "little 2.0 True None"

# reproduce has the same one, though its wheels have gone; where it has gone too, the same versions.
mv wheels away
expect 0 amltrain reproduce "$first" --output json
holds "$out" "d['verdict'] == 'identical' and d['changed'] == []"
mv away wheels
rm -r ".amltrain/environments/$sha" ".amltrain/environments/$sha.json"
expect 0 amltrain reproduce "$first" --output json
holds "$out" "all(c['what'] == 'environment.sha256' for c in d['changed'])"

# A builder that was killed leaves nothing that counts.
printf -- '--no-index\n--find-links wheels\nlittle==2.0\n' >two.txt
victim=$(amltrain submit --source src --requirements two.txt --quiet)
builds() { grep -q '"reason":"builds environment' ".amltrain/runs/$1/events.jsonl"; }
until_true 60 builds "$victim"
kill -KILL "$(python3 -c 'import json, sys
print([e["supervisor"]["pid"] for e in map(json.loads, open(sys.argv[1])) if "supervisor" in e][-1])' \
  ".amltrain/runs/$victim/events.jsonl")"
expect 7 amltrain wait "$victim"
expect 0 amltrain submit --source src --requirements two.txt --stream
says "$err" "little 2.0 True"

# One that is damaged is not built anew under a run that uses it: first that one ends.
cat >src/late.py <<'SCRIPT'
import os, time
while not os.path.exists(os.environ["AMLTRAIN_WORKSPACE"] + "/go"): time.sleep(0.05)
import little
print("late", little.version)
SCRIPT
user=$(amltrain submit --source src --entry late.py --compute pair --requirements two.txt --quiet)
until_true 60 in_state "$user" Running
sha=$(json <(amltrain runs show "$user" --output json) "d['environment']")
rm ".amltrain/environments/$sha.json"
next=$(amltrain submit --source src --compute pair --requirements two.txt --quiet)
until_true 60 grep -q '"reason":"waits for the end of the runs that use environment' ".amltrain/runs/$next/events.jsonl"
[[ -e .amltrain/environments/$sha/bin/python ]] || fail "it was removed under the run that uses it"
touch go
expect 0 amltrain wait "$user" "$next"
expect 0 amltrain runs logs "$user"
says "$out" "late 2.0"
expect 0 amltrain runs logs "$next"
says "$out" "little 2.0 True"
[[ -e .amltrain/environments/$sha.json ]] || fail "it was not built anew"

# While a gc looks for long, a run waits and says so.
rm go
before=$(amltrain submit --source src --entry late.py --requirements two.txt --quiet)
until_true 60 in_state "$before" Running
after=$(amltrain submit --source src --requirements two.txt --quiet)
exec 4< <(exec python3 -uc 'import fcntl, sys, time
lock = open(sys.argv[1], "r+")
fcntl.lockf(lock, fcntl.LOCK_EX)
print("held")
time.sleep(1000)' .amltrain/locks/gc.lock)
looking=$!
read -rt 20 <&4 || fail "the lock is not to be had"
touch go
until_true 60 grep -q '"reason":"waits for a workspace gc"' ".amltrain/runs/$after/events.jsonl"
kill $looking
expect 0 amltrain wait "$before" "$after"

# A run takes with it what its environment is built from: it is done again in another workspace.
expect 0 amltrain runs export "$first" --to first.tar
amltrain workspace init elsewhere >/dev/null 2>&1
amltrain compute create pair --max-nodes 2 --workspace elsewhere >/dev/null
expect 0 amltrain runs import first.tar --workspace elsewhere
expect 0 amltrain reproduce "$first" --workspace elsewhere --output json
holds "$out" "d['verdict'] == 'identical' and all(c['what'] == 'environment.sha256' for c in d['changed'])"
expect 0 amltrain runs logs "$(json "$out" "d['run']")" --workspace elsewhere
says "$out" "little 1.0 True hello"

# Cancel and the time limit end a build. The builder is one that never ends.
mkdir bin
printf '#!/bin/sh\n[ "$1" = --version ] && echo "uv 0.0" && exit 0\nexec sleep 600\n' >bin/uv && chmod +x bin/uv
slow() { PATH=$T/bin:$PATH amltrain submit --source src --compute pair --pip-packages stuck --quiet "$@"; }
stuck=$(slow)
until_true 60 builds "$stuck"
waiting=$(slow)
until_true 60 grep -q '"reason":"waits for another run that builds' ".amltrain/runs/$waiting/events.jsonl"
expect 0 amltrain runs show "$waiting"
says "$out" "waits for another run that builds environment"
expect 0 amltrain runs cancel "$waiting" "$stuck"
in_state "$stuck" Canceled || fail "not canceled in its build"
in_state "$waiting" Canceled || fail "not canceled while it waits for a build"
late=$(slow --timeout 1)
expect 5 amltrain wait "$late"
expect 0 amltrain runs show "$late" --output json
holds "$out" "d['failure']['stage'] == 'Preparing' and d['failure']['category'] == 'timed_out'"

# A build that fails says so, with what its builder said last; the run has not started.
expect 1 amltrain submit --source src --requirements more/base.txt --pip-packages 'no-such-package==7' --stream --output json
holds "$out" "d['state'] == 'Failed' and d['started_at'] is None and d['failure']['stage'] == 'Preparing'"
failed=$(json "$out" "d['id']")
cp "$out" failed.json
expect 0 amltrain runs logs "$failed"
says "$out" 'no-such-package'
says "$err" 'logs/environment.log'
expect 0 amltrain download "$failed" logs/environment.log --to kept
cmp -s kept/logs/environment.log ".amltrain/runs/$failed/logs/environment.log" || fail "another log was downloaded"
fails 3 not_found amltrain download "$failed" --to kept
says "$err" "download $failed logs"
cp failed.json "$out"
holds "$out" "'no-such-package' in d['failure']['message'] and 'environment.log' in d['failure']['hint']"
holds "$out" "'\n' not in d['reason']"
says ".amltrain/runs/$(json "$out" "d['id']")/logs/environment.log" "no-such-package"

# What can be refused is refused before there is a run.
before=$(amltrain runs list --output json)
fails 3 not_found amltrain submit --source src --requirements nowhere.txt
fails 3 not_found amltrain submit --source src --pip-packages little --python 3.2
says "$err" "no Python 3.2"
fails 2 bad_input amltrain submit --source src --pip-packages 'little,,other'
printf 'numpy\n-e .\n' >editable.txt
fails 2 bad_input amltrain submit --source src --requirements editable.txt
says "$err" "editable.txt:2"
printf -- '--index-url https://me:hunter2@host/simple\n' >password.txt
fails 2 bad_input amltrain submit --source src --requirements password.txt
says_not "$err" hunter2
fails 2 bad_input amltrain submit --source src --env hunter2
says_not "$err" hunter2
fails 2 bad_input amltrain submit --source src --entry tool.sh --python python3
amltrain data sample images --train 2 --val 2 >/dev/null 2>&1
fails 2 bad_input amltrain submit --data images --pip-packages little
same "$(amltrain runs list --output json)" "$before"

# A job file: conda's Python and pip part; what only conda has is an error, and an image has no meaning.
mkdir job
cat >job/conda.yml <<'YAML'
name: mine
channels: [conda-forge]
dependencies:
  - python=3
  - pip
  - pip: [--no-index, --find-links ../wheels, little==1.0]
YAML
cat >job/job.yml <<'YAML'
command: python -c 'import little; print("from a job", little.version)'
environment:
  image: somewhere/image:1
  conda_file: conda.yml
YAML
expect 0 amltrain job explain job/job.yml --output json
holds "$out" "{f['field']: f['standing'] for f in d['fields']}['environment.conda_file'] == 'mapped'"
holds "$out" "{f['field']: f['standing'] for f in d['fields']}['environment.image'] == 'no_meaning'"
expect 0 amltrain submit --file job/job.yml --stream
says "$err" "from a job 1.0"
expect 0 amltrain submit --file job/job.yml --set 'environment={requirements: [little==2.0]}' \
  --dry-run --output json
holds "$out" "d['environment'] == {'requirements': ['little==2.0']}"
expect 2 amltrain job explain job/job.yml --set 'environment.conda_file={dependencies: [numpy]}'
says "$out" "the conda package 'numpy', which is not installed here"
expect 0 amltrain submit --file job/job.yml --set environment=local --dry-run --output json
holds "$out" "'environment' not in d"

# A package of an index, where this machine reaches one.
if timeout 60 python3 -m pip download --no-deps -q -d probe six >/dev/null 2>&1; then
  printf 'import six\nprint("six", six.__version__)\n' >src/index.py
  expect 0 amltrain submit --source src --entry index.py --pip-packages 'six==1.16.0' --stream
  says "$err" "six 1.16.0"
else
  echo "no package index is reached: a package of one was not tried"
fi
