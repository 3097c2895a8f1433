"""Training the last layer alone, with features computed once."""

from lib.report import Row


def measure(session):
    epochs = 5 if session.quick else 25
    row = Row("freeze", f"--freeze backbone, {epochs} epochs, process start to finished model")
    words = ["--num-epochs", epochs]
    ended = session.alternate(row, {
        "amltrain, --cache-features":
            lambda: session.train(*words, "--freeze", "backbone", "--frozen-norm", "--cache-features", 1,
                                  "--augmentation", "none", "--batch-size", 32)[0],
        "tuned Python, features computed in each epoch": lambda: session.tuned(*words, "--freeze"),
    }, rounds=min(session.rounds, 2))
    for label, runs in ended.items():
        row.figure(label, "s", [run.seconds for run in runs])
    ours, tuned = [[run.seconds for run in runs] for runs in ended.values()]
    row.ratio("tuned Python / amltrain", tuned, ours, ">= 30", 1)
    return [row]
