"""Draws torchvision's RandomResizedCrop many times, for comparing distributions.

  image_crops.py OUT

OUT/manifest.json: [{"height", "width", "crops": [[left, top, width, height], ...]}]
"""
import json
import sys
from pathlib import Path

import torch
from torchvision.transforms import RandomResizedCrop

torch.manual_seed(1)
manifest = []
for height, width, count in ((300, 400, 8000), (333, 90, 8000), (40, 1000, 4), (1001, 40, 4), (1, 1, 4)):
    image = torch.empty(3, height, width)
    crops = []
    for _ in range(count):
        top, left, h, w = RandomResizedCrop.get_params(image, [0.08, 1.0], [3 / 4, 4 / 3])
        crops.append([left, top, w, h])
    manifest.append({"height": height, "width": width, "crops": crops})
(Path(sys.argv[1]) / "manifest.json").write_text(json.dumps(manifest))
