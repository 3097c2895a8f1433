"""The images that everything is measured on."""

import pathlib

from lib.process import run

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


def images_of(folder, given, amltrain, quick):
    """(folder with train/CLASS and val/CLASS, words about it): `given`, or drawn JPEGs as many as the tutorial's."""
    if given:
        return pathlib.Path(given).resolve(), "real"
    drawn = folder / "drawn"
    counts = ["--train", "24", "--val", "12"] if quick else ["--train", "122", "--val", "76"]
    run([amltrain, "data", "sample", drawn, *counts])
    return drawn, "drawn by amltrain data sample"


def count(folder, split):
    return sum(1 for path in (folder / split).rglob("*") if path.suffix.lower() in SUFFIXES)


def part_of(source, folder, images_a_split):
    """A folder of links to the first images of each class: for a quick run."""
    for split in ("train", "val"):
        classes = sorted(path for path in (source / split).iterdir() if path.is_dir())
        for place in classes:
            (folder / split / place.name).mkdir(parents=True)
            found = sorted(path for path in place.rglob("*") if path.suffix.lower() in SUFFIXES)
            for path in found[:max(1, images_a_split // len(classes))]:
                (folder / split / place.name / path.name).symlink_to(path)
    return folder
