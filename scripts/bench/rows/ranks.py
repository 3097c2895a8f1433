"""Two processes of one thread against one process of two, and against torchrun; the same images a step."""

from lib.epochs import phases_of, rate, warm
from lib.images import count
from lib.report import Row

BATCH = 32  # of a step


def measure(session):
    epochs = 2 if session.quick else 4
    sizes = [count(session.data, split) for split in ("train", "val")]
    words = ["--num-epochs", epochs, "--workers", 2, "--log-every", -(-sizes[0] // BATCH)]
    row = Row("ranks", f"training on the images, images a second; {BATCH} images a step, epochs 2 to {epochs}")
    runs = session.alternate(row, {
        "2 ranks of 1 thread": lambda: session.train_ranks(2, *words, "--batch-size", BATCH // 2),
        "1 process of 2 threads": lambda: session.train(*words, "--batch-size", BATCH, "--threads", 2)[1],
        "torchrun, 2 ranks of 1 thread":
            lambda: session.tuned_ranks(2, "--num-epochs", epochs, "--workers", 1, "--batch-size", BATCH // 2).json,
    })
    ours, alone, theirs = runs.values()
    rates = {"2 ranks of 1 thread": [rate(warm(phases_of(points, *sizes)["train"])) for points, _ in ours],
             "1 process of 2 threads": [rate(warm(phases_of(points, *sizes)["train"])) for points in alone],
             "torchrun, 2 ranks of 1 thread": [rate(warm(run["train"])) for run in theirs]}
    for label, values in rates.items():
        row.figure(label, "images/s", values, 1)
    row.ratio("2 ranks / 1 process", rates["2 ranks of 1 thread"], rates["1 process of 2 threads"], ">= 0.97", 3)
    row.ratio("2 ranks / torchrun", rates["2 ranks of 1 thread"], rates["torchrun, 2 ranks of 1 thread"], ">= 1.1")
    for key, label in (("waiting_seconds", "waiting for the other rank"), ("exchange_seconds", "all of the exchange")):
        row.ratio(f"{label} / the training phases", [report["ranks_time"][key] for _, report in ours],
                  [report["ranks_time"]["train_seconds"] for _, report in ours], "<= 0.01" if "waiting" in key else "", 4)
    return [row]
