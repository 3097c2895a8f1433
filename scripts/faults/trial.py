"""A workspace that several shells use at once, and what must hold of a run after its end."""
import collections
import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import store_checks

# Forks twice, leaves its session, ignores signals, and clears its environment; then measures. A metric is
# acknowledged once `amltrain log` has returned 0.
SCRIPT = """
( setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done' "$AMLTRAIN_RUN_ID" & )
( setsid env -i sh -c 'trap "" TERM; while :; do /bin/sleep 1; done' "$AMLTRAIN_RUN_ID" & )
for step in 1 2 3 4; do
  amltrain log loss 0.$step --step $step && echo $step >>"$ACKNOWLEDGED/$AMLTRAIN_RUN_ID"
done
echo model >outputs/model.txt
echo done >"$ACKNOWLEDGED/$AMLTRAIN_RUN_ID.done"
"""
PATIENCE = 60  # seconds until a command or an end counts as hung


class Broken(Exception):
    pass


class Workspace:
    """One workspace, and the program as it is called there. `prefix`: words before it, which take it to another host."""

    def __init__(self, folder, program, prefix=()):
        self.folder, self.program, self.prefix = folder, program, prefix
        self.environment = dict(os.environ)
        for name in ("AMLTRAIN_WORKSPACE", "AMLTRAIN_METRICS", "AMLTRAIN_RUN_ID", "AMLTRAIN_RUN_MARK"):
            self.environment.pop(name, None)
        self.call("workspace", "init")

    def start(self, *words, **environment):
        return subprocess.Popen([*self.prefix, self.program, *words], cwd=self.folder, text=True,
                                env={**self.environment, **environment}, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def call(self, *words, codes=(0,), **environment):
        """Standard output; any other exit code than those expected is a fault."""
        process = self.start(*words, **environment)
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Broken(f"'{' '.join(words)}' hangs") from None
        if process.returncode not in codes:
            raise Broken(f"'{' '.join(words)}' ends with {process.returncode}: {err.strip()}")
        return out

    def show(self, run):
        return json.loads(self.call("runs", "show", run, "--output", "json"))

    def run_folder(self, run):
        return self.folder / ".amltrain/runs" / run

    def last_state(self, run):
        lines = store_checks.whole_lines(self.run_folder(run) / "events.jsonl")
        return json.loads(lines[-1])["state"]


class Trial(Workspace):
    """One workspace, which several shells use at once."""

    def __init__(self, folder, program, seed):
        super().__init__(folder, program)
        self.seed = seed
        self.acknowledged = folder / "acknowledged"
        self.acknowledged.mkdir()
        self.environment["ACKNOWLEDGED"] = str(self.acknowledged)
        (folder / "source").mkdir()
        (folder / "source/train.sh").write_text(SCRIPT)
        (folder / "job.json").write_text(json.dumps({"command": SCRIPT}))
        (folder / "long.json").write_text(json.dumps({"command": "exec sleep 600"}))
        self.lock = threading.Lock()
        self.hits, self.recoveries, self.next_commands = collections.Counter(), [], []
        self.seconds_of = {}  # how long each verb takes when it is let go
        self.call("compute", "create", "many", "--max-nodes", "16")

    def submit(self, job, *words):
        return self.call("submit", "--quiet", "--compute", "many", "--file", job, *words).strip()

    def hit(self, victim, where):
        with self.lock:
            self.hits[f"{victim} {where}"] += 1

    def has_control_group(self, run):
        lines = store_checks.whole_lines(self.run_folder(run) / "events.jsonl")
        return any("control_group" in json.loads(line) for line in lines)

    def check_end(self, run, allowed, orphans_alone=False):
        """`run` ends in one of the allowed states, truly, and leaves nothing. `orphans_alone`: neither supervisor
        nor keeper was there to end its processes."""
        begun = time.monotonic()
        self.call("wait", run, codes=(0, 1, 4, 7))
        took = time.monotonic() - begun
        left = store_checks.left_processes(run)
        disguised = store_checks.disguised_processes(run)
        if orphans_alone and not self.has_control_group(run):  # then nothing tells whose they are (docs/store.md)
            for pid in disguised:
                os.kill(pid, signal.SIGKILL)
        else:
            left += disguised
        record = self.show(run)
        faults = store_checks.document_faults(self.run_folder(run)) + store_checks.event_faults(self.run_folder(run))
        if left:
            words = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in left if Path(f"/proc/{pid}").exists()]
            faults.append(f"processes {left} of {run} are left after its end: {words}")
        if record["state"] not in allowed:
            faults.append(f"{run} is {record['state']} ({record['reason']}), not {' or '.join(allowed)}")
        if record["state"] == "Completed" and not (self.acknowledged / f"{run}.done").exists():
            faults.append(f"{run} is Completed, and its script did not come to its end")
        if record["state"] == "Failed" and not (record["failure"] and record["failure"]["message"]):
            faults.append(f"{run} is Failed without a reason")
        faults += self.lost_metrics(run)
        deadline = time.monotonic() + 5
        while store_checks.supervisors(run) and time.monotonic() < deadline:
            time.sleep(0.01)
        if store_checks.supervisors(run):
            faults.append(f"a supervisor of {run} lives on after its end")
        if faults:
            raise Broken("; ".join(faults))
        return took

    def lost_metrics(self, run):
        acknowledged = {int(line) for line in store_checks.whole_lines(self.acknowledged / run)}
        lines = self.call("runs", "metrics", run, "--output", "json").splitlines()
        there = {json.loads(line)["step"] for line in lines}
        return [f"{run} has lost the metrics of steps {sorted(acknowledged - there)}"] if acknowledged - there else []
