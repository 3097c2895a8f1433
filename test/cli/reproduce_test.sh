#!/usr/bin/env bash
# Doing a run again from its record: the same, nearly the same or not, and what it is refused for.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

amltrain workspace init >/dev/null 2>&1
mkdir src data && echo 0.5 >data/x
cat >src/train.sh <<'SCRIPT'
set -e
for step in 1 2 3; do
  amltrain log loss "$(cat "$2")" --step $step
  amltrain log step_seconds "$RANDOM" --step $step
done
score=$(cat "$SCORE")
amltrain log score "$score" --step 3
date +%N >outputs/when
SCRIPT
echo 1.0 >score
amltrain submit --source src --data data --dry-run --output json -- 7 '${{inputs.data}}/x' >job.json
sed -i "0,/\"type\":/s|\"type\":|\"environment_variables\": {\"SCORE\": \"$T/score\"}, &|" job.json
run=$(amltrain submit --quiet --file job.json)
amltrain wait "$run" >/dev/null 2>&1

# The same, though the folder that it came from is gone, by its snapshot.
mv src gone
expect 0 amltrain reproduce "$run" --output json
holds "$out" "d['schema'] == 'amltrain.reproduction/1' and d['verdict'] == 'identical' and d['original'] == '$run' and d['run'] != '$run'"
holds "$out" "d['metrics'] == {'points': 4, 'differing': 0, 'largest_difference': 0, 'first': None, 'left_out': ['step_seconds']}"
holds "$out" "d['outputs'] == {'counted': False, 'same': 0, 'different': ['outputs/when'], 'missing': [], 'extra': []} and d['changed'] == []"
again=$(json "$out" "d['run']")
expect 0 amltrain runs show "$again" --output json
holds "$out" "d['reproduces'] == '$run' and d['snapshot'] == json.loads('''$(amltrain runs show "$run" --output json)''')['snapshot']"
expect 0 amltrain reproduce "${run%?}"
says "$out" "identical: 4 metric points"
says "$out" "nothing that is recorded"

# What is not the same is named: the first point, and what it ran under.
echo 1.0001 >score
export PYTHONHASHSEED=7
expect 1 amltrain reproduce "$run" --output json
unset PYTHONHASHSEED
holds "$out" "d['verdict'] == 'different' and d['metrics']['differing'] == 1"
holds "$out" "d['metrics']['first'] == {'name': 'score', 'rank': 0, 'step': 3, 'epoch': None, 'before': 1.0, 'now': 1.0001}"
holds "$out" "d['changed'] == [{'what': 'variables.PYTHONHASHSEED', 'before': None, 'now': '7'}]"
expect 1 amltrain reproduce "$run"
says "$out" "score, step 3: 1.0 before, 1.0001 now"
expect 0 amltrain reproduce "$run" --tolerance 1e-3 --output json
holds "$out" "d['verdict'] == 'within_tolerance' and 9e-5 < d['metrics']['largest_difference'] < 1.1e-4"
expect 1 amltrain reproduce "$run" --tolerance 1e-5
amltrain compute create two --threads 2 >/dev/null 2>&1
echo 1.0 >score
expect 0 amltrain reproduce "$run" --compute two --output json
holds "$out" "{(c['what'], c['before'], c['now']) for c in d['changed']} >= {('compute', 'local', 'two'), ('threads', 0, 2)}"

# One that ends otherwise gives the code of its end; a failure that comes again is the same.
rm score
expect 1 amltrain reproduce "$run" --output json
holds "$out" "d['verdict'] == 'different' and d['ended'] == {'before': {'state': 'Completed', 'exit_code': 0}, 'now': {'state': 'Failed', 'exit_code': 1}}"
holds "$out" "d['metrics']['first'] == {'name': 'score', 'rank': 0, 'step': 3, 'epoch': None, 'before': 1.0, 'now': None}"
shell_job fail.yml 'amltrain log loss 1; exit 3'
failed=$(amltrain submit --quiet --file fail.yml)
amltrain wait "$failed" >/dev/null 2>&1 || true
expect 0 amltrain reproduce "$failed"
says "$out" "Failed, exit code 3"

# What it was made from must be as it was.
echo 1.0 >score
echo 0.6 >data/x
count=$(amltrain runs list | wc -l)
fails 2 bad_input amltrain reproduce "$run"
expect 2 amltrain reproduce "$run"
says "$err" "its data $T/data changed"
mv data elsewhere
fails 3 not_found amltrain reproduce "$run"
same "$(amltrain runs list | wc -l)" "$count"
mv elsewhere data && echo 0.5 >data/x
expect 0 amltrain reproduce "$run" --tolerance 0
fails 2 bad_input amltrain reproduce "$run" --tolerance -1
fails 3 not_found amltrain reproduce "$run" --compute nowhere
fails 3 not_found amltrain reproduce no-such-run
shell_job long.yml 'exec sleep 600'
long=$(amltrain submit --quiet --file long.yml)
fails 6 conflict amltrain reproduce "$long"
amltrain runs cancel "$long" >/dev/null 2>&1

# All inputs count, with one named data and without.
for name in data d; do
  rm -rf d && mkdir d && echo 1 >d/f.txt && echo 2 >d/g.txt
  cat >two.yml <<JOB
command: cat \${{inputs.$name}}/g.txt \${{inputs.f}} \${{inputs.m}} >outputs/all
inputs:
  $name: {path: d, mode: download}
  f: {type: uri_file, path: d/f.txt}
  m: {type: custom_model, path: score}
JOB
  two=$(amltrain submit --quiet --file two.yml)
  amltrain wait "$two" >/dev/null 2>&1
  expect 0 amltrain reproduce "$two"
  echo 3 >d/f.txt
  fails 2 bad_input amltrain reproduce "$two"
  echo 1 >d/f.txt && echo 3 >d/g.txt
  fails 2 bad_input amltrain reproduce "$two"
  echo 2 >d/g.txt && echo 2.0 >score
  expect 2 amltrain reproduce "$two"
  says "$err" "its input 'm' changed"
  echo 1.0 >score
  expect 0 amltrain runs show "$two" --output json
  cp "$out" two.json
  expect 0 amltrain runs compare "$two" "$run" --output json
  says "$out" '"data f"'
  holds two.json "sorted(d['conditions']['inputs']) == (['f', 'm'] if '$name' == 'data' else ['d', 'f', 'm'])"
done

for file in .amltrain/snapshots/*.json; do mv "$file" "$file.gone"; done
fails 3 not_found amltrain reproduce "$run"
for file in .amltrain/snapshots/*.json.gone; do mv "$file" "${file%.gone}"; done
fails 5 timed_out amltrain reproduce "$run" --timeout 0

# The built-in trainer gives the same weights again; a run that was resumed is one that never stopped.
amltrain data sample images --train 4 --val 2 >/dev/null 2>&1
train=(--data images --num-epochs 2 --image-size 33 --resize-size 36)
trained=$(amltrain submit --quiet "${train[@]}")
amltrain wait "$trained" >/dev/null 2>&1
expect 0 amltrain reproduce "$trained" --output json
holds "$out" "d['verdict'] == 'identical' and d['outputs']['counted'] and d['outputs']['same'] >= 2 and d['metrics']['points'] > 4"
holds "$out" "'images_per_second' in d['metrics']['left_out']"
