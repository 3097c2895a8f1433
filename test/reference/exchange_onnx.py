"""Judges an ONNX file: the full checker, onnxruntime, and torchvision with the same weights.

  exchange_onnx.py OUT ARCH

Reads OUT/ARCH.pt, OUT/plain.onnx, OUT/folded.onnx and OUT/images.safetensors, {"one", "seven"}: two batches. Writes
OUT/logits.safetensors, {"FILE.BATCH", "torchvision.BATCH"}. OUT/manifest.json: {"metadata": {...}, "opset", "ir_version"}.
"""
import json
import sys
from pathlib import Path

import onnx
import onnxruntime
import torch
import torchvision
from safetensors.torch import load_file, save_file

out, arch = Path(sys.argv[1]), sys.argv[2]
images = load_file(out / "images.safetensors")
logits = {}
state = torch.load(out / f"{arch}.pt", weights_only=True)
network = getattr(torchvision.models, arch)(weights=None, num_classes=len(state["fc.bias"]))
network.load_state_dict(state, strict=True)
network.eval()
for batch, values in images.items():
    with torch.no_grad():
        logits[f"torchvision.{batch}"] = network(values)
for file in ("plain", "folded"):
    path = str(out / f"{file}.onnx")
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [value.name for value in session.get_inputs()] == ["input"]
    assert [value.name for value in session.get_outputs()] == ["logits"]
    assert session.get_inputs()[0].shape[0] == "N"
    for batch, values in images.items():
        logits[f"{file}.{batch}"] = torch.from_numpy(session.run(["logits"], {"input": values.numpy()})[0])
save_file(logits, out / "logits.safetensors")
(out / "manifest.json").write_text(json.dumps({
    "metadata": {entry.key: entry.value for entry in model.metadata_props},
    "opset": model.opset_import[0].version, "ir_version": model.ir_version}))
