"""How long a user waits for the first optimiser step."""

import json
import time

from lib.epochs import seconds_of
from lib.process import Failed, run
from lib.report import Row

DEADLINE_SECONDS = 120


def submitted(session, workspace):
    """Seconds from the start of `amltrain submit` to the time that the run's first metric bears."""
    begun = time.time()
    run_id = run([session.amltrain, "submit", "--quiet", "--workspace", workspace, "--data", session.data,
                  "--num-epochs", 1, "--log-every", 1]).output.strip()
    try:
        while time.time() < begun + DEADLINE_SECONDS:
            time.sleep(0.5)  # each look takes CPU time from the run
            points = run([session.amltrain, "runs", "metrics", run_id, "--workspace", workspace,
                          "--output", "json"]).output.splitlines()
            if points:
                return seconds_of(json.loads(points[0])["time"]) - begun
        raise Failed(f"no metric of {run_id} within {DEADLINE_SECONDS} s")
    finally:
        run([session.amltrain, "runs", "cancel", run_id, "--workspace", workspace])
        wait_for_end(session, workspace, run_id)


def wait_for_end(session, workspace, run_id):
    try:
        run([session.amltrain, "wait", run_id, "--workspace", workspace])
    except Failed:
        pass  # it was canceled


def peer(ended):
    return ended.json["first_step_at"] - ended.started_at


def measure(session):
    row = Row("first-step", "from starting the command to the end of the first optimiser step")
    workspace = session.new_path("workspace")
    run([session.amltrain, "workspace", "init", workspace])
    seconds = session.alternate(row, {
        "amltrain submit": lambda: submitted(session, workspace),
        "the tutorial's script": lambda: peer(session.tutorial("--first-step")),
        "tuned Python": lambda: peer(session.tuned("--first-step")),
    })
    for label, values in seconds.items():
        row.figure(label, "s", values)
    ours, tutorial, tuned = seconds.values()
    better = [min(pair) for pair in zip(tutorial, tuned)] or tutorial
    row.ratio("amltrain submit / the better peer", ours, better, "<= 0.2")
    return [row]
