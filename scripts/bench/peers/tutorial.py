"""The first peer: transfer learning of a ResNet in Python as the tutorial's script behaves, with its settings.

Data layout, transforms, sampling, optimiser, schedule and phases of PyTorch's transfer learning tutorial: batches of
4, fp32, 4 loader processes started anew in each phase, Pillow and torchvision's first transforms. Written for these
benchmarks. Prints one JSON line at the end.
"""

import argparse
import copy
import json
import pathlib
import time

import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--num-epochs", type=int, default=25)
    parser.add_argument("--output-dir", type=pathlib.Path, required=True)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--first-step", action="store_true", help="stop after the first optimiser step")
    return parser.parse_args()


def make_loaders(data):
    views = {
        "train": transforms.Compose([
            transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(),
            transforms.ToTensor(), transforms.Normalize(MEAN, STD)]),
        "val": transforms.Compose([
            transforms.Resize(256), transforms.CenterCrop(224),
            transforms.ToTensor(), transforms.Normalize(MEAN, STD)]),
    }
    folders = {phase: datasets.ImageFolder(str(data / phase), view) for phase, view in views.items()}
    return {phase: DataLoader(folder, batch_size=4, shuffle=True, num_workers=4)
            for phase, folder in folders.items()}, folders["train"].classes


def run_phase(model, loader, training, criterion, optimizer, device, first_step):
    model.train(training)
    correct = 0
    loss_sum = 0.0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        with torch.set_grad_enabled(training):
            logits = model(images)
            loss = criterion(logits, labels)
            if training:
                loss.backward()
                optimizer.step()
        if first_step:
            print(json.dumps({"first_step_at": time.time()}))
            raise SystemExit
        loss_sum += loss.item() * images.size(0)
        correct += torch.sum(logits.argmax(1) == labels)
    return loss_sum / len(loader.dataset), correct.double() / len(loader.dataset)


def main():
    arguments = parse_arguments()
    loaders, classes = make_loaders(arguments.data)
    model = models.resnet18()
    model.fc = nn.Linear(model.fc.in_features, len(classes))
    model = model.to(arguments.device)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    schedule = optim.lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.1)

    best, best_weights = -1.0, None
    phases = {"train": [], "val": []}
    for _ in range(arguments.num_epochs):
        for phase, loader in loaders.items():
            begun = time.monotonic()
            _, accuracy = run_phase(model, loader, phase == "train", criterion, optimizer, arguments.device,
                                    arguments.first_step)
            phases[phase].append({"images": len(loader.dataset), "seconds": time.monotonic() - begun})
            if phase == "train":
                schedule.step()
            elif accuracy > best:
                best, best_weights = accuracy, copy.deepcopy(model.state_dict())
    arguments.output_dir.mkdir(parents=True, exist_ok=True)
    torch.save(best_weights, arguments.output_dir / "model.pt")
    print(json.dumps({**phases, "best_val_acc": best.item()}))


if __name__ == "__main__":
    main()
