"""Peak memory of the whole process tree; in rounds of their own, since the sampling takes time from the programs."""

from lib.report import Row


def measure(session):
    row = Row("memory", "peak memory of all processes (sum of PSS, sampled every 50 ms), one epoch and its validation")
    words = ["--num-epochs", 1]
    ended = session.alternate(row, {
        "amltrain, batch 4": lambda: session.train(*words, sample_memory=True)[0],
        "amltrain, batch 4, --precision fp32":
            lambda: session.train(*words, "--precision", "fp32", sample_memory=True)[0],
        "amltrain, batch 32":
            lambda: session.train(*words, "--batch-size", 32, "--workers", 2, sample_memory=True)[0],
        "the tutorial's script (batch 4)": lambda: session.tutorial(*words, sample_memory=True),
        "tuned Python (batch 32)": lambda: session.tuned(*words, sample_memory=True),
    }, rounds=1)
    peaks = {label: [run.peak_bytes / 2**20 for run in runs] for label, runs in ended.items()}
    for label, values in peaks.items():
        row.figure(label, "MiB", values, 0)
    default, strict, large, tutorial, tuned = peaks.values()
    better = [min(pair) for pair in zip(tutorial, tuned)] or tutorial
    row.ratio("batch 4 / the better peer", default, better, "<= 0.4")
    row.ratio("batch 4, fp32 / the better peer", strict, better, "<= 0.4")
    row.ratio("batch 4 / tutorial", default, tutorial)
    row.ratio("batch 32 / tuned Python", large, tuned)
    return [row]
