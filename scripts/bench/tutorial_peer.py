"""The peer of the benchmarks: transfer learning of a ResNet in Python, as the tutorial's script behaves.

Same data layout, transforms, sampling, optimiser, schedule and phases as `amltrain train` with the same options;
written for these benchmarks. Prints one JSON line at the end: seconds, images a second by phase, peak memory.
"""

import argparse
import copy
import json
import pathlib
import resource
import time

import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--arch", default="resnet18")
    parser.add_argument("--num-epochs", type=int, default=25)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--learning-rate", type=float, default=0.001)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--output-dir", type=pathlib.Path, required=True)
    parser.add_argument("--bf16", action="store_true", help="autocast in bfloat16, channels_last")
    parser.add_argument("--first-step", action="store_true", help="stop after the first optimiser step")
    return parser.parse_args()


def make_loaders(arguments):
    views = {
        "train": transforms.Compose([
            transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(),
            transforms.ToTensor(), transforms.Normalize(MEAN, STD)]),
        "val": transforms.Compose([
            transforms.Resize(256), transforms.CenterCrop(224),
            transforms.ToTensor(), transforms.Normalize(MEAN, STD)]),
    }
    folders = {phase: datasets.ImageFolder(str(arguments.data / phase), view) for phase, view in views.items()}
    return {phase: DataLoader(folder, batch_size=arguments.batch_size, shuffle=True, num_workers=arguments.workers)
            for phase, folder in folders.items()}, folders["train"].classes


def run_phase(model, loader, phase, criterion, optimizer, arguments):
    training = phase == "train"
    model.train(training)
    loss_sum = correct = seen = 0
    for images, labels in loader:
        if arguments.bf16:
            images = images.contiguous(memory_format=torch.channels_last)
        with torch.set_grad_enabled(training), torch.autocast("cpu", torch.bfloat16, enabled=arguments.bf16):
            logits = model(images)
            loss = criterion(logits, labels)
        if training:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if arguments.first_step:
                break
        loss_sum += loss.item() * images.size(0)
        correct += (logits.argmax(1) == labels).sum().item()
        seen += images.size(0)
    return loss_sum / max(seen, 1), correct / max(seen, 1), seen


def main():
    arguments = parse_arguments()
    started = time.monotonic()
    loaders, classes = make_loaders(arguments)
    model = getattr(models, arguments.arch)()
    model.fc = nn.Linear(model.fc.in_features, len(classes))
    if arguments.bf16:
        model = model.to(memory_format=torch.channels_last)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=arguments.learning_rate, momentum=arguments.momentum)
    schedule = optim.lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.1)

    best, best_weights = -1.0, None
    seconds, images = {"train": 0.0, "val": 0.0}, {"train": 0, "val": 0}
    for _ in range(arguments.num_epochs):
        for phase, loader in loaders.items():
            begun = time.monotonic()
            _, accuracy, seen = run_phase(model, loader, phase, criterion, optimizer, arguments)
            if arguments.first_step:
                print(json.dumps({"first_step_seconds": time.monotonic() - started}))
                return
            seconds[phase] += time.monotonic() - begun
            images[phase] += seen
            if phase == "train":
                schedule.step()
            elif accuracy > best:
                best, best_weights = accuracy, copy.deepcopy(model.state_dict())
    arguments.output_dir.mkdir(parents=True, exist_ok=True)
    torch.save(best_weights, arguments.output_dir / "model.pt")
    print(json.dumps({
        "seconds": time.monotonic() - started,
        "train_images_per_second": images["train"] / seconds["train"],
        "val_images_per_second": images["val"] / seconds["val"],
        "best_val_acc": best,
        "main_process_peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }))


if __name__ == "__main__":
    main()
