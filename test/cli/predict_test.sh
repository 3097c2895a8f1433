#!/usr/bin/env bash
# A finished model in use: evaluated as a registered name, a run and a folder; predictions as lines in order.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
small=(--num-epochs 1 --batch-size 8 --workers 1 --image-size 48 --resize-size 56 --threads 1 --precision fp32)

amltrain workspace init >/dev/null 2>&1
amltrain data sample images --train 4 --val 3 >/dev/null 2>&1
run=$(amltrain submit --quiet --data images "${small[@]}")
amltrain wait "$run" >/dev/null 2>&1
amltrain register "$run" --name m >/dev/null
amltrain download m --to model >/dev/null 2>&1

# The same figures by each way to the model, and those that the training had at its best epoch.
expect 0 amltrain evaluate m:1 --data images --output json
is_empty "$err"
holds "$out" "d['schema'] == 'amltrain.evaluation/1' and d['image_size'] == 48 and d['images'] == sum(c['images'] for c in d['classes'])"
holds "$out" "abs(d['loss'] - json.load(open('model/report.json'))['best_val_loss']) < 1e-4"
holds "$out" "d['confusion'] == json.load(open('model/report.json'))['confusion']"
loss=$(json "$out" "d['loss']")
expect 0 amltrain evaluate "$run" --data images --output json
same "$(json "$out" "d['loss']")" "$loss"
expect 0 amltrain evaluate models:/m/1 --data images --split train
says "$out" "Accuracy"
says "$out" "PRECISION"
mkdir "$T/.elsewhere"
cp -r model images "$T/.elsewhere"
mv .amltrain .hidden
cd .elsewhere
expect 0 amltrain evaluate model --data images --output json
same "$(json "$out" "d['loss']")" "$loss"

# Predictions without a workspace, in order; an unreadable file is named and the rest is still predicted.
before=$(find . | sort)
expect 0 amltrain predict model images/val --top 2 --output json
same "$(wc -l <"$out")" "$(find images/val -name '*.jpg' | wc -l)"
head -n 1 "$out" >first
holds first "d['label'] == d['top'][0]['label'] and d['probability'] == d['top'][0]['probability'] and len(d['top']) == 2"
image=$(json first "d['file']")
expect 0 amltrain predict model/model.pt "$image"
[[ $(<"$out") == "$image"$'\t'*$'\t'0.* ]] || fail "no line of file, label and probability"
expect 2 amltrain predict model none.jpg "$image"
says "$err" "none.jpg"
says "$err" "1 of 2 files can't be read"
same "$(wc -l <"$out")" 1
expect 2 amltrain predict model none.jpg "$image" --output json
same "$(wc -l <"$out")" 2
head -n 1 "$out" >first
holds first "d['file'] == 'none.jpg' and 'none.jpg' in d['error']"
says "$err" '"category":"bad_input"'
same "$(find . -not -name first | sort)" "$before"

# Bad input.
fails 3 not_found amltrain predict nothing "$image"
fails 2 bad_input amltrain predict model
fails 2 bad_input amltrain predict images/val "$image"
fails 2 bad_input amltrain predict model model
fails 2 bad_input amltrain predict model "$image" --top 0
fails 2 bad_input amltrain predict "$image" "$image"
fails 2 bad_input amltrain evaluate model
fails 3 not_found amltrain evaluate nothing --data images
fails 3 not_found amltrain evaluate model --data nowhere
fails 2 bad_input amltrain evaluate model --data images --split test
fails 2 bad_input amltrain evaluate model --data images --image-size 64 --resize-size 40
mv images/val/"$(basename "$(dirname "$image")")" images/val/other
fails 2 bad_input amltrain evaluate model --data images
says "$err" "are not the model's labels"
rm model/labels.json
fails 3 not_found amltrain predict model "$image"
mv "$T/.hidden" "$T/.amltrain"
