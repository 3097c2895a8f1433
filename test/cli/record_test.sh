#!/usr/bin/env bash
# What a run's record holds to do it again: the source's commit and difference, the machine, the software, the seed, and
# what the run took.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

git init -q -b work project
cd project
mkdir src && echo 'echo one' >src/train.sh
git add src && git -c user.name=n -c user.email=e@example.org commit -q -m first
commit=$(git rev-parse HEAD)
amltrain workspace init >/dev/null 2>&1

# The workspace in the repository is no change of it.
expect 0 amltrain submit --source src --stream --output json
cp "$out" clean.json
holds clean.json "d['git'] == {'folder': '$PWD/src', 'commit': '$commit', 'branch': 'work', 'changed': False, 'diff': None, 'left_out': []}"
holds clean.json "d['conditions']['schema'] == 'amltrain.conditions/1' and d['conditions']['command'] == 'exec bash train.sh'"
holds clean.json "d['conditions']['seed'] is None and d['conditions']['software']['torch'] is None"
holds clean.json "d['resources']['cpu_seconds'] >= 0 and d['resources']['gpus'] == []"
expect 0 amltrain describe --output json
holds "$out" "d['machine'].items() <= json.load(open('clean.json'))['conditions']['machine'].items()"
holds "$out" "d['version'] == json.load(open('clean.json'))['conditions']['software']['amltrain']"
same "$(json clean.json "d['conditions']['software']['program_sha256']")" "$(sha256sum "$AMLTRAIN" | cut -d' ' -f1)"

# What differs from the commit is kept beside the run.
echo 'echo two' >src/train.sh
echo 'KEY=hunter2' >src/.env && git add src/.env
expect 0 amltrain submit --source src --stream --output json
holds "$out" "d['git']['changed'] and d['git']['left_out'] == ['src/.env']"
run=$(json "$out" "d['id']")
diff=.amltrain/runs/$run/source.diff
same "$(sha256sum "$diff" | cut -d' ' -f1)" "$(json "$out" "d['git']['diff']['sha256']")"
says "$diff" '+echo two'
! grep -rq hunter2 .amltrain/runs || fail "the secret is in the record"
expect 0 amltrain runs show "$run"
says "$out" "$commit (work), changed: see source.diff"
says "$out" 'Machine'
says "$out" 'CPU time'

# Without source it is the folder that the run is submitted from; outside of a repository there is nothing to tell.
shell_job job.yml 'true'
expect 0 amltrain submit --file job.yml --stream --output json
holds "$out" "d['git']['folder'] == '$PWD' and d['git']['commit'] == '$commit'"
cd /
expect 0 amltrain --workspace "$T/project" submit --file "$T/project/job.yml" --stream --output json
holds "$out" "d['git'] is None"

# The built-in trainer's seed, its default too, and its libraries are those of its report.
cd "$T"
amltrain workspace init >/dev/null 2>&1
amltrain data sample images --train 2 --val 2 >/dev/null 2>&1
for seed in "" 7; do
  expect 0 amltrain submit --data images --num-epochs 1 --image-size 33 --resize-size 36 --stream --output json ${seed:+--seed "$seed"}
  report=.amltrain/runs/$(json "$out" "d['id']")/outputs/report.json
  same "$(json "$out" "d['conditions']['seed']")" "$(json "$report" "d['seed']")"
  cp "$out" trained.json
done
same "$(json trained.json "d['conditions']['seed']")" 7
expect 0 amltrain describe --output json
holds "$out" "d['engine']['torch'].split('+')[0] == json.load(open('trained.json'))['conditions']['software']['torch']"
holds trained.json "len(d['conditions']['software']['engine_sha256']) == 64"
holds trained.json "d['resources']['cpu_seconds'] > 0 and d['resources']['peak_memory_bytes'] > 50e6"

# Lists leave them out.
expect 0 amltrain runs list --output json
holds "$out" "all(r['conditions'] is None and r['resources'] is None for r in d['items'])"

# The lines of a failure's message are lines of what is shown.
mkdir failing && printf 'echo args: 7\nexit 7\n' >failing/train.sh
run=$(amltrain submit --quiet --source failing)
expect 1 amltrain wait "$run"
grep -qE '^ +args: 7$' "$out" || fail "the message is not shown in lines"
expect 0 amltrain runs show "$run"
grep -qE '^Failure .*exit code 7$' "$out" || fail "the message is not shown in lines"

# Nothing came out of a run: nothing to register, nothing to compare.
mkdir bare && echo true >bare/train.sh
expect 0 amltrain submit --source bare --stream
says_not "$out" 'amltrain register'
bare=$(amltrain submit --quiet --source bare)
expect 0 amltrain wait "$bare"
expect 0 amltrain reproduce "$bare"
says "$out" 'identical: nothing to compare but the exit code'

# A run that can't be read is listed, with the reason beside the list.
mkdir .amltrain/runs/broken && echo '{' >.amltrain/runs/broken/run.json
expect 0 amltrain runs list
grep -qE '^broken +Failed .* -$|^broken +Failed .* - ' "$out" || fail "a time is told that is not known"
says "$err" 'broken: its documents are damaged: '
says "$err" 'amltrain workspace verify'
