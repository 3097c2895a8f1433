"""The tutorial's job, with its own settings, from process start to finished model."""

from lib.report import Row

TITLE = "the tutorial's job (batch 4, 4 loader workers, SGD, StepLR), {} epochs, process start to finished model"


def measure(session):
    epochs = 1 if session.quick else 3
    row = Row("job", TITLE.format(epochs))
    words = ["--num-epochs", epochs]
    ended = session.alternate(row, {
        "amltrain, default precision": lambda: session.train(*words)[0],
        "amltrain, --precision fp32": lambda: session.train(*words, "--precision", "fp32")[0],
        "the tutorial's script": lambda: session.tutorial(*words),
    })
    for label, runs in ended.items():
        row.figure(label, "s", [run.seconds for run in runs])
    for label, runs in ended.items():
        row.figure(label + ": CPU", "s", [run.cpu_seconds for run in runs])
    wall = [[run.seconds for run in runs] for runs in ended.values()]
    row.ratio("default precision / tutorial", wall[0], wall[2], "<= 0.42")
    row.ratio("fp32 / tutorial", wall[1], wall[2], "<= 0.8")
    return [row]
