"""The second peer: the same training as fast as PyTorch and torchvision could be made to do it on one machine.

bf16 autocast over fp32 weights in channels_last, batches of 32, torchvision.io and transforms v2 on bytes, batches
that cross from the loader processes as bytes and are normalised in the training process, loader processes that stay,
fused SGD, no synchronisation inside an epoch, validation in inference mode. What was tried and lost or changed
nothing is an option here and a line in docs/benchmarks.md. Under torchrun: DistributedDataParallel over gloo, each rank
with a share of the images and batches of its own. Prints one JSON line at the end.
"""

import argparse
import copy
import json
import os
import pathlib
import resource
import time

import torch
from torch import distributed, nn
from torch.utils.data import DataLoader, DistributedSampler
from torchvision import datasets, models
from torchvision.io import ImageReadMode, decode_jpeg, read_file
from torchvision.transforms import v2

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--num-epochs", type=int, default=3)
    parser.add_argument("--output-dir", type=pathlib.Path, required=True)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--device", default="cpu", help="on a GPU also: page-locked batches, kernels by trial")
    parser.add_argument("--freeze", action="store_true", help="train the last layer alone")
    parser.add_argument("--first-step", action="store_true", help="stop after the first optimiser step")
    parser.add_argument("--compile", choices=["none", "train", "val"], default="none")
    parser.add_argument("--fold", action="store_true", help="validate with batch norm folded, in oneDNN's own layout")
    parser.add_argument("--keep-val", action="store_true", help="decode the validation images in the first epoch alone")
    parser.add_argument("--no-train", action="store_true", help="validate alone")
    return parser.parse_args()


RANKS = int(os.environ.get("WORLD_SIZE", "1"))


def read_jpeg(path):
    return decode_jpeg(read_file(path), mode=ImageReadMode.RGB)


def make_loaders(arguments):
    views = {
        "train": v2.Compose([v2.RandomResizedCrop(224, antialias=True), v2.RandomHorizontalFlip()]),
        "val": v2.Compose([v2.Resize(256, antialias=True), v2.CenterCrop(224)]),
    }
    folders = {phase: datasets.ImageFolder(str(arguments.data / phase), view, loader=read_jpeg)
               for phase, view in views.items()}
    samplers = {phase: DistributedSampler(folder, shuffle=phase == "train") if RANKS > 1 else None
                for phase, folder in folders.items()}
    return {phase: DataLoader(folder, batch_size=arguments.batch_size, sampler=samplers[phase],
                              shuffle=phase == "train" and RANKS == 1,
                              num_workers=arguments.workers, persistent_workers=arguments.workers > 0, pin_memory=arguments.device != "cpu",
                              worker_init_fn=lambda _: torch.set_num_threads(1))
            for phase, folder in folders.items()}, folders["train"].classes


MEAN_255 = torch.tensor(MEAN).view(1, 3, 1, 1) * 255
SCALE_255 = 1 / (torch.tensor(STD).view(1, 3, 1, 1) * 255)


class Placing:
    """Batches of bytes to normalised images where the model lies."""

    def __init__(self, device):
        self.device = device
        self.mean, self.scale = MEAN_255.to(device), SCALE_255.to(device)

    def __call__(self, images, labels):
        images, labels = (tensor.to(self.device, non_blocking=True) for tensor in (images, labels))
        images = images.to(torch.float32, memory_format=torch.channels_last)
        return images.sub_(self.mean).mul_(self.scale), labels


def autocast(device):
    return torch.autocast(device, torch.bfloat16)


def folded(model):
    """A copy for this epoch's weights: batch norm folded, bf16 weights packed by oneDNN."""
    from torch.fx.experimental.optimization import fuse
    from torch.utils.mkldnn import to_mkldnn
    packed = to_mkldnn(fuse(copy.deepcopy(model).eval()), torch.bfloat16)
    return lambda images: packed(images.to_mkldnn(torch.bfloat16))


class Training:
    def __init__(self, arguments):
        self.arguments = arguments
        self.loaders, classes = make_loaders(arguments)
        self.model = models.resnet18()
        self.model.fc = nn.Linear(self.model.fc.in_features, len(classes))
        self.place = Placing(arguments.device)
        torch.backends.cudnn.benchmark = True
        self.model = self.model.to(arguments.device, memory_format=torch.channels_last)
        self.parameters = self.model.parameters()
        if arguments.freeze:
            self.model.requires_grad_(False)
            self.model.fc.requires_grad_(True)
            self.parameters = self.model.fc.parameters()
        self.optimizer = torch.optim.SGD(self.parameters, lr=0.001, momentum=0.9, fused=True)
        self.schedule = torch.optim.lr_scheduler.StepLR(self.optimizer, step_size=7, gamma=0.1)
        if RANKS > 1:
            self.model = nn.parallel.DistributedDataParallel(self.model, gradient_as_bucket_view=True, static_graph=True)
        self.forward = {phase: torch.compile(self.model) if arguments.compile == phase else self.model
                        for phase in ("train", "val")}
        self.kept = None

    def train(self):
        self.model.train()
        if RANKS > 1:
            self.loaders["train"].sampler.set_epoch(self.schedule.last_epoch)
        loss_sum = torch.zeros((), device=self.arguments.device)
        for images, labels in self.loaders["train"]:
            images, labels = self.place(images, labels)
            with autocast(self.arguments.device):
                logits = self.forward["train"](images)
            loss = nn.functional.cross_entropy(logits.float(), labels)
            loss.backward()
            self.optimizer.step()
            self.optimizer.zero_grad(set_to_none=True)
            if self.arguments.first_step:
                print(json.dumps({"first_step_at": time.time()}), flush=True)
                os._exit(0)
            loss_sum += loss.detach() * len(labels)
        self.schedule.step()
        loss_sum.item()

    def validate(self):
        self.model.eval()
        batches = self.kept or self.loaders["val"]
        if self.arguments.keep_val and not self.kept:
            self.kept = batches = list(batches)
        correct = torch.zeros((), dtype=torch.int64, device=self.arguments.device)
        with torch.inference_mode():
            forward = folded(self.model) if self.arguments.fold else self.forward["val"]
            for images, labels in batches:
                images, labels = self.place(images, labels)
                if self.arguments.fold:
                    logits = forward(images).to_dense()
                else:
                    with autocast(self.arguments.device):
                        logits = forward(images)
                correct += (logits.argmax(1) == labels).sum()
        if RANKS > 1:
            distributed.all_reduce(correct)
        return correct.item() / len(self.loaders["val"].dataset)


def cpu_seconds():
    """Of this process and of its loader processes, also of those that still run."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    total = used.ru_utime + used.ru_stime
    children = pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    for child in children:
        fields = pathlib.Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def timed(phase, images):
    cpu, begun = cpu_seconds(), time.monotonic()
    result = phase()
    return result, {"images": images, "seconds": time.monotonic() - begun, "cpu_seconds": cpu_seconds() - cpu}


def main():
    arguments = parse_arguments()
    if RANKS > 1:
        distributed.init_process_group("gloo")
    training = Training(arguments)
    sizes = {phase: len(loader.dataset) for phase, loader in training.loaders.items()}
    best, best_weights = -1.0, None
    phases = {"train": [], "val": []}
    for _ in range(arguments.num_epochs):
        if not arguments.no_train:
            phases["train"].append(timed(training.train, sizes["train"])[1])
        accuracy, spent = timed(training.validate, sizes["val"])
        phases["val"].append(spent)
        if accuracy > best:
            best, best_weights = accuracy, copy.deepcopy(training.model.state_dict())
    if RANKS > 1:
        rank = distributed.get_rank()
        distributed.destroy_process_group()
        if rank != 0:
            return
    arguments.output_dir.mkdir(parents=True, exist_ok=True)
    torch.save(best_weights, arguments.output_dir / "model.pt")
    print(json.dumps({**phases, "best_val_acc": best}))


if __name__ == "__main__":
    main()
