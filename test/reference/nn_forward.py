"""What torchvision computes with one architecture: evaluation, and one forward pass in training mode.

  nn_forward.py OUT ARCH

OUT/before.safetensors: the state dict, with running statistics that are not the initial ones. OUT/images.safetensors: {"images"}.
OUT/eval.safetensors and OUT/train.safetensors: {"logits"}. OUT/after.safetensors: the buffers after the forward pass in
training mode.
"""
import json
import sys
from pathlib import Path

import torch
import torchvision
from safetensors.torch import save_file

out, arch = Path(sys.argv[1]), sys.argv[2]
torch.manual_seed(1)
model = getattr(torchvision.models, arch)(weights=None, num_classes=10)


def store(name, tensors):
    save_file({key: value.detach().clone().contiguous() for key, value in tensors.items()}, out / name)


with torch.no_grad():
    model.train()
    model(torch.randn(4, 3, 64, 64))
    images = torch.randn(4, 3, 64, 64)
    store("before.safetensors", model.state_dict())
    store("images.safetensors", {"images": images})
    model.eval()
    store("eval.safetensors", {"logits": model(images)})
    model.train()
    store("train.safetensors", {"logits": model(images)})
    store("after.safetensors", dict(model.named_buffers()))
(out / "manifest.json").write_text(json.dumps({"names": list(model.state_dict())}))
