#!/usr/bin/env bash
# A program of one's own: what of its folder goes, how it runs, and what of it is the run's.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

amltrain workspace init >/dev/null 2>&1
mkdir -p src/lib src/build src/outputs
cat >src/train.sh <<'SCRIPT'
echo "arguments: $# <$1> <$2>"
. lib/common.sh
mkdir -p outputs/deep && echo model > outputs/deep/model.txt
echo note > logs/note.txt
echo scratch > scratch.txt && echo changed > lib/common.sh
SCRIPT
echo 'echo "common from $(basename "$PWD")"' >src/lib/common.sh
printf 'import os, sys\nprint("python", sys.argv[1:], os.environ["RANK"])\nsys.exit(int(sys.argv[1]))\n' >src/exit.py
printf '#!/bin/sh\necho tool runs\n' >src/tool && chmod +x src/tool
echo 'PASSWORD=hunter2' >src/.env
echo x >src/build/large.o && echo y >src/outputs/old.txt
printf 'build/\n*.tmp\n' >src/.gitignore
echo z >src/a.tmp

# What would go is shown, and nothing is stored.
expect 0 amltrain submit --source src --dry-run --show-snapshot --output json
holds "$out" "d['schema'] == 'amltrain.snapshot-preview/1' and d['folder'] == '$T/src' and d['ignore_file'] == '.gitignore'"
holds "$out" "[f['path'] for f in d['files']] == ['.gitignore', 'exit.py', 'lib/common.sh', 'tool', 'train.sh']"
holds "$out" "[f['path'] for f in d['files'] if f['executable']] == ['tool'] and d['ignored'] == ['a.tmp', 'build/']"
holds "$out" "[(h['path'], h['secret']) for h in d['held_back']] == [('.env', True), ('outputs/', False)]"
holds "$out" "d['largest'][0]['path'] == 'train.sh' and d['bytes'] == sum(f['bytes'] for f in d['files'])"
snapshot=$(json "$out" "d['snapshot']")
expect 0 amltrain submit --source src --dry-run --show-snapshot
says "$out" "$snapshot"
says "$out" ".env: a file of environment settings"
[[ ! -e .amltrain/snapshots ]] || fail "a dry run stores a snapshot"
expect 0 amltrain submit --source src --dry-run --output json -- one 'two words'
holds "$out" "d['command'] == \"exec bash train.sh one 'two words'\" and d['code'] == '$T/src'"

# The script runs in a copy; what it leaves in outputs and logs is the run's.
expect 0 amltrain submit --source src --experiment own --stream -- one 'two words; $HOME'
says "$err" "Held back from the snapshot: .env, a file of environment settings"
says "$err" "write !NAME into .gitignore"
says "$err" 'arguments: 2 <one> <two words; $HOME>'
says "$err" "common from code"
run=$(amltrain runs list --limit 1 --output json | python3 -c 'import json, sys; print(json.load(sys.stdin)["items"][0]["id"])')
expect 0 amltrain runs show "$run" --output json
holds "$out" "d['state'] == 'Completed' and d['exit_code'] == 0 and d['snapshot'] == '$snapshot'"
holds "$out" "[f['path'] for f in d['outputs']] == ['outputs/deep/model.txt']"
expect 0 amltrain runs files "$run"
says "$out" "logs/note.txt"
expect 0 amltrain runs show "$run"
says "$out" "$snapshot"
same "$(cat src/lib/common.sh)" 'echo "common from $(basename "$PWD")"'
[[ ! -e src/scratch.txt ]] || fail "the run wrote into the source"
! grep -rq hunter2 .amltrain || fail "the secret is in the workspace"

# The same source is the same snapshot, whatever the run before did to its copy; each content is there once.
expect 0 amltrain submit --source src --stream -- again
says "$err" "common from code"
same "$(find .amltrain/snapshots -name '*.json' | wc -l)" 1
same "$(find .amltrain/snapshots/content -type f | wc -l)" 5
cp src/exit.py src/copy.py
expect 0 amltrain submit --source src --stream -- again
same "$(find .amltrain/snapshots -name '*.json' | wc -l)" 2
same "$(find .amltrain/snapshots/content -type f | wc -l)" 5
rm src/copy.py

# The entry's own exit code and signal are in the record.
expect 1 amltrain submit --source src --entry exit.py --stream --display-name code -- 7
says "$err" "python ['7'] 0"
expect 0 amltrain submit --source src --entry ./tool --stream
says "$err" "tool runs"
expect 0 amltrain submit --source src --entry "$PWD/src/exit.py" --python "$(command -v python3)" --stream -- 0
printf 'kill -KILL $$\n' >src/killed.sh
expect 1 amltrain submit --source src --entry killed.sh --stream --display-name signal
expect 0 amltrain runs list --state Failed --output json
holds "$out" "[(r['display_name'], r['exit_code'], r['failure']['signal']) for r in d['items']] == [('signal', None, 9), ('code', 7, None)]"
rm src/killed.sh

# What Azure ML's and Open MPI's scripts read.
printf 'env | sort > outputs/env\n' >src/env.sh
expect 0 amltrain submit --source src --entry env.sh --stream
env=$(find .amltrain/runs -path "*/outputs/env")
for pair in RANK=0 LOCAL_RANK=0 NODE_RANK=0 WORLD_SIZE=1 AZUREML_NODE_COUNT=1 MASTER_ADDR=127.0.0.1 \
  OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1 OMPI_COMM_WORLD_LOCAL_RANK=0; do
  grep -qx "$pair" "$env" || fail "no $pair in the environment of a run"
done
grep -qE '^AZUREML_RUN_ID=.+_[0-9]+_[0-9a-f]{8}$' "$env" || fail "no AZUREML_RUN_ID"
grep -qE '^MASTER_PORT=[0-9]+$' "$env" || fail "no MASTER_PORT"
rm src/env.sh

# A script that makes outputs anew loses nothing.
printf 'rm -rf outputs; mkdir outputs; echo new > outputs/new.txt\n' >src/anew.sh
expect 0 amltrain submit --source src --entry anew.sh --stream --output json
holds "$out" "[f['path'] for f in d['outputs']] == ['outputs/new.txt']"
rm src/anew.sh

# Metrics of a script that imports nothing of ours.
cat >src/log.sh <<'SCRIPT'
amltrain log val_acc 0.5 --step 1
amltrain log val_acc 0.75 --step 2
amltrain log delta -1e-3
echo "train_loss=0.25 train_acc=0.5 step=3" >>"$AMLTRAIN_METRICS"
echo "this is no metric=1" >>"$AMLTRAIN_METRICS"
echo '{"name": "lr", "value": 0.1}' >>"$AMLTRAIN_METRICS"
SCRIPT
expect 0 amltrain submit --source src --entry log.sh --stream --output json
holds "$out" "d['metrics'] == {'delta': -0.001, 'lr': 0.1, 'metric': 1, 'train_acc': 0.5, 'train_loss': 0.25, 'val_acc': 0.75}"
holds "$out" "d['best']['val_acc']['step'] == 2 and d['best']['train_loss']['step'] == 3"
same "$(amltrain runs logs "$(json "$out" "d['id']")")" ""
expect 0 amltrain log val_acc 0.5 --step 3
same "$(cat "$out")" "val_acc 0.5 step 3"
expect 0 env AMLTRAIN_METRICS="$T/points" RANK=3 amltrain log loss nan --output json
holds "$out" "d['name'] == 'loss' and d['value'] is None and d['rank'] == 3"
expect 0 env AMLTRAIN_METRICS="$T/points" amltrain log --output json log_likelihood -inf
holds "$out" "d['value'] == '-Infinity'"
same "$(wc -l <points)" 2
fails 2 bad_input amltrain log val_acc
fails 2 bad_input amltrain log val_acc high
fails 2 bad_input amltrain log val_acc ""
fails 2 bad_input amltrain log val_acc 1 --step -1
fails 7 environment env AMLTRAIN_METRICS=/dev/full amltrain log val_acc 1
rm src/log.sh

# Data is an input of it.
mkdir data && echo pixels >data/x
printf 'cat "$2/x"\n' >src/data.sh
expect 0 amltrain submit --source src --entry data.sh --data data --stream --output json -- --data-dir '${{inputs.data}}'
holds "$out" "d['data']['name'] == '$T/data' and d['data']['fingerprint'].startswith('sha256:')"
same "$(amltrain runs logs "$(json "$out" "d['id']")")" pixels
rm src/data.sh

# code: of a job file is the same, seen from the file.
mkdir jobs
printf 'command: sh tool && exit 3\ncode: ../src\n' >jobs/job.yml
expect 1 amltrain submit --file jobs/job.yml --stream --output json
holds "$out" "d['snapshot'] == '$snapshot' and d['exit_code'] == 3 and d['job']['code'] == '$T/src'"

# A folder with .amlignore is asked for that alone, and a secret named there goes.
printf '*.o\n!.env\n' >src/.amlignore
expect 0 amltrain submit --source src --dry-run --show-snapshot --output json
holds "$out" "d['ignore_file'] == '.amlignore' and d['ignored'] == ['build/large.o']"
holds "$out" "{'.env', 'a.tmp'} <= {f['path'] for f in d['files']}"
rm src/.amlignore

# What can't be run is refused before there is a run, and says why.
before=$(amltrain runs list --output json)
fails 3 not_found amltrain submit --source nowhere
fails 3 not_found amltrain submit --source src --entry train.ps
says "$err" "did you mean 'train.sh'?"
fails 3 not_found amltrain submit --source src --entry .env
says "$err" "held back"
fails 3 not_found amltrain submit --source src --entry a.tmp
says "$err" ".gitignore ignores it"
touch elsewhere.sh
fails 2 bad_input amltrain submit --source src --entry ../elsewhere.sh
says "$err" "leads out of"
fails 2 bad_input amltrain submit --source src --entry .gitignore
says "$err" "can't be run"
fails 2 bad_input amltrain submit --source src --num-epochs 3
says "$err" "behind --"
fails 2 bad_input amltrain submit --source src --file jobs/job.yml
fails 2 bad_input amltrain submit --entry train.sh
fails 2 bad_input amltrain submit --data data stray
fails 2 bad_input amltrain submit --source src --show-snapshot
shell_job plain.yml true
fails 2 bad_input amltrain submit --file plain.yml --dry-run --show-snapshot
mkdir empty
fails 2 bad_input amltrain submit --source empty
cp src/exit.py src/tool empty
fails 2 bad_input amltrain submit --source empty
says "$err" "exit.py, tool"
says "$err" "--entry"
rm empty/tool
expect 0 amltrain submit --source empty --dry-run --output json
holds "$out" "d['command'] == 'exec python3 -u exit.py'"
same "$(amltrain runs list --output json)" "$before"

# A stored content that was damaged fails the run in Preparing, with its name; so does one that is gone.
hash=$(sha256sum src/tool | cut -d" " -f1)
content=.amltrain/snapshots/content/${hash:0:2}/$hash
chmod u+w "$content" && tr e E <src/tool >"$content"
expect 1 amltrain submit --source src --stream --output json
holds "$out" "d['failure']['stage'] == 'Preparing' and '$hash' in d['failure']['message']"
rm "$content"
expect 0 amltrain submit --source src --stream
