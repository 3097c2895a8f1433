"""What it costs to be able to go on after a crash, and to write many metrics."""

from lib.report import Row


def with_and_without(session, row, batch, epochs):
    words = ["--num-epochs", epochs, "--batch-size", batch, "--workers", 2]
    ended = session.alternate(row, {
        f"batch {batch}, no checkpoints": lambda: session.train(*words)[0],
        f"batch {batch}, every 10 steps": lambda: session.train(
            *words, "--checkpoint-every", 10, "--checkpoint-dir", session.new_path("checkpoints"))[0],
    })
    for label, runs in ended.items():
        row.figure(label, "s", [run.seconds for run in runs])
    without, with_them = [[run.seconds for run in runs] for runs in ended.values()]
    row.ratio(f"batch {batch}: with / without", with_them, without, "<= 1.01", 3)
    row.ratio(f"batch {batch}: CPU time with / without", *[[run.cpu_seconds for run in runs]
                                                          for runs in reversed(ended.values())], digits=3)


def measure(session):
    row = Row("checkpoints", "a checkpoint every 10 steps; 100 metrics a step")
    with_and_without(session, row, 32, 6)
    if not session.quick:
        with_and_without(session, row, 4, 2)
    steps = 500
    measured = session.alternate(row, {
        "metrics": lambda: session.inside("metrics", "--file", session.new_path("metrics"), "--steps", steps),
        "step": lambda: session.inside("step", "--batch-size", 32, "--steps", 4),
    })
    metrics = [1000 * run["seconds"] / steps for run in measured["metrics"]]
    step = [1000 * run["seconds"] / 4 for run in measured["step"]]
    row.figure("100 metrics of one step", "ms", metrics, 3)
    row.figure("a step, batch 32", "ms", step, 0)
    row.ratio("100 metrics / a step", metrics, step, "<= 0.01", 5)
    return [row]
