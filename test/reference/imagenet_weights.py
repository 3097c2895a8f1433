"""Writes OUT/manifest.json: for every architecture named in ARGUMENTS, the URL that torchvision publishes its
IMAGENET1K_V1 weights under.

    imagenet_weights.py OUT ARCH...
"""
import json
import pathlib
import sys

import torchvision.models

urls = {arch: torchvision.models.get_model_weights(arch).IMAGENET1K_V1.url for arch in sys.argv[2:]}
(pathlib.Path(sys.argv[1]) / "manifest.json").write_text(json.dumps(urls))
