"""What the onnx package reads of a file's face.

  onnx_metadata.py OUT FILE

Writes OUT/manifest.json: {"metadata": {...}, "input": [dimension or name, ...]}.
"""
import json
import sys
from pathlib import Path

import onnx

out, file = Path(sys.argv[1]), sys.argv[2]
onnx.checker.check_model(file, full_check=True)
model = onnx.load(file)
shape = model.graph.input[0].type.tensor_type.shape.dim
(out / "manifest.json").write_text(json.dumps({
    "metadata": {entry.key: entry.value for entry in model.metadata_props},
    "input": [dim.dim_param or dim.dim_value for dim in shape]}))
