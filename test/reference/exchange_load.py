"""Loads what we wrote, as a user does.

  exchange_load.py OUT ARCH...

Reads OUT/ARCH.pt and OUT/ARCH.safetensors, which hold the same weights for 10 classes, and OUT/dtypes.pt, which
OUT/dtypes.safetensors repeats. OUT/manifest.json: {"checked": number of tensors}.
"""
import collections
import json
import sys
from pathlib import Path

import torch
import torchvision
from safetensors.torch import load_file

out = Path(sys.argv[1])
checked = 0


def same(name, mmap):
    global checked
    state = torch.load(out / f"{name}.pt", weights_only=True, mmap=mmap)
    expected = load_file(out / f"{name}.safetensors")
    assert type(state) is collections.OrderedDict
    assert set(state) == set(expected), name
    for key, value in state.items():
        assert value.dtype == expected[key].dtype and value.shape == expected[key].shape, key
        assert torch.equal(value, expected[key]), key
        checked += 1
    return state


for arch in sys.argv[2:]:
    model = getattr(torchvision.models, arch)(weights=None, num_classes=10)
    state = same(arch, mmap=False)
    assert list(state) == list(model.state_dict()), arch
    model.load_state_dict(state, strict=True)
same("dtypes", mmap=False)
same("dtypes", mmap=True)
(out / "manifest.json").write_text(json.dumps({"checked": checked}))
