"""Running one program to its end and measuring it: time, CPU time, or the memory of all its processes."""

import json
import os
import pathlib
import subprocess
import tempfile
import time
from dataclasses import dataclass


class NotBuilt(Exception):
    """The program doesn't know an option: what it says is the reason."""


class Failed(Exception):
    """The program ended with an error: what it says."""


@dataclass
class Ended:
    """`cpu_seconds` is user and system time of the process and of the children it waited for."""
    started_at: float
    seconds: float
    cpu_seconds: float
    output: str
    peak_bytes: int | None = None

    @property
    def json(self):
        """The last line of the output."""
        return json.loads(self.output.strip().splitlines()[-1])


# How amltrain (docs/contract.md: bad_input), CLI11 in amltrain_bench, and argparse say that an option is unknown.
UNKNOWN_OPTION = ("has no option", "The following argument", "unrecognized arguments")


def run(command, environment=None, sample_memory=False):
    """Runs `command` to its end. Throws NotBuilt or Failed with the last lines of its standard error."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started_at, begun = time.time(), time.monotonic()
        process = subprocess.Popen([str(word) for word in command], stdout=output, stderr=errors,
                                   stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
        try:
            peak = watch_memory(process.pid) if sample_memory else None
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        seconds = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            said = "\n".join(errors.read().decode(errors="replace").strip().splitlines()[-4:])
            text = f"{pathlib.Path(command[0]).name} exits with {process.returncode}: {said}"
            raise (NotBuilt if any(words in said for words in UNKNOWN_OPTION) else Failed)(text)
        return Ended(started_at, seconds, usage.ru_utime + usage.ru_stime, output.read().decode(), peak)


def watch_memory(pid, interval=0.05):
    """The largest sum of PSS over `pid` and its descendants, sampled until `pid` has ended (and is not yet waited
    for). Shared pages count once, so that processes forked from one another are not counted twice."""
    peak = 0
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        peak = max(peak, sum(pss_bytes(member) for member in tree(pid)))
        time.sleep(interval)
    return peak


def tree(root):
    """`root` and the processes below it that live now."""
    members = [root]
    for pid in members:
        for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                members += [int(child) for child in task.read_text().split()]
            except OSError:
                pass  # has ended
    return members


def pss_bytes(pid):
    try:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # has ended
    return 0
