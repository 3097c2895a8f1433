"""Fits a line on every rank's share of the points, with gradients averaged over all ranks (torch.distributed, gloo)."""
import argparse
import os

import torch
import torch.distributed as dist

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=20)
options = parser.parse_args()
dist.init_process_group("gloo")  # finds RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT in its environment
rank, size = dist.get_rank(), dist.get_world_size()

torch.manual_seed(1)
points = torch.rand(64, 1)
wanted = 3 * points + 0.5
mine, answers = points[rank::size], wanted[rank::size]
weight, bias = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
for step in range(options.steps):
    loss = ((mine * weight + bias - answers) ** 2).mean()
    gradients = torch.cat(torch.autograd.grad(loss, (weight, bias)))
    measured = torch.cat([gradients, loss.detach().reshape(1)])
    dist.all_reduce(measured)
    measured /= size
    with torch.no_grad():
        weight -= 0.5 * measured[0]
        bias -= 0.5 * measured[1]
    if rank == 0:
        with open(os.environ["AMLTRAIN_METRICS"], "a") as metrics:
            metrics.write(f"loss={measured[2].item():.9g} step={step}\n")
print(f"rank {rank} of {size}: y = {weight.item():.3f} x + {bias.item():.3f}")
dist.destroy_process_group()
