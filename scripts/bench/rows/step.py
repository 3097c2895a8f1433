"""The step by itself: against training on images, and against the machine's matrix peak."""

from lib.epochs import rate
from lib.report import Row

GFLOP_AN_IMAGE = 10.9  # ResNet-18 at 224 pixels: forward, and backward twice as much
STEP = ["--batch-size", 32]
KEPT = ["--cache-memory", 512]  # MiB: room for all images of the tutorial


def synthetic(session):
    epochs = 2 if session.quick else 4
    row = Row("input-share", "training on the images against steps on one batch in memory, one process, batch 32")
    measured = session.alternate(row, {"amltrain": lambda: session.inside(
        "train", "--data", session.data, *STEP, "--workers", 2, "--epochs", epochs, *KEPT)})["amltrain"]
    real = [rate(run["real"]) for run in measured]
    steps = [rate(run["synthetic"]) for run in measured]
    row.figure("on the images", "images/s", real, 1)
    row.figure("on one batch in memory", "images/s", steps, 1)
    row.ratio("images / memory", real, steps, ">= 0.97", 3)
    spent = {key: [sum(epoch[key] for epoch in run["real"]) for run in measured]
             for key in ("input_cpu_seconds", "cpu_seconds")}
    row.ratio("CPU time of the loader's threads / all", spent["input_cpu_seconds"], spent["cpu_seconds"], "<= 0.03", 3)
    return row


def peak(session):
    row = Row("peak", "the step against what the matrix peak allows, batch 32")
    steps = 8 if session.quick else 20
    for precision in ("auto", "fp32"):
        how = ["--precision", precision]
        measured = session.alternate(row, {
            "step": lambda: session.inside("step", *STEP, *how, "--steps", steps),
            "matrix": lambda: session.inside("matrix", *how),
        })
        name = measured["step"][0]["precision"] if measured["step"] else precision
        rates = [rate([run]) for run in measured["step"]]
        # The peak is one number: the best that any round found.
        best = max((run["gflop_per_second"] for run in measured["matrix"]), default=0)
        row.figure(f"{name}: step on one batch in memory", "images/s", rates, 1)
        row.figure(f"{name}: matrix product, each round's best", "GFLOP/s",
                   [run["gflop_per_second"] for run in measured["matrix"]], 0)
        allowed = [best / GFLOP_AN_IMAGE] * len(rates) if best else []
        row.figure(f"{name}: what that allows ({GFLOP_AN_IMAGE} GFLOP an image)", "images/s", allowed[:1], 1)
        row.ratio(f"{name}: step / peak", rates, allowed, ">= 0.85" if precision == "auto" else "")
        if precision == "auto" and name == "fp32":
            row.notes.append("this machine has no bf16 arithmetic: auto is fp32")
            break
    return row


def measure(session):
    return [synthetic(session), peak(session)]
