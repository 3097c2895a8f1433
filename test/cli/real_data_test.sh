#!/usr/bin/env bash
# The tutorial's images: fetched, trained from nothing, registered, exported; and again from a torchvision file.
#   AMLTRAIN_REAL_ARCHIVE       hymenoptera_data.zip
#   AMLTRAIN_REFERENCE_PYTHON   a Python with torch and torchvision, for the second part
# shellcheck source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
[[ -n ${AMLTRAIN_REAL_ARCHIVE:-} ]] || skip "AMLTRAIN_REAL_ARCHIVE names no archive"

amltrain workspace init >/dev/null 2>&1
amltrain data fetch "$AMLTRAIN_REAL_ARCHIVE" --name hymenoptera >"$out" 2>"$err"
says "$out" "ants"
a=$(amltrain submit --quiet --experiment hymenoptera --data hymenoptera --weights none --num-epochs 2 --batch-size 16)
amltrain wait "$a" --show-output >"$out" 2>"$err"
says "$err" "val Loss"
says "$out" "best"
amltrain register "$a" --name pt-dnn >/dev/null
amltrain download pt-dnn --to model >/dev/null 2>&1
amltrain export-onnx "$a" --to model.onnx --check >"$out" 2>"$err"
says "$out" "largest difference"

if [[ -z ${AMLTRAIN_REFERENCE_PYTHON:-} ]]; then
  echo "AMLTRAIN_REFERENCE_PYTHON is not set: the half with a torchvision file is left out"
  exit 0
fi
"$AMLTRAIN_REFERENCE_PYTHON" - <<'PYTHON'
import torch, torchvision
torch.manual_seed(0)
torch.save(torchvision.models.resnet18(weights=None).state_dict(), "resnet18.pth")
PYTHON
b=$(amltrain submit --quiet --experiment hymenoptera --data hymenoptera --weights resnet18.pth --num-epochs 1 \
  --batch-size 16 --freeze backbone)
amltrain wait "$b" --show-output >"$out" 2>"$err"
amltrain register "$b" --name pt-dnn >"$out"
says "$out" "2"
amltrain download pt-dnn:2 model.pt --to transferred >/dev/null 2>&1
amltrain export-onnx pt-dnn:2 --to transferred.onnx --check >"$out" 2>"$err"
"$AMLTRAIN_REFERENCE_PYTHON" - <<'PYTHON'
import torch, torchvision
model = torchvision.models.resnet18(num_classes=2)
model.load_state_dict(torch.load("transferred/model.pt", weights_only=True), strict=True)
start = torch.load("resnet18.pth", weights_only=True)
assert torch.equal(model.layer4[1].conv2.weight, start["layer4.1.conv2.weight"]), "a frozen weight moved"
PYTHON
