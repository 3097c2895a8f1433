"""torch.amp.GradScaler on the CPU: a small fp16 training, and gradients that overflow at given steps.

  train_grad_scaler.py OUT

OUT/tensors.safetensors: "weight" at the start, "input", "target", "final" the weight after all steps.
OUT/manifest.json: {"steps", "learning_rate", "momentum", "growth_interval", "initial", "spoiled": steps whose input is
multiplied by "spoil", "scales": after each step, "trackers": growth trackers after each step}.
"""
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

out = Path(sys.argv[1])
torch.set_num_threads(1)
torch.manual_seed(5)
steps, rate, momentum, interval, initial, spoiled, spoil = 14, 0.05, 0.9, 3, 1024.0, [4, 5, 11], 60000.0
start, data, target = torch.randn(4, 6), torch.randn(8, 6), torch.randint(4, (8,))
weight = start.clone().requires_grad_()
optimiser = torch.optim.SGD([weight], lr=rate, momentum=momentum, foreach=True)
scaler = torch.amp.GradScaler("cpu", init_scale=initial, growth_interval=interval)
scales, trackers = [], []
for step in range(steps):
    given = data * spoil if step in spoiled else data
    with torch.autocast("cpu", torch.float16):
        logits = torch.nn.functional.linear(given.clamp(-60000, 60000), weight * 1e-3)
    loss = torch.nn.functional.cross_entropy(logits.float(), target)
    optimiser.zero_grad()
    scaler.scale(loss).backward()
    scaler.step(optimiser)
    scaler.update()
    scales.append(scaler.get_scale())
    trackers.append(scaler._get_growth_tracker())

save_file({"weight": start, "input": data, "target": target, "final": weight.detach()}, out / "tensors.safetensors")
(out / "manifest.json").write_text(json.dumps({
    "steps": steps, "learning_rate": rate, "momentum": momentum, "growth_interval": interval, "initial": initial,
    "spoiled": spoiled, "spoil": spoil, "scales": scales, "trackers": trackers}))
