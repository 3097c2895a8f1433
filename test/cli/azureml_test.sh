#!/usr/bin/env bash
# A script that logs by Azure ML's SDK v1 runs as it is, in a run and outside; the SDK itself goes before our stand-in.
# shellcheck disable=SC2016 source=SCRIPTDIR/cli.sh
source "$(dirname "$0")/cli.sh"
command -v python3 >/dev/null || skip "no python3"
! python3 -c 'import azureml.core' 2>/dev/null || skip "the Azure SDK is installed"
unset PYTHONPATH

amltrain workspace init >/dev/null 2>&1
mkdir src
cat >src/train.py <<'PYTHON'
import argparse, os, shutil
from azureml.core.run import Run
from azureml.core import Run as SameRun

class Scalar:  # as of NumPy or PyTorch
    def __float__(self):
        return 0.125

class Plot:
    def savefig(self, target):
        open(target, "w").write("plot")

parser = argparse.ArgumentParser()
parser.add_argument("--num_epochs", type=int)
parser.add_argument("--output_dir")
given = parser.parse_args()
run = Run.get_context()
assert Run is SameRun
run.log("lr", 0.001)
for epoch in range(given.num_epochs):
    run.log("best_val_acc", Scalar() if epoch == 0 else 0.5 * epoch)
run.log_list("accuracies", [0.25, 0.5, 0.75])
run.log_row("confusion", truth=1, predicted=2)
run.log_row("confusion", truth=3, predicted=4)
run.log_table("sines", {"angle": [0, 1], "sine": [0.0, 0.84]})
run.log("diverged", float("nan"))
run.log("note", "text is no metric")
os.makedirs(given.output_dir, exist_ok=True)
open(os.path.join(given.output_dir, "model.pt"), "w").write("weights")
open("picture.png", "w").write("picture")
run.log_image("picture", path="picture.png")
run.log_image("curve", plot=Plot())
run.upload_file("outputs/deep/copy.txt", "picture.png")
run.tag("kind", "tutorial")
run.tag("plain")
run.set_tags({"team": "birds", "fold": 3})
run.tag("a=b\0c", "no tag")
os.makedirs("folder/in", exist_ok=True)
open("folder/in/x.txt", "w").write("x")
run.upload_folder("kept", "folder")
run.upload_folder("all", ".")
if not run.id.startswith("Offline"):
    assert "outputs/all/train.py" in run.get_file_names() and not any("all/outputs" in f for f in run.get_file_names())
    shutil.rmtree("outputs/all")
    assert "outputs/kept/in/x.txt" in run.get_file_names(), run.get_file_names()
try:
    run.register_model("m", model_path="outputs/model.pt")
    assert False
except NotImplementedError as error:
    assert f"amltrain register {run.id} --name m" in str(error)
assert run.get_metrics("lr") == {"lr": 0.001}
run.complete()
print("id", run.id)
PYTHON

expect 0 amltrain submit --source src --stream --output json -- --num_epochs 3 --output_dir ./outputs
holds "$out" "d['metrics'] == {'lr': 0.001, 'best_val_acc': 1.0, 'accuracies': 0.75, 'confusion.truth': 3, 'confusion.predicted': 4, 'sines.angle': 1, 'sines.sine': 0.84, 'diverged': None}"
holds "$out" "d['best']['accuracies']['step'] == 2 and d['best']['confusion.truth']['step'] == 1"
holds "$out" "[f['path'] for f in d['outputs']] == ['outputs/curve.png', 'outputs/deep/copy.txt', 'outputs/kept/in/x.txt', 'outputs/model.pt', 'outputs/picture.png']"
run=$(json "$out" "d['id']")
expect 0 amltrain runs logs "$run"
says "$out" "id $run"
says "$out" "note: text is no metric"
says "$out" "was not set: "
expect 0 amltrain runs show "$run" --output json
holds "$out" "d['tags'] == {'kind': 'tutorial', 'plain': '', 'team': 'birds', 'fold': '3'}"
expect 0 amltrain runs metrics "$run" --name best_val_acc --output json
same "$(python3 -c 'import json, sys; print([json.loads(l)["value"] for l in open(sys.argv[1])])' "$out")" "[0.125, 0.5, 1.0]"

# Outside of a run it prints.
ours=$(dirname "$(dirname "$AMLTRAIN")")/lib/amltrain/python
mkdir alone && cd alone
expect 0 env PYTHONPATH="$ours" python3 ../src/train.py --num_epochs 1 --output_dir out
cd "$T"
says "$out" "best_val_acc: <"
says "$out" "accuracies: 0.5 (step 1)"
says "$out" "id OfflineRun_"
[[ ! -e alone/outputs ]] || fail "a script outside of a run gets outputs"
expect 1 env PYTHONPATH="$ours" python3 -c 'from azureml.core import Run; Run.get_context(allow_offline=False)'

# What is not there is said.
for import in 'from azureml.core import Workspace' 'from azureml.core.model import Model' 'import azureml.core; azureml.core.Dataset'; do
  expect 1 env PYTHONPATH="$ours" python3 -c "$import"
  says "$err" "ImportError: azureml.core is amltrain's stand-in"
done

# The SDK wins, whether it is a namespace package or not, and with what it has beside core.
for kind in namespace regular; do
  mkdir -p "$kind/azureml/core"
  [[ $kind == namespace ]] || touch "$kind/azureml/__init__.py"
  echo 'class Run: pass' >"$kind/azureml/core/run.py"
  printf 'from azureml.core.run import Run\nfrom .extra import sdk\n' >"$kind/azureml/core/__init__.py"
  echo 'sdk = True' >"$kind/azureml/core/extra.py"
  for path in "$ours:$T/$kind" "$T/$kind:$ours"; do
    expect 0 env PYTHONPATH="$path" python3 -c 'import azureml.core, azureml.core.run
from azureml.core.run import Run
print(azureml.core.sdk, hasattr(Run, "log"), Run is azureml.core.Run)'
    same "$(cat "$out")" "True False True"
  done
done
# Another part of it without core does not hide ours.
mkdir -p other/azureml/mlflow && touch other/azureml/mlflow/__init__.py
expect 0 env PYTHONPATH="other:$ours" python3 -c 'import azureml.mlflow; from azureml.core import Run; Run.log'
