#!/usr/bin/env bash
# A job is a command: what it prints, measures and leaves behind is the run's.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

amltrain workspace init >/dev/null 2>&1

# In the background, at once, with the id alone on standard output.
shell_job job.yml 'echo "hello from the job"; echo "and its fault" >&2; mkdir -p outputs; echo content > outputs/a.txt;
  echo "{\"name\": \"val_acc\", \"value\": 0.5, \"epoch\": 0}" >> "$AMLTRAIN_METRICS";
  echo "{\"name\": \"val_acc\", \"value\": 0.75, \"epoch\": 1}" >> "$AMLTRAIN_METRICS"'
expect 0 amltrain submit --quiet --file job.yml --experiment birds --tag colour=red --display-name first
run=$(cat "$out")
[[ $run =~ ^birds_[0-9]+_[0-9a-f]{8}$ ]] || fail "'$run' is no run id"
expect 0 amltrain wait "$run" --show-output
says "$err" "hello from the job"
says "$err" "and its fault"
says "$out" "Completed"
says "$out" "val_acc 0.75"
says "$out" "outputs/a.txt"
says_not "$out" "hello"

# What the run is, by id and by its beginning.
expect 0 amltrain runs show "${run%??}" --output json
holds "$out" "d['schema'] == 'amltrain.run/1' and d['id'] == '$run' and d['state'] == 'Completed'"
holds "$out" "d['experiment'] == 'birds' and d['compute'] == 'local' and d['tags'] == {'colour': 'red'}"
holds "$out" "d['exit_code'] == 0 and d['failure'] is None"
holds "$out" "d['submitted_at'] <= d['started_at'] <= d['ended_at'] and d['ended_at'].endswith('Z')"
holds "$out" "d['metrics'] == {'val_acc': 0.75} and d['best']['val_acc']['value'] == 0.75"
holds "$out" "d['best']['val_acc']['epoch'] == 1"
hash=$(echo content | sha256sum | cut -d' ' -f1)
holds "$out" "d['outputs'] == [{'path': 'outputs/a.txt', 'bytes': 8, 'sha256': '$hash'}]"

# Logs, files and metrics in their forms.
expect 0 amltrain runs logs "$run"
says "$out" "hello from the job"
expect 0 amltrain runs logs "$run" --follow
says "$out" "hello from the job"
expect 0 amltrain runs logs "$run" --output json
same "$(python3 -c 'import json, sys; print([json.loads(l)["line"] for l in open(sys.argv[1])][0])' "$out")" \
  "hello from the job"
fails 3 not_found amltrain runs logs "$run" --rank 3
fails 3 not_found amltrain wait --show-output "$run" --rank 3
expect 0 amltrain wait "$run" --show-output --rank 0
expect 0 amltrain runs files "$run" --output json
holds "$out" "d['schema'] == 'amltrain.file-list/1' and 'outputs/a.txt' in [f['path'] for f in d['items']]"
holds "$out" "'logs/rank-0.log' in [f['path'] for f in d['items']]"
expect 0 amltrain runs metrics "$run"
says "$out" "0.75"
expect 0 amltrain runs metrics "$run" --format csv
same "$(head -1 "$out")" "time,name,value,step,epoch,rank"
same "$(sed -n '3s/^[^,]*,//p' "$out")" "val_acc,0.75,,1,0"
expect 0 amltrain runs metrics "$run" --output json --name val_acc
same "$(python3 -c 'import json, sys; print([json.loads(l)["value"] for l in open(sys.argv[1])])' "$out")" "[0.5, 0.75]"
expect 0 amltrain runs metrics "$run" --format jsonl --name other
is_empty "$out"

# A failing command is a failed run: exit code 1, and the reason is told.
shell_job bad.yml 'echo "no such thing" >&2; exit 3'
bad=$(amltrain submit --quiet --file bad.yml --experiment birds)
expect 1 amltrain wait "$bad"
says "$out" "Failed"
expect 0 amltrain runs show "$bad" --output json
holds "$out" "d['exit_code'] == 3 and d['failure']['code'] == 3 and d['failure']['stage'] == 'Running'"
says "$out" "exit code 3"

# The worst of several is the exit code; each has its document.
expect 1 amltrain wait "$run" "$bad" --output json
same "$(python3 -c 'import json, sys; print([json.loads(l)["state"] for l in open(sys.argv[1])])' "$out")" \
  "['Completed', 'Failed']"

# Lists filter and sort.
shell_job better.yml 'echo "{\"name\": \"val_acc\", \"value\": 0.9}" >> "$AMLTRAIN_METRICS"'
better=$(amltrain submit --quiet --file better.yml --experiment other)
expect 0 amltrain wait "$better"
ids() { amltrain runs list --output json "$@" | python3 -c 'import json, sys; print(*[r["id"] for r in json.load(sys.stdin)["items"]])'; }
same "$(ids)" "$better $bad $run"
same "$(ids --experiment birds)" "$bad $run"
same "$(ids --state failed)" "$bad"
same "$(ids --state Completed,Failed --limit 2)" "$better $bad"
same "$(ids --metric val_acc)" "$better $run"
same "$(ids --sort val_acc --experiment birds --metric val_acc)" "$run"
same "$(ids --sort val_acc --limit 1)" "$better"
same "$(ids --tag colour=red)" "$run"
same "$(ids --compute nothing)" ""

# submit --stream follows, and ends as the run does.
expect 1 amltrain submit --file bad.yml --stream
says "$err" "no such thing"
says "$out" "Failed"

# A registered file comes back by its hash, never over another without --force.
expect 0 amltrain register "$run" --name pt-dnn --path outputs/a.txt --tag kind=text
expect 0 amltrain register "$run" --name pt-dnn --output json
holds "$out" "d['schema'] == 'amltrain.model/1' and d['version'] == 2 and d['run'] == '$run'"
expect 6 amltrain register "$bad" --name pt-dnn
expect 0 amltrain models list --output json
holds "$out" "[m['version'] for m in d['items']] == [2, 1] and d['items'][1]['tags'] == {'kind': 'text'}"
expect 0 amltrain download pt-dnn:1 --to model --output json
holds "$out" "d['folder'] == '$T/model' and len(d['items']) == 1"
same "$(cat model/a.txt)" content
fails 6 conflict amltrain download pt-dnn:1 --to model
expect 0 amltrain download pt-dnn:1 --to model --force
expect 0 amltrain download "$run" 'outputs/*.txt' --to files
same "$(cat files/outputs/a.txt)" content
fails 3 not_found amltrain download "$run" '*.onnx' --to files
says "$err" "outputs/a.txt"
fails 3 not_found amltrain download pt-dnn:7
fails 3 not_found amltrain register "$run" --name m --path outputs/none

# A model that was changed on disk is told apart.
expect 0 amltrain models verify pt-dnn:1
chmod -R u+w .amltrain/models/pt-dnn/1
find .amltrain/models/pt-dnn/1 -name a.txt -exec sh -c 'echo CONTENT >"$1"' sh {} \;
expect 2 amltrain models verify pt-dnn:1
says "$out" "a.txt"
says "$err" "pt-dnn:1"
expect 2 amltrain download pt-dnn:1 --to damaged
[[ ! -e damaged/a.txt ]] || fail "a damaged file was handed out"
