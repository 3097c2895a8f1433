"""The peer of `amltrain_bench step`: steps of a ResNet on one batch in memory, as fast as PyTorch does them.

bf16 autocast over fp32 weights in channels_last, fused SGD, kernels by trial. Prints one JSON line.
"""

import argparse
import json
import time

import torch
from torch import nn
from torchvision import models


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arch", default="resnet18")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", choices=["bf16", "fp32"], default="bf16")
    arguments = parser.parse_args()
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = False
    model = getattr(models, arguments.arch)(num_classes=2).to(arguments.device, memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9, fused=True)
    images = torch.empty(arguments.batch_size, 3, 224, 224, device=arguments.device).uniform_(-2, 2)
    images = images.contiguous(memory_format=torch.channels_last)
    labels = torch.zeros(arguments.batch_size, dtype=torch.int64, device=arguments.device)

    def step():
        with torch.autocast(arguments.device, torch.bfloat16, enabled=arguments.precision == "bf16"):
            logits = model(images)
        loss = nn.functional.cross_entropy(logits.float(), labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss

    for _ in range(6):
        step().item()
    begun = time.monotonic()
    for _ in range(arguments.steps):
        loss = step()
    loss.item()
    print(json.dumps({"images": arguments.steps * arguments.batch_size, "seconds": time.monotonic() - begun}))


if __name__ == "__main__":
    main()
