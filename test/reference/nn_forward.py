"""What torchvision computes with one architecture: evaluation, and one forward pass in training mode.

  nn_forward.py OUT ARCH

OUT/before.safetensors: the state dict, with running statistics that are not the initial ones.
OUT/images.safetensors: {"images"}. For both memory formats, "contiguous" and "channels_last", the folder
OUT/FORMAT: eval.safetensors and train.safetensors with {"logits"}, after.safetensors with the buffers after the
forward pass in training mode.
"""
import json
import sys
from pathlib import Path

import torch
import torchvision
from safetensors.torch import save_file

out, arch = Path(sys.argv[1]), sys.argv[2]
torch.set_num_threads(1)  # as in the test that compares: the order of sums depends on it
torch.manual_seed(1)
model = getattr(torchvision.models, arch)(weights=None, num_classes=10)


def store(name, tensors):
    save_file({key: value.detach().clone().contiguous() for key, value in tensors.items()}, out / name)


with torch.no_grad():
    model.train()
    model(torch.randn(4, 3, 64, 64))
    images = torch.randn(4, 3, 64, 64)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    store("before.safetensors", before)
    store("images.safetensors", {"images": images})
    for name, layout in {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}.items():
        (out / name).mkdir()
        model.load_state_dict(before)
        model.to(memory_format=layout)
        batch = images.to(memory_format=layout)
        model.eval()
        store(f"{name}/eval.safetensors", {"logits": model(batch)})
        model.train()
        store(f"{name}/train.safetensors", {"logits": model(batch)})
        store(f"{name}/after.safetensors", dict(model.named_buffers()))
(out / "manifest.json").write_text(json.dumps({"names": list(before)}))
