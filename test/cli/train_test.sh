#!/usr/bin/env bash
# The whole flow, typed as a script types it, on a small drawn set of images.
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
small=(--arch resnet18 --weights none --num-epochs 2 --batch-size 8 --workers 1 --image-size 48 --resize-size 56
  --learning-rate 0.01 --seed 3 --threads 1 --log-every 1)

amltrain workspace init --name flow 2>/dev/null
amltrain experiment create birds 2>/dev/null
amltrain compute create local --wait 2>/dev/null
amltrain data sample images --train 8 --val 4
tar -czf shapes.tar.gz -C images .
amltrain data fetch shapes.tar.gz --name shapes 2>/dev/null
a=$(amltrain submit --quiet --experiment birds --data shapes "${small[@]}")
amltrain wait "$a" >"$out" 2>"$err"
says "$out" "Completed"
amltrain register "$a" --name pt-dnn >/dev/null
amltrain download pt-dnn:1 --to model >/dev/null 2>&1
[[ -s model/model.pt && -s model/labels.json && -s model/report.json ]] || fail "files are missing in model/"
amltrain export-onnx pt-dnn --to model.onnx --check >"$out" 2>"$err"
says "$out" "largest difference"
[[ -s model.onnx ]] || fail "no model.onnx"

# Metrics by their names, for every epoch; lineage to data and labels.
expect 0 amltrain runs show "$a" --output json
holds "$out" "set(d['metrics']) == {'lr', 'momentum', 'train_loss', 'train_acc', 'val_loss', 'val_acc', 'best_val_acc', 'images_per_second'}"
holds "$out" "d['data']['name'] == 'shapes' and d['data']['fingerprint'].startswith('sha256:')"
holds "$out" "{f['path'] for f in d['outputs']} == {'outputs/model.pt', 'outputs/labels.json', 'outputs/report.json'}"
fingerprint=$(json "$out" "d['data']['fingerprint']")
expect 0 amltrain models show pt-dnn --output json
holds "$out" "d['run'] == '$a' and d['data']['fingerprint'] == '$fingerprint' and len(d['labels']) >= 2"
expect 0 amltrain runs metrics "$a" --name val_acc --format csv
same "$(wc -l <"$out")" 3

# In the foreground, without a workspace: the same words, the same bytes, the report as the result.
mkdir elsewhere
cd elsewhere
AMLTRAIN_METRICS=metrics.jsonl expect 0 amltrain train --data ../images "${small[@]}" --output json
holds "$out" "d['arch'] == 'resnet18' and len(d['epochs']) == 2 and len(d['confusion']) == len(d['classes'])"
cmp outputs/model.pt ../model/model.pt || fail "the same seed, threads and data gave other bytes"
grep -q '"best_val_acc"' metrics.jsonl || fail "no metrics in the named file"
expect 0 amltrain train --data ../images "${small[@]}" --num-epochs 1 --output-dir again
says "$out" "PRECISION"
says "$err" "val Loss"
[[ -s again/model.pt ]] || fail "no again/model.pt"

# A frozen backbone's features may be kept: the bytes are those of computing them in every epoch.
frozen=("${small[@]}" --freeze backbone --augmentation none --best-metric last)
expect 0 amltrain train --data ../images "${frozen[@]}" --frozen-norm --output-dir computed --output json
holds "$out" "d['features'] is None"
expect 0 amltrain train --data ../images "${frozen[@]}" --cache-features 1 --output-dir kept --output json
holds "$out" "d['features']['draws'] == 1 and d['options']['--frozen-norm']"
cmp computed/model.pt kept/model.pt || fail "kept features gave other bytes"
fails 2 bad_input amltrain train --data ../images --cache-features 1
cd ..

# A recipe sets what was not given; both are said and recorded.
expect 0 amltrain train --data images "${small[@]}" --recipe fast --num-epochs 1 --output-dir fast --output json
holds "$out" "d['recipe'] == 'fast' and d['options']['--scheduler'] == 'cosine' and d['options']['--ema'] > 0"
holds "$out" "d['options']['--batch-size'] == 8 and d['options']['--learning-rate'] == 0.01"
expect 0 amltrain train --data images "${small[@]}" --recipe fast --num-epochs 1 --output-dir fast
says "$err" "recipe: fast, with "

# Training goes on from registered weights, and from a file by a relative path.
cp -r images "\$my 'own' images"
b=$(amltrain submit --quiet --experiment birds --data "\$my 'own' images" "${small[@]}" --num-epochs 1 --weights models:/pt-dnn/1)
c=$(amltrain submit --quiet --experiment birds --data "$T/images" "${small[@]}" --num-epochs 1 --weights model/model.pt \
  --freeze backbone)
expect 0 amltrain wait "$b" "$c"
fails 3 not_found amltrain submit --data shapes --weights nowhere.pth
expect 0 amltrain export-onnx "$c" --to c.onnx
fails 6 conflict amltrain export-onnx "$c" --to c.onnx
expect 0 amltrain export-onnx model/model.pt --to c.onnx --force --output json
holds "$out" "d['schema'] == 'amltrain.onnx-export/1' and d['arch'] == 'resnet18' and 'check' not in d"

# Ctrl-C ends training between two steps: exit code 4. The run of a canceled job is canceled.
(exec amltrain train --data images "${small[@]}" --num-epochs 1000 --output-dir stopped 2>stopped.log >/dev/null) &
trainer=$!
until_true 60 grep -q 'val Loss' stopped.log
kill -TERM $trainer
code=0
wait $trainer || code=$?
same "$code" 4
says stopped.log "was stopped"
d=$(amltrain submit --quiet --data images "${small[@]}" --num-epochs 1000)
until_true 60 grep -q 'val_acc' ".amltrain/runs/$d/metrics.jsonl"
expect 0 amltrain runs cancel "$d"
expect 4 amltrain wait "$d"
