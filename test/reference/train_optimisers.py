"""Torch's optimisers, gradient clipping, losses and schedules on given numbers.

  train_optimisers.py OUT

OUT/tensors.safetensors: "start.N" parameters; "gradient.S.N" of step S; after all steps "sgd.N" (SGD with momentum and
weight decay), "adamw.N", "clipped.N" (gradients of step 0, clipped); "logits", "labels".
OUT/manifest.json: {"steps", "parameters", "rates" of each step, "momentum", "weight_decay", "max_norm",
"smoothed_loss", "smoothing", "cosine": rates of warm-up and cosine}.
"""
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

out = Path(sys.argv[1])
torch.set_num_threads(1)
torch.manual_seed(3)
steps, shapes = 12, [(7, 5), (3,), (4, 2, 3, 3)]
rates = [0.1 / (1 + step) for step in range(steps)]
start = [torch.randn(shape) for shape in shapes]
gradients = [[torch.randn(shape) * 10 ** (step % 3 - 1) for shape in shapes] for step in range(steps)]
tensors = {f"start.{i}": one for i, one in enumerate(start)}
tensors |= {f"gradient.{step}.{i}": one for step, row in enumerate(gradients) for i, one in enumerate(row)}


def stepped(make):
    parameters = [one.clone().requires_grad_() for one in start]
    optimiser = make(parameters)
    for rate, row in zip(rates, gradients):
        for group in optimiser.param_groups:
            group["lr"] = rate
        for parameter, gradient in zip(parameters, row):
            parameter.grad = gradient.clone()
        optimiser.step()
    return parameters


momentum, weight_decay, max_norm, smoothing = 0.9, 0.05, 1.5, 0.1
optimisers = {
    "sgd": lambda p: torch.optim.SGD(p, lr=1, momentum=momentum, weight_decay=weight_decay, foreach=True),
    "adamw": lambda p: torch.optim.AdamW(p, lr=1, weight_decay=weight_decay, foreach=True),
}
for name, make in optimisers.items():
    tensors |= {f"{name}.{i}": one.detach() for i, one in enumerate(stepped(make))}

clipped = [one.clone().requires_grad_() for one in start]
for parameter, gradient in zip(clipped, gradients[0]):
    parameter.grad = gradient.clone()
torch.nn.utils.clip_grad_norm_(clipped, max_norm)
tensors |= {f"clipped.{i}": one.grad for i, one in enumerate(clipped)}

logits, labels = torch.randn(6, 4), torch.randint(4, (6,))
tensors |= {"logits": logits, "labels": labels}
smoothed = torch.nn.functional.cross_entropy(logits, labels, label_smoothing=smoothing).item()

warmup, total = 6, 40
one = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.01)
schedule = torch.optim.lr_scheduler.SequentialLR(
    one,
    [torch.optim.lr_scheduler.LinearLR(one, start_factor=1 / warmup, total_iters=warmup - 1),
     torch.optim.lr_scheduler.CosineAnnealingLR(one, T_max=total - warmup)],
    milestones=[warmup])
cosine = []
for _ in range(total):
    cosine.append(one.param_groups[0]["lr"])
    one.step()
    schedule.step()

save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, out / "tensors.safetensors")
(out / "manifest.json").write_text(json.dumps({
    "steps": steps, "parameters": len(shapes), "rates": rates, "momentum": momentum, "weight_decay": weight_decay,
    "max_norm": max_norm, "smoothing": smoothing, "smoothed_loss": smoothed, "cosine": cosine}))
