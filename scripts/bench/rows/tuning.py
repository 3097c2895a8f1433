"""Settings of the tuned peer side by side. Not measured unless asked for: it is how the peer was tuned."""

import pathlib

from lib.epochs import rate, warm
from lib.report import Row

LIBRARIES = pathlib.Path("/usr/lib/x86_64-linux-gnu")
NO_MALLOC = {"MALLOC_MMAP_THRESHOLD_": str(2**17), "MALLOC_TRIM_THRESHOLD_": str(2**17), "MALLOC_TOP_PAD_": str(2**17)}
ALLOCATORS = {"tcmalloc": "libtcmalloc_minimal.so.4", "jemalloc": "libjemalloc.so.2"}


def settings():
    """label: (options, environment)"""
    yield "as it is", [], {}
    for workers in (0, 1, 3):
        yield f"{workers} loader processes", ["--workers", workers], {}
    for batch in (16, 64):
        yield f"batch {batch}", ["--batch-size", batch], {}
    yield "glibc's own malloc settings", [], NO_MALLOC
    for name, library in ALLOCATORS.items():
        if (LIBRARIES / library).exists():
            yield name, [], {"LD_PRELOAD": str(LIBRARIES / library)}
    yield "OMP_WAIT_POLICY=passive", [], {"OMP_WAIT_POLICY": "passive"}
    yield "torch.compile, training", ["--compile", "train"], {}
    yield "torch.compile, validation", ["--compile", "val"], {}
    yield "folded by hand, decoded once by hand, validation", ["--fold", "--keep-val"], {}


def measure(session):
    row = Row("tuning", "settings of the tuned peer, epochs 2 and 3")
    programs = {label: lambda words=words, environment=environment: session.tuned(
        "--num-epochs", 3, *words, environment=environment).json for label, words, environment in settings()}
    for label, runs in session.alternate(row, programs).items():
        row.figure(label + ": train", "images/s", [rate(warm(run["train"])) for run in runs], 1)
        row.figure(label + ": train, CPU an image", "ms",
                   [1000 / rate(warm(run["train"]), "cpu_seconds") for run in runs], 1)
        row.figure(label + ": validation", "images/s", [rate(warm(run["val"])) for run in runs], 1)
    return [row]
