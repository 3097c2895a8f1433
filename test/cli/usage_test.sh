#!/usr/bin/env bash
# Bad input gets one or two lines that say what, where and what next, for every command.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"

amltrain workspace init >/dev/null 2>&1

# Words that lead nowhere.
fails 2 bad_input amltrain
says "$err" "workspace"
fails 2 bad_input amltrain runs
fails 2 bad_input amltrain trian
says "$err" "did you mean 'train'?"
fails 2 bad_input amltrain runs lst
says "$err" "did you mean 'list'?"
fails 2 bad_input amltrain submit --num-epoch 3
says "$err" "did you mean --num-epochs?"
fails 2 bad_input amltrain runs list extra
says "$err" "'extra'"
fails 2 bad_input amltrain runs list --output yaml
says "$err" "none of text, json"

# Values out of their range are named with the option.
for option in --num-epochs --batch-size --lr-step --log-every; do
  fails 2 bad_input amltrain train --data . "$option" 0
  says "$err" "$option: '0' is not a whole number from 1"
done
fails 2 bad_input amltrain train --data . --workers -1
fails 2 bad_input amltrain train --data . --num-epochs three
says "$err" "'three'"
fails 2 bad_input amltrain train --data . --learning-rate nan
fails 2 bad_input amltrain train --data . --precision fp23
says "$err" "did you mean fp32?"
fails 2 bad_input amltrain train --data . --freeze all
expect 2 amltrain train --data . --seed
says "$err" "needs a value"
fails 2 bad_input amltrain wait x --timeout soon
for option in --timeout --queue-timeout; do
  fails 2 bad_input amltrain submit "$option" 0s
  says "$err" "$option: '0s': must be at least one second"
done
fails 2 bad_input amltrain submit --data . --tag colour
says "$err" "KEY=VALUE"

# Every command: something missing, unknown or wrong.
fails 2 bad_input amltrain workspace init one two
fails 2 bad_input amltrain workspace init new --name 'a/b'
fails 2 bad_input amltrain experiment create
says "$err" "usage: amltrain experiment create [OPTIONS] NAME"
fails 2 bad_input amltrain experiment create '../up'
amltrain experiment create birds >/dev/null 2>&1
fails 3 not_found amltrain experiment show brids
says "$err" "did you mean 'birds'?"
fails 2 bad_input amltrain experiment list extra
fails 2 bad_input amltrain compute create
fails 2 bad_input amltrain compute create c --kind cloud
fails 2 bad_input amltrain compute create c --max-nodes 0
fails 2 bad_input amltrain compute create c --gpus 99
fails 3 not_found amltrain compute show nothing
fails 3 not_found amltrain compute delete nothing
fails 2 bad_input amltrain compute list extra
fails 2 bad_input amltrain data fetch
fails 3 not_found amltrain data fetch nothing.zip
echo text >text.zip
fails 2 bad_input amltrain data fetch text.zip
fails 2 bad_input amltrain data fetch text.zip --sha256 zz
fails 3 not_found amltrain data show nothing
fails 2 bad_input amltrain data list extra
fails 2 bad_input amltrain data sample
fails 2 bad_input amltrain train
fails 3 not_found amltrain train --data nowhere
mkdir empty
fails 2 bad_input amltrain train --data empty
fails 2 bad_input amltrain submit
says "$err" "--data, --file, --source or --resume"
fails 3 not_found amltrain submit --data nowhere
fails 2 bad_input amltrain submit --data empty
fails 3 not_found amltrain submit --file nothing.yml
printf 'command: true\ncomand: x\n' >wrong.yml
fails 2 bad_input amltrain submit --file wrong.yml
says "$err" "comand"
says "$err" "wrong.yml"
printf 'command: "echo ${{inputs.none}}"\n' >undefined.yml
fails 2 bad_input amltrain submit --file undefined.yml
says "$err" "none"
shell_job job.yml true
fails 2 bad_input amltrain submit --file job.yml --num-epochs 3
fails 2 bad_input amltrain submit job.yml
says "$err" "--file job.yml"
fails 2 bad_input amltrain submit --source empty --num_epochs 3
says "$err" "your program's options go behind --"
fails 2 bad_input amltrain log loss abc
says "$err" "'abc' is no number"
fails 3 not_found amltrain submit --file job.yml --compute nothing
fails 2 bad_input amltrain submit --file job.yml --experiment 'a b'
fails 2 bad_input amltrain wait
fails 3 not_found amltrain wait nothing
fails 2 bad_input amltrain runs list --state Running,Walking
says "$err" "Walking"
for command in show metrics logs files cancel; do
  fails 2 bad_input amltrain runs $command
  fails 3 not_found amltrain runs $command nothing
done
fails 2 bad_input amltrain register nothing
fails 3 not_found amltrain register nothing --name m
fails 3 not_found amltrain models show nothing
fails 3 not_found amltrain models verify nothing
fails 2 bad_input amltrain models show ''
fails 2 bad_input amltrain models list extra
fails 3 not_found amltrain download nothing
fails 2 bad_input amltrain download
fails 3 not_found amltrain export-onnx nothing --to m.onnx
fails 2 bad_input amltrain export-onnx nothing
fails 2 bad_input amltrain export-onnx text.zip --to m.onnx
fails 2 bad_input amltrain describe extra
fails 2 bad_input amltrain completion tcsh
fails 2 bad_input amltrain man extra

# An empty value, mostly a variable that isn't set, is no option left out.
mkdir imgs code && echo true >code/train.sh
for option in --file --source --resume --compute --experiment --workspace -j --after --set --idempotency-key; do
  fails 2 bad_input amltrain submit --data imgs "$option" ""
  says "$err" "$option: the value is empty"
  [[ $option == -j ]] || fails 2 bad_input amltrain submit --data imgs "$option="
done
for option in --data --entry --python --requirements --pip-packages; do
  fails 2 bad_input amltrain submit --source code "$option" ""
  says "$err" "$option: the value is empty"
done
fails 2 bad_input amltrain download nothing --to ""
fails 2 bad_input amltrain job explain ""
fails 2 bad_input amltrain runs list --experiment ""
fails 2 bad_input amltrain workspace show --workspace ""
expect 0 amltrain submit --source code --dry-run --description "" --display-name "" --env X= --tag t= -- "" a
says "$out" "X="
says "$out" "'' a"

# Nothing of all that left a run, and no half-made data.
expect 0 amltrain runs list --output json
holds "$out" "d['items'] == []"
expect 0 amltrain data list --output json
holds "$out" "d['items'] == []"
