"""On a GPU: the step by itself, training on images, and the tutorial's job. Not measured unless asked for."""

import os

from lib.epochs import phases_of, rate, warm
from lib.images import count
from lib.report import Row

GPU = ["--device", "cuda"]
BATCH = 32


def steps(session):
    rows = []
    for arch, batch in (("resnet18", 128), ("resnet50", 128)):
        row = Row("gpu-step", f"{arch}, steps on one batch of {batch} in the GPU's memory, bf16")
        words = ["--arch", arch, "--batch-size", batch, "--steps", 20 if session.quick else 60, *GPU,
                 "--precision", "bf16"]
        measured = session.alternate(row, {
            "amltrain": lambda: session.inside("step", *words),
            "amltrain, --cuda-graph": lambda: session.inside("step", *words, "--cuda-graph"),
            "PyTorch": lambda: session.script("step.py", *words).json,
        })
        rates = {label: [rate([run]) for run in runs] for label, runs in measured.items()}
        for label, values in rates.items():
            row.figure(label, "images/s", values, 0)
        row.ratio("amltrain / PyTorch", rates["amltrain"], rates["PyTorch"])
        row.ratio("amltrain, --cuda-graph / PyTorch", rates["amltrain, --cuda-graph"], rates["PyTorch"])
        rows.append(row)
    return rows


def training(session):
    epochs = 3 if session.quick else 8
    workers = len(os.sched_getaffinity(0))
    row = Row("gpu-train", f"training on the images, images a second; batch {BATCH}, {workers} loader workers")
    steps = -(-count(session.data, "train") // BATCH)
    ours = ["--num-epochs", epochs, "--batch-size", BATCH, "--workers", workers, "--log-every", steps, *GPU]
    sizes = [count(session.data, split) for split in ("train", "val")]
    phases = session.alternate(row, {
        "amltrain": lambda: phases_of(session.train(*ours)[1], *sizes),
        "amltrain, nothing kept": lambda: phases_of(session.train(*ours, "--cache-memory", 0)[1], *sizes),
        "tuned Python": lambda: session.tuned("--num-epochs", epochs, "--workers", workers, *GPU).json,
    })
    for phase in ("train", "val"):
        rates = {label: [rate(warm(run[phase])) for run in runs] for label, runs in phases.items()}
        for label, values in rates.items():
            row.figure(f"{label}: {phase}, after the first epoch", "images/s", values, 0)
        for label in ("amltrain", "amltrain, nothing kept"):
            row.ratio(f"{label} / tuned Python, {phase}", rates[label], rates["tuned Python"])
    return [row]


def job(session):
    epochs = 3 if session.quick else 10
    row = Row("gpu-job", f"the tutorial's job (batch 4, 4 loader workers, SGD, StepLR), {epochs} epochs, "
                         "process start to finished model")
    words = ["--num-epochs", epochs, *GPU]
    ended = session.alternate(row, {
        "amltrain": lambda: session.train(*words)[0],
        "amltrain, --cuda-graph": lambda: session.train(*words, "--cuda-graph")[0],
        "amltrain, --precision fp32": lambda: session.train(*words, "--precision", "fp32")[0],
        "the tutorial's script": lambda: session.tutorial(*words),
    })
    for label, runs in ended.items():
        row.figure(label, "s", [run.seconds for run in runs])
    theirs = [run.seconds for run in ended["the tutorial's script"]]
    for label in list(ended)[:3]:
        row.ratio(f"{label} / tutorial", [run.seconds for run in ended[label]], theirs)
    return [row]
