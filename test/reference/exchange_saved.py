"""Saves weights in every form that Python has, and things that are no weights.

  exchange_saved.py OUT

OUT/manifest.json: {"good": [{"file", "expected"}], "bad": [{"file", "words"}]}; "expected" is a safetensors file of the
same tensors, "words" are what the refusal must name. Whoever unpickles a file of "bad" creates OUT/marker.
"""
import argparse
import collections
import json
import os
import sys
from pathlib import Path

import torch
import torchvision
from safetensors.torch import save_file

out = Path(sys.argv[1])
torch.manual_seed(4)
good, bad = [], []


def expect(tensors):
    name = f"expected{len(good)}.safetensors"
    save_file({key: value.detach().clone().contiguous() for key, value in tensors.items()}, out / name)
    return name


def save(name, value, tensors=None, **options):
    torch.save(value, out / name, **options)
    good.append({"file": name, "expected": expect(value if tensors is None else tensors)})


def refuse(name, value, words, **options):
    torch.save(value, out / name, **options)
    bad.append({"file": name, "words": words})


class Payload:
    def __reduce__(self):
        return os.system, (f"touch {out / 'marker'}",)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 4, 3)
        self.bn = torch.nn.BatchNorm2d(4)


legacy = {"_use_new_zipfile_serialization": False}
net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
net.bn(net.conv(torch.randn(2, 3, 8, 8))).square().mean().backward()
optimizer.step()
state = net.state_dict()
base = torch.randn(4, 6)
views = {"transposed": base.t(), "sliced": base[1:3, ::2], "row": base[2], "itself": base,
         "channels_last": torch.randn(2, 3, 4, 5).contiguous(memory_format=torch.channels_last)}
dtypes = {str(dtype).split(".")[1]: torch.randint(0, 2, (3, 2)).to(dtype)
          for dtype in (torch.bool, torch.uint8, torch.int8, torch.int16, torch.float16, torch.bfloat16, torch.int32,
                        torch.float32, torch.float64, torch.int64)}
shapes = {"scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3), "one": torch.zeros(1, 1, 1)}
checkpoint = {"epoch": 3, "arguments": argparse.Namespace(lr=0.1), "optimizer": optimizer.state_dict()}
prefixed = collections.OrderedDict((f"module.{key}", value) for key, value in state.items())

for suffix, options in (("", {}), ("_legacy", legacy), ("_protocol4", {"pickle_protocol": 4})):
    save(f"ordered{suffix}.pth", state, **options)
    save(f"plain{suffix}.pth", dict(state), **options)
    save(f"parameters{suffix}.pth", dict(net.named_parameters()), **options)
    save(f"views{suffix}.pth", views, **options)
    save(f"dtypes{suffix}.pth", dtypes, **options)
    save(f"shapes{suffix}.pth", shapes, **options)
    save(f"parallel{suffix}.pth", prefixed, state, **options)
    for key in ("state_dict", "model", "model_state_dict"):
        save(f"{key}{suffix}.pth", checkpoint | {key: state}, state, **options)
    refuse(f"module{suffix}.pth", net, "__main__.Net", **options)
    refuse(f"payload{suffix}.pth", Payload(), "posix.system", **options)
    refuse(f"payload_beside{suffix}.pth", {"w": base, "x": Payload()}, "posix.system", **options)
    refuse(f"sparse{suffix}.pth", {"w": base.to_sparse()}, "_rebuild_sparse_tensor", **options)
    refuse(f"complex{suffix}.pth", {"w": torch.zeros(2, dtype=torch.complex64)}, "ComplexFloatStorage", **options)
refuse("float8.pth", {"w": torch.zeros(2).to(torch.float8_e4m3fn)}, "float8")
refuse("uint16.pth", {"w": torch.zeros(2, dtype=torch.uint16)}, "uint16")
torch.serialization.set_crc32_options(False)
save("without_crc.pth", state)
torch.serialization.set_crc32_options(True)
save("resnet18.pth", torchvision.models.resnet18(weights=None).state_dict())
save("resnet18_legacy.pth", torchvision.models.resnet18(weights=None).state_dict(), **legacy)
torch.jit.script(net.bn).save(str(out / "script.pt"))
bad.append({"file": "script.pt", "words": "TorchScript"})
assert not (out / "marker").exists()
(out / "manifest.json").write_text(json.dumps({"good": good, "bad": bad}))
