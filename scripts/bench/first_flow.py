#!/usr/bin/env python3
"""Measures the promises of the first version: memory of a training beside the Python peer, and the time of a listing.

    scripts/bench/first_flow.py --amltrain build/release/bin/amltrain --python VENV/bin/python --data FOLDER [--rounds 3]

Rounds alternate between the two programs in one session; printed are medians, the spread and the ratio. It reports
and judges nothing.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def measured(command, environment=None):
    """Runs `command`; returns (seconds, peak resident bytes of its main process, standard output)."""
    with tempfile.TemporaryFile() as output:
        begun = time.monotonic()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{command[0]} ended with {process.returncode}")
        output.seek(0)
        return seconds, usage.ru_maxrss * 1024, output.read().decode()


def spread(values, unit, scale=1.0):
    scaled = [value / scale for value in values]
    return f"{statistics.median(scaled):8.2f} {unit} ({min(scaled):.2f} to {max(scaled):.2f})"


def report(title, ours, theirs, unit, scale=1.0):
    ratios = [mine / other for mine, other in zip(ours, theirs)]
    print(f"{title}\n  amltrain {spread(ours, unit, scale)}\n  Python   {spread(theirs, unit, scale)}\n"
          f"  ratio    {statistics.median(ratios):8.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def bench_training(arguments):
    job = ["--data", str(arguments.data), "--num-epochs", str(arguments.epochs), "--batch-size", "4", "--workers", "4"]
    results = {"amltrain": [], "fp32": [], "python": []}
    for _ in range(arguments.rounds):
        with tempfile.TemporaryDirectory() as scratch:
            for name, command in {
                "amltrain": [arguments.amltrain, "train", *job, "--output-dir", f"{scratch}/a"],
                "fp32": [arguments.amltrain, "train", *job, "--precision", "fp32", "--output-dir", f"{scratch}/b"],
                "python": [arguments.python, str(HERE / "tutorial_peer.py"), *job, "--output-dir", f"{scratch}/c"],
            }.items():
                results[name].append(measured(command))
    for title, name in {"default precision": "amltrain", "strict fp32": "fp32"}.items():
        report(f"training, {title}: wall time", [r[0] for r in results[name]], [r[0] for r in results["python"]], "s")
        report(f"training, {title}: peak memory of the main process", [r[1] for r in results[name]],
               [r[1] for r in results["python"]], "MiB", 2**20)


def bench_listing(arguments):
    with tempfile.TemporaryDirectory() as scratch:
        def amltrain(*words):
            return measured([arguments.amltrain, "--workspace", scratch, *words])
        measured([arguments.amltrain, "workspace", "init", scratch])
        amltrain("compute", "create", "wide", "--kind", "local", "--max-nodes", "2")
        job = pathlib.Path(scratch) / "job.json"
        job.write_text(json.dumps({"type": "command", "command": "true", "compute": "wide", "experiment_name": "many"}))
        runs = [amltrain("submit", "--quiet", "--file", str(job))[2].strip() for _ in range(arguments.runs)]
        for run in runs:
            amltrain("wait", run)
        times = [amltrain("runs", "list", "--output", "json")[0] for _ in range(21)]
        print(f"runs list with {arguments.runs} runs, 21 times\n  amltrain {spread(times, 'ms', 1e-3)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--amltrain", required=True)
    parser.add_argument("--python", help="interpreter with torch and torchvision; absent: the listing alone")
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", type=int, default=100)
    arguments = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {platform.platform()}")
    bench_listing(arguments)
    if arguments.python and arguments.data:
        bench_training(arguments)


if __name__ == "__main__":
    main()
