"""Reading the history: `runs list` with many finished runs."""

import json

from lib.process import run
from lib.report import Row


def measure(session):
    runs, times = (20, 5) if session.quick else (100, 21)
    workspace = session.new_path("workspace")

    def amltrain(*words):
        return run([session.amltrain, "--workspace", workspace, *words])

    run([session.amltrain, "workspace", "init", workspace])
    amltrain("compute", "create", "wide", "--kind", "local", "--max-nodes", "2")
    job = session.new_path("job").with_suffix(".json")
    job.write_text(json.dumps({"type": "command", "command": "true", "compute": "wide", "experiment_name": "many"}))
    ids = [amltrain("submit", "--quiet", "--file", job).output.strip() for _ in range(runs)]
    amltrain("wait", *ids)
    row = Row("listing", f"runs list --output json with {runs} finished runs, {times} times")
    row.figure("amltrain", "ms", [1000 * amltrain("runs", "list", "--output", "json").seconds for _ in range(times)], 1)
    return [row]
