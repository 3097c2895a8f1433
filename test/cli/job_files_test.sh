#!/usr/bin/env bash
# Job files in Azure ML's schema: what becomes of each field, values put on top, and jobs that run as their files say.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
: "${AMLTRAIN_SOURCE:?the source folder}"
configs=$AMLTRAIN_SOURCE/configs

# Explaining needs no workspace. Every file of ours is without fault.
for job in "$configs"/*.yml; do
  expect 0 amltrain job explain "$job"
  says "$out" "honoured"
  expect 0 amltrain job explain "$job" --output json
  holds "$out" "d['schema'] == 'amltrain.job-explanation/1' and d['ok'] and d['file'] == '$job'"
  cp "$out" "explained-$(basename "$job").json"
done

# Together they have every field, and every value of a field, that acts here.
expect 0 amltrain job explain --output json
cp "$out" fields.json
python3 - fields.json explained-*.json <<'PYTHON'
import json, re, sys
table = json.load(open(sys.argv[1]))["fields"]
seen = [f for name in sys.argv[2:] for f in json.load(open(name))["fields"]]
for row in table:
    if row["standing"] not in ("honoured", "mapped"): continue
    path = re.compile("^" + re.escape(row["field"]).replace(r"\*", "[^.]+") + "$")
    fits = [f["value"] for f in seen if path.match(f["field"]) and row["value"] in (None, f["value"])]
    if not fits: sys.exit(f"no file in configs/ has {row['field']} {row['value'] or ''}")
    kinds = {"inputs.*.path": ("https://", "azureml:"), "queue_settings.priority": ("low", "medium", "high")}
    for kind in kinds.get(row["field"], ()):
        if not any(value.startswith(kind) for value in fits): sys.exit(f"no {row['field']} in configs/ is {kind}")
PYTHON
expect 0 amltrain job explain
says "$out" "distribution.type"

# A pipe gives its text once, and lies in no folder: its paths are seen from the current one.
echo 1 >here.txt
amltrain workspace init >/dev/null 2>&1
piped='{"command": "cat ${{inputs.f}}", "inputs": {"f": {"type": "uri_file", "path": "here.txt"}}, "services": {}}'
expect 0 amltrain submit --file <(echo "$piped") --dry-run --output json
holds "$out" "d['inputs']['f']['path'] == '$T/here.txt'"
echo "$piped" | amltrain submit --file /dev/stdin --dry-run >"$out" 2>"$err" || fail "no job of a pipe"
says "$err" "No meaning here, and left out: services"

# The fields of a foreign file, one by one.
cat >foreign.yml <<'YAML'
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
type: command
command: echo ${{inputs.rate}}
compute: azureml:local
environment:
  image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04
inputs:
  rate: 0.1
resources:
  shm_size: 8g
YAML
expect 0 amltrain job explain foreign.yml --output json
standing() { json "$out" "[f['standing'] for f in d['fields'] if f['field'] == '$1']"; }
same "$(standing compute)" "['mapped']"
same "$(standing environment.image)" "['no_meaning']"
same "$(standing resources.shm_size)" "['no_meaning']"
same "$(standing inputs.rate)" "['honoured']"
holds "$out" "[f['line'] for f in d['fields'] if f['field'] == 'compute'] == [4]"

# Unknown and refused fields are all told, and the first is the error.
cat >bad.yml <<'YAML'
command: echo ${{inputs.rate}}
experiment_nam: birds
inputs:
  rate: 0.1
  data: {type: mltable, path: .}
distribution: {type: ray}
resources: {instance_count: two}
YAML
expect 2 amltrain job explain bad.yml --output json
holds "$out" "not d['ok'] and [f['field'] for f in d['fields'] if f['standing'] == 'refused'] == ['experiment_nam', 'inputs.data.type', 'distribution.type', 'resources.instance_count']"
expect 2 amltrain job explain bad.yml
says "$out" "experiment_nam"
says "$err" "bad.yml:2: experiment_nam is no field of a command job (and 3 more)"
says "$err" "did you mean 'experiment_name'?"
expect 2 amltrain job explain bad.yml --set distribution.type=mpi
says "$out" "without process_count_per_instance"
fails 3 not_found amltrain job explain nothing.yml

# Values put on top are checked as those in the file are.
expect 2 amltrain job explain foreign.yml --set inputs.data.pth=x
says "$err" "foreign.yml with --set: inputs.data.pth is no field of a command job"
expect 2 amltrain job explain foreign.yml --set limits.timout=3
says "$err" "did you mean 'timeout'?"
fails 2 bad_input amltrain job explain foreign.yml --set inputs
says "$err" "PATH=VALUE"
fails 2 bad_input amltrain job explain foreign.yml --set inputs.rate.path=x
says "$err" "inputs.rate is no map"

amltrain workspace init >/dev/null 2>&1
expect 0 amltrain submit --file foreign.yml --dry-run --output json --set inputs.rate=1e-4 --set tags.team=birds \
  --set 'environment_variables={A: 1, B: two words}' --set display_name=
holds "$out" "d['inputs']['rate'] == '1e-4' and d['tags'] == {'team': 'birds'} and 'display_name' not in d"
holds "$out" "d['environment_variables'] == {'A': '1', 'B': 'two words'}"
fails 2 bad_input amltrain submit --data x --set inputs.rate=1

# What has no meaning is said once, or refused.
expect 0 amltrain submit --file foreign.yml --stream
says "$err" "No meaning here, and left out: environment.image, resources.shm_size"
says "$err" "0.1"
fails 2 bad_input amltrain submit --file foreign.yml --strict
says "$err" "environment.image"

# An environment that is named alone is told with what runs instead; --strict refuses it.
printf 'command: "true"\nenvironment: azureml:AzureML-acpt-pytorch@latest\n' >named.yml
expect 0 amltrain submit --file named.yml --dry-run
says "$err" "Environment azureml:AzureML-acpt-pytorch@latest: no environment has that name here: the machine's own Python"
expect 0 amltrain job explain named.yml
says "$out" "the machine's own Python runs the command"
fails 2 bad_input amltrain submit --file named.yml --strict

# A name that no run can have is the same fault for both.
for verb in "job explain" "submit --file"; do
  # shellcheck disable=SC2086
  expect 2 amltrain $verb foreign.yml --set name=a/b
  says "$err" "foreign.yml with --set: name is 'a/b', which cannot be used"
done

# The files of configs/ that need no data run as they are.
for job in python shell azureml; do
  expect 0 amltrain submit --file "$configs/$job.yml" --stream --output json
  cp "$out" "ran-$job.json"
done
holds ran-python.json "'outputs/model/model.json' in [f['path'] for f in d['outputs']]"
holds ran-python.json "d['best']['train_loss']['value'] < 0.01 and d['data']['fingerprint'].startswith('sha256:')"
holds ran-shell.json "d['metrics'] == {'train_loss': 32} and d['outputs'][0]['path'] == 'outputs/report'"
holds ran-azureml.json "[f['path'] for f in d['outputs']] == ['outputs/model/line.csv', 'outputs/notes/when', 'outputs/report']"
holds ran-azureml.json "d['tags'] == {'team': 'vision', 'try': '1'} and d['description'] == 'one of each'"
expect 0 amltrain runs logs "$(json ran-azureml.json "d['id']")"
says "$out" "two words 1e-3 true"
if command -v c++ >/dev/null; then
  expect 0 amltrain submit --file "$configs/program.yml" --stream --output json
  holds "$out" "3 < d['metrics']['pi'] < 3.3"
fi

# mode: download is a copy of the run's own; ro_mount is the place itself.
mkdir data && echo content >data/a.txt && ln -s a.txt data/b.txt
cat >modes.yml <<'YAML'
command: echo changed >> ${{inputs.copy}}/a.txt; cat ${{inputs.place}}/b.txt; echo ${{inputs.copy}}
inputs:
  copy: {type: uri_folder, path: data, mode: download}
  place: {type: uri_folder, path: data}
YAML
expect 0 amltrain submit --file modes.yml --stream --output json
holds "$out" "d['reason'] == ''"
run=$(json "$out" "d['id']")
same "$(cat data/a.txt)" content
same "$(cat ".amltrain/runs/$run/inputs/copy/b.txt")" content
says ".amltrain/runs/$run/inputs/copy/a.txt" changed
expect 0 amltrain runs logs "$run"
same "$(cat "$out")" "content
$T/.amltrain/runs/$run/inputs/copy"

# What is written to the place itself, the run tells, whatever the mode or none.
expect 0 amltrain submit --file modes.yml --set 'command=echo more >> ${{inputs.place}}/a.txt' --stream --output json
holds "$out" "d['state'] == 'Completed' and d['reason'] == \"input 'place' was changed while the run had it\""
ln -s .. data/up
expect 1 amltrain submit --file modes.yml --stream
says "$out" "leads back to"

# A model of the workspace is an input by its name and version.
amltrain register "$(json ran-python.json "d['id']")" --name line >/dev/null 2>&1
cat >model.yml <<'YAML'
command: find ${{inputs.model}} -path '*/model/model.json'
inputs:
  model: {type: custom_model, path: azureml:line:1}
YAML
expect 0 amltrain submit --file model.yml --stream --output json
expect 0 amltrain runs logs "$(json "$out" "d['id']")"
says "$out" ".amltrain/models/line/1/"
fails 3 not_found amltrain submit --file model.yml --set inputs.model.path=azureml:line:7
fails 3 not_found amltrain submit --file model.yml --set inputs.model.path=azureml:lime:1
says "$err" "did you mean"

# Files and archives of the web are fetched.
mkdir site && echo "x,y" >site/table.csv && tar -czf site/all.tar.gz -C "$configs" shell
amltrain data sample images --train 4 --val 2 >/dev/null 2>&1 && tar -czf site/photos.tar.gz images
python3 -u -m http.server --bind 127.0.0.1 --directory site 0 >server.log 2>&1 &
server=$!
until_true 20 grep -q 'port [0-9]' server.log
at=http://127.0.0.1:$(sed -n 's/.*port \([0-9]*\).*/\1/p' server.log)
cat >web.yml <<YAML
command: cat \${{inputs.table}}; ls \${{inputs.all}}/shell; echo \${{inputs.table}}
inputs:
  table: {type: uri_file, path: $at/table.csv}
  all: {type: uri_folder, path: $at/all.tar.gz}
YAML
code=0
amltrain submit --file web.yml --stream --output json >"$out" 2>"$err" || code=$?
run=$(json "$out" "d['id']")
amltrain submit --file web.yml --set "inputs.table.path=$at/none.csv" --stream >absent.out 2>absent.err || absent=$?
named=0
amltrain submit --file "$configs/nightly.yml" --set "inputs.photos.path=$at/photos.tar.gz" --stream --output json \
  >nightly.json 2>nightly.err || named=$?
kill "$server"
wait "$server" 2>/dev/null || true
same "$code" 0
expect 0 amltrain runs logs "$run"
same "$(cat "$out")" "x,y
train.sh
$T/.amltrain/runs/$run/inputs/table/table.csv"
same "$absent" 1
says absent.out "input 'table': "

# A run by its name, on data of the web, and one that comes after it with models as inputs and outputs.
same "$named" 0
holds nightly.json "d['id'] == 'nightly-1' and d['metrics']['photos'] > 0"
[[ $(<.amltrain/runs/nightly-1/outputs/counts) == *beetle* ]] || fail "the photos were not counted by their classes"
fails 6 conflict amltrain submit --file "$configs/nightly.yml"
expect 0 amltrain submit --file "$configs/models.yml" --stream --output json
paths() { json "$out" "[f['path'] for f in d['outputs'] if f['path'].startswith('outputs/$1/')]"; }
same "$(paths line)" "['outputs/line/model.json']"
same "$(paths packaged)" "['outputs/packaged/line.csv', 'outputs/packaged/train.py']"
same "$(paths served)" "['outputs/served/line.csv', 'outputs/served/train.py']"
run=$(json "$out" "d['id']")
[[ -f .amltrain/runs/$run/inputs/served/train.py ]] || fail "no copy of the input that is to be downloaded"

expect 2 amltrain submit --file web.yml --set inputs.table.path=abfss://lake/a
says "$err" "abfss://"
