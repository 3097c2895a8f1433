#!/usr/bin/env python3
"""Makes the first inputs of the fuzz targets, from which libFuzzer finds the others.

    seeds.py CORPUS      in an environment of scripts/reference-env; CORPUS is test/fuzz/corpus
"""

import io
import json
import pathlib
import pickle
import sys
import tarfile
import zipfile
from collections import OrderedDict

import numpy
import onnx
import torch
from onnx import TensorProto, helper
from PIL import Image
from safetensors.torch import save as save_safetensors

CORPUS = pathlib.Path(sys.argv[1])


def seed(target, name, content):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def weights():
    state = OrderedDict(a=torch.arange(6.0).reshape(2, 3), b=torch.tensor(1), c=torch.ones(2, dtype=torch.bfloat16).t())
    state["view"] = state["a"][1:]
    for name, options in {"zip": {}, "legacy": {"_use_new_zipfile_serialization": False}}.items():
        out = io.BytesIO()
        torch.save({"state_dict": state} if name == "zip" else state, out, **options)
        seed("weights", name, out.getvalue())
        if name == "zip":
            with zipfile.ZipFile(out) as archive:
                seed("pickle", "torch", next(archive.read(entry) for entry in archive.namelist() if "data.pkl" in entry))
    seed("weights", "safetensors", save_safetensors({"a": torch.ones(2, 3), "b": torch.ones(1, dtype=torch.int64)}))
    for protocol in range(2, 6):
        seed("pickle", f"protocol-{protocol}",
             pickle.dumps(OrderedDict(a=[1, -2, 2**40], b=(3.5, None, True), c={"x": "y" * 300}), protocol))


def onnx_model():
    weight = helper.make_tensor("w", TensorProto.FLOAT, [1, 3, 1, 1], numpy.ones(3, "f4").tobytes(), raw=True)
    nodes = [helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[1, 1]), helper.make_node("Relu", ["y"], ["z"])]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 2, 2])],
                              [helper.make_tensor_value_info("z", TensorProto.FLOAT, ["N", 1, 2, 2])], [weight])
    seed("onnx", "conv", helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]).SerializeToString())


def images():
    pixels = (numpy.add.outer(numpy.arange(13) * 9, numpy.arange(17) * 5)[..., None] + numpy.array([0, 40, 90])) % 256
    colour = Image.fromarray(pixels.astype("u1"))
    kinds = {
        "jpeg": (colour, "JPEG", {}), "progressive": (colour, "JPEG", {"progressive": True}),
        "jpeg-444": (colour, "JPEG", {"subsampling": 0}), "cmyk": (colour.convert("CMYK"), "JPEG", {}),
        "grey": (colour.convert("L"), "JPEG", {}), "png": (colour, "PNG", {}), "palette": (colour.convert("P"), "PNG", {}),
        "png-16": (Image.fromarray((pixels[..., 0] * 200).astype("u2")), "PNG", {}),
        "alpha": (colour.convert("RGBA"), "PNG", {}), "bit": (colour.convert("1"), "PNG", {}),
        "webp": (colour, "WEBP", {}), "lossless": (colour, "WEBP", {"lossless": True}),
    }
    for name, (image, kind, options) in kinds.items():
        out = io.BytesIO()
        image.save(out, kind, **options)
        seed("image", name, b"\x35" + out.getvalue())


def archives():
    files = {"train/a/1.jpg": b"one", "val/b/2.jpg": b"two" * 300}
    for kind in ["", "gz", "bz2", "xz"]:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode=f"w:{kind}") as archive:
            for name, content in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
            link = tarfile.TarInfo("train/link")
            link.type, link.linkname = tarfile.SYMTYPE, "../../../outside"
            archive.addfile(link)
        seed("archive", f"tar-{kind or 'plain'}", out.getvalue())
    for compression in [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", compression) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
            archive.writestr("../outside.txt", b"three")
        seed("archive", f"zip-{compression}", out.getvalue())


def documents():
    time = "2026-01-01T00:00:00.000Z"
    identity = {"pid": 7, "start_ticks": 11, "boot_id": "b"}
    point = {"time": time, "name": "val_acc", "value": 0.5, "rank": 0, "step": 3, "epoch": 1}
    job = {"schema": "amltrain.job/1", "command": "echo ${{inputs.a}}", "inputs": {"a": {"type": "literal", "value": "1"}},
           "outputs": {"m": {"type": "uri_folder"}}, "environment_variables": {"K": "V"}, "tags": {"t": "u"}}
    run = {"schema": "amltrain.run/1", "id": "e_1_00000000", "experiment": "e", "compute": "local", "display_name": "d",
           "description": "", "tags": {"t": "u"}, "submitted_at": time, "job": job, "timeout": 60, "snapshot": "00",
           "data": {"name": "bees", "folder": "/bees", "fingerprint": "sha256:00"}}
    failure = {"stage": "Running", "rank": 0, "signal": 9, "code": 137, "category": "run_failed", "message": "m", "hint": "h"}
    event = {"time": time, "state": "Failed", "reason": "r", "supervisor": identity, "worker": identity, "exit_code": 3,
             "failure": failure, "restart": 1}
    summary = {"schema": "amltrain.run-summary/1", "metrics": {"val_acc": 0.5},
               "best": {"val_acc": {"value": 0.5, "step": 3, "epoch": 1}},
               "outputs": [{"path": "outputs/model.pt", "bytes": 3, "sha256": "00" * 32}]}
    for choice, document in enumerate([run, event, summary]):
        seed("run_documents", f"kind-{choice}", bytes([choice]) + json.dumps(document).encode())
    seed("metric_lines", "json", json.dumps(point))
    seed("metric_lines", "words", "train_loss=0.3 train_acc=-1e-3 step=7 epoch=1 rank=2")
    seed("metric_lines", "nan", '{"name": "a", "value": null}')
    seed("metric_lines", "python-nan", '{"name": "a", "value": NaN, "step": 1}')
    seed("metric_lines", "python-infinity", r'{"b\\": NaN": -Infinity, "c": Infinity}')
    seed("metric_lines", "plain-json", '{"acc": "0.9", "ok": true, "step": 7.0, "epoch": null}')
    seed("metric_lines", "ranges", 'a=1e400 b=-1e400 c=+1 d=NaN e=x step=9e18 rank=1e3')
    seed("checkpoint_document", "empty", json.dumps({"schema": "amltrain.checkpoint/2", "parts": [], "state": {"epoch": 0},
                                                     "sha256": "00" * 32}))
    seed("data_lock", "one", json.dumps({"schema": "amltrain.data-lock/1", "fingerprint": "sha256:00", "files": [
        {"path": "train/a/1.jpg", "bytes": 3, "sha256": "00" * 32, "label": "a"}]}))


def texts():
    seed("job_file", "command", """$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
type: command
command: python train.py --data ${{inputs.data}} --lr ${{inputs.lr}} --out ${{outputs.model}}
code: ./src
inputs: {data: {type: uri_folder, path: azureml:bees:1}, lr: 0.01, flag: true}
outputs:
  model: {type: uri_folder}
environment_variables: {A: "1"}
compute: azureml:gpubox
limits: {timeout: 3600}
tags: {team: bees}
""")
    seed("job_file", "anchors", "command: &c echo\ntags: {a: *c, b: [*c]}\ninputs: {<<: {x: 1}}\n")
    seed("ignore_file", "patterns", "# c\n*.log\n!keep.log\n/build/\n**/x/*.[oa]\n a\\ \nb?c\0build/x/keep.log")
    seed("ignore_file", "secret", "-----BEGIN RSA PRIVATE KEY-----\nghp_0123456789\0.env")
    seed("command_words", "quotes", "python3 'a b' \"c \\\" d\" e\\ f --g=h")
    seed("command_words", "lines", "run a \\\n b\n\n")


for make in [weights, onnx_model, images, archives, documents, texts]:
    make()
