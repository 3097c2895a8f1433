"""Images a second of training and of validation, each as fast as its settings allow."""

from lib.epochs import phases_of, rate, warm
from lib.images import count
from lib.report import Row

BATCH = 32


def train_words(session, epochs):
    steps = -(-count(session.data, "train") // BATCH)
    return ["--num-epochs", epochs, "--batch-size", BATCH, "--workers", 2, "--log-every", steps]


def our_phases(session, epochs):
    points = session.train(*train_words(session, epochs))[1]
    return phases_of(points, count(session.data, "train"), count(session.data, "val"))


def measure(session):
    epochs = 2 if session.quick else 3
    train = Row("train", f"training on the images, images a second; batch {BATCH}, epochs 2 to {epochs}")
    phases = session.alternate(train, {
        "amltrain": lambda: our_phases(session, epochs),
        "tuned Python": lambda: session.tuned("--num-epochs", epochs).json,
    })
    rates = {label: [rate(warm(run["train"])) for run in runs] for label, runs in phases.items()}
    for label, values in rates.items():
        train.figure(label, "images/s", values, 1)
    for label, runs in phases.items():
        train.figure(label + ", first epoch", "images/s", [rate(run["train"][:1]) for run in runs], 1)
    train.figure("tuned Python: CPU an image", "ms",
                 [1000 * rate_cpu(run["train"]) for run in phases["tuned Python"]], 1)
    train.ratio("amltrain / tuned Python", rates["amltrain"], rates["tuned Python"], ">= 1.15")
    return [train, validation(session, phases, epochs)]


def rate_cpu(epochs):
    return 1 / rate(warm(epochs), "cpu_seconds")


def validation(session, phases, epochs):
    """The validation phases of the same trainings, and of Python's with more done by hand."""
    row = Row("validation", f"validation in the course of a training, images a second, epochs 2 to {epochs}")
    alone = ["--num-epochs", epochs + 1, "--no-train"]
    rounds = 1 if session.quick else 2
    by_hand = {"tuned Python, folded by hand, decoded once by hand":
               lambda: session.tuned(*alone, "--fold", "--keep-val").json}
    if not session.quick:
        by_hand["tuned Python, torch.compile"] = lambda: session.tuned(*alone, "--compile", "val").json
    all_phases = {**phases, **session.alternate(row, by_hand, rounds)}
    rates = {label: [rate(warm(run["val"])) for run in runs] for label, runs in all_phases.items()}
    for label, values in rates.items():
        row.figure(label, "images/s", values, 1)
    for label, values in rates.items():
        if label != "amltrain":
            row.ratio(f"amltrain / {label}", rates["amltrain"], values,
                      ">= 1.7" if label == "tuned Python" else "")
    return row
