"""The peers of the input pipeline: files to augmented, normalised tensors in one thread of one process.

Prints one JSON line: images, wall and CPU seconds of each pass.
"""

import argparse
import json
import pathlib
import time

import torch
from torchvision import datasets, transforms
from torchvision.io import ImageReadMode, decode_jpeg, read_file
from torchvision.transforms import v2

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def pillow(folder):
    return datasets.ImageFolder(str(folder), transforms.Compose([
        transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(),
        transforms.ToTensor(), transforms.Normalize(MEAN, STD)]))


def torchvision_io(folder):
    view = v2.Compose([v2.RandomResizedCrop(224, antialias=True), v2.RandomHorizontalFlip(),
                       v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)])
    return datasets.ImageFolder(str(folder), view,
                                loader=lambda path: decode_jpeg(read_file(path), mode=ImageReadMode.RGB))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--by", choices=["pillow", "io"], default="pillow")
    parser.add_argument("--epochs", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    images = {"pillow": pillow, "io": torchvision_io}[arguments.by](arguments.data / "train")
    epochs = []
    for _ in range(arguments.epochs):
        begun, cpu = time.monotonic(), time.process_time()
        for index in range(len(images)):
            images[index]
        epochs.append({"images": len(images), "seconds": time.monotonic() - begun,
                       "cpu_seconds": time.process_time() - cpu})
    print(json.dumps({"epochs": epochs}))


if __name__ == "__main__":
    main()
