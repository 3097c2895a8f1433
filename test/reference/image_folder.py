"""Lists an image folder as torchvision sees it.

  image_folder.py OUT DATA

OUT/manifest.json: {"classes": [...], "train": [[path, label], ...], "val": ...}, paths relative to DATA.
"""
import json
import os
import sys
from pathlib import Path

from torchvision.datasets import ImageFolder

out, data = Path(sys.argv[1]), sys.argv[2]
splits = {name: ImageFolder(os.path.join(data, name)) for name in ("train", "val")}
manifest = {name: [[os.path.relpath(path, data), label] for path, label in split.samples]
            for name, split in splits.items()}
manifest["classes"] = splits["train"].classes
(out / "manifest.json").write_text(json.dumps(manifest))
