"""Loads a model that we saved as a stranger would, and evaluates it.

  train_saved_model.py OUT MODEL CLASSES

OUT/result.safetensors: {"images", "logits"}. Fails when the strict load does.
"""
import json
import sys
from pathlib import Path

import torch
import torchvision
from safetensors.torch import save_file

out, file, classes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
model = torchvision.models.resnet18(weights=None, num_classes=classes)
model.load_state_dict(torch.load(file, weights_only=True), strict=True)
model.eval()
torch.manual_seed(1)
images = torch.randn(4, 3, 64, 64)
with torch.no_grad():
    save_file({"images": images, "logits": model(images)}, out / "result.safetensors")
(out / "manifest.json").write_text(json.dumps({"torch": torch.__version__}))
