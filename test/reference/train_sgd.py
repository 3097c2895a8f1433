"""Twenty optimiser steps of torchvision's resnet18 under torch.optim.SGD, and StepLR's table.

  train_sgd.py OUT contiguous|channels_last

OUT/weights.safetensors: the start. OUT/batches.safetensors: {"images" 20 x N x 3 x H x W, "labels" 20 x N}.
OUT/manifest.json: {"learning_rate", "momentum", "losses", "rates": of 25 epochs with step size 7 and gamma 0.1}.
"""
import json
import sys
from pathlib import Path

import torch
import torchvision
from safetensors.torch import save_file

out = Path(sys.argv[1])
layout = torch.channels_last if sys.argv[2] == "channels_last" else torch.contiguous_format
torch.set_num_threads(1)  # as in the test that compares: the order of sums depends on it
steps, learning_rate, momentum = 20, 0.001, 0.9
torch.manual_seed(1)
model = torchvision.models.resnet18(weights=None, num_classes=3)
images, labels = torch.randn(steps, 4, 3, 64, 64), torch.randint(3, (steps, 4))
weights = {key: value.clone() for key, value in model.state_dict().items()}
save_file(weights, out / "weights.safetensors")
save_file({"images": images, "labels": labels}, out / "batches.safetensors")

model.to(memory_format=layout)
optimiser = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=momentum)
losses = []
for batch, target in zip(images, labels):
    optimiser.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(batch.to(memory_format=layout)), target)
    loss.backward()
    optimiser.step()
    losses.append(loss.item())

scheduled = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=learning_rate)
schedule = torch.optim.lr_scheduler.StepLR(scheduled, step_size=7, gamma=0.1)
rates = []
for _ in range(25):
    rates.append(scheduled.param_groups[0]["lr"])
    scheduled.step()
    schedule.step()
(out / "manifest.json").write_text(
    json.dumps({"learning_rate": learning_rate, "momentum": momentum, "losses": losses, "rates": rates}))
