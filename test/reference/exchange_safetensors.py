"""Saves safetensors files with the reference implementation.

  exchange_safetensors.py OUT

OUT/manifest.json: {"files": [{"file", "metadata"}]}.
"""
import json
import sys
from pathlib import Path

import torch
import torchvision
from safetensors.torch import save_file

out = Path(sys.argv[1])
torch.manual_seed(5)
dtypes = {str(dtype).split(".")[1]: torch.randint(0, 2, (3, 2)).to(dtype)
          for dtype in (torch.bool, torch.uint8, torch.int8, torch.int16, torch.float16, torch.bfloat16, torch.int32,
                        torch.float32, torch.float64, torch.int64)}
names = {name: torch.randn(2, 3) for name in ("b", "a", "B", "a.10", "a.9", "\u00e9\u4e16", 'quote"back\\', "\n\t\x01\x7f/", "")}
files = []
for name, tensors, metadata in (
        ("resnet18", torchvision.models.resnet18(weights=None).state_dict(), None),
        ("dtypes", dtypes, {"format": "pt"}),
        ("names", names | {"scalar": torch.tensor(1), "empty": torch.zeros(0, 2)},
         {"z": "1", "a": "\u00e9 \"x\"\n", "k": ""})):
    save_file(tensors, out / f"{name}.safetensors", metadata=metadata)
    files.append({"file": f"{name}.safetensors", "metadata": metadata or {}})
(out / "manifest.json").write_text(json.dumps({"files": files}))
