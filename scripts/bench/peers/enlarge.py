"""Makes large photographs of small ones: the longer side becomes 2000 pixels, in the folders that they came in."""

import argparse
import pathlib

from PIL import Image


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="source", type=pathlib.Path, required=True)
    parser.add_argument("--to", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=40, help="training images, evenly of all classes")
    arguments = parser.parse_args()
    classes = sorted(folder.name for folder in (arguments.source / "train").iterdir() if folder.is_dir())
    for split, count in {"train": arguments.count, "val": len(classes)}.items():
        for name in classes:
            target = arguments.to / split / name
            target.mkdir(parents=True, exist_ok=True)
            for path in sorted((arguments.source / split / name).glob("*.jpg"))[:max(1, count // len(classes))]:
                picture = Image.open(path).convert("RGB")
                factor = 2000 / max(picture.size)
                picture.resize([round(side * factor) for side in picture.size], Image.Resampling.BICUBIC).save(
                    target / path.name, quality=90)


if __name__ == "__main__":
    main()
