"""What must hold of a store and of the machine after any kill. Each check gives a list of faults in words."""
import json
import os
from pathlib import Path

TERMINAL = {"Completed", "Failed", "Canceled"}


def whole_lines(path):
    """The lines that were ended; the last may be torn by a kill, and is no line then."""
    return path.read_bytes().split(b"\n")[:-1] if path.exists() else []


def document_faults(folder):
    """Every document is whole. Temporary files are none: a killed writer may leave them."""
    faults = []
    for path in folder.rglob("*.json*"):
        if any(part.startswith(".amltrain-tmp-") or part == "tmp" for part in path.relative_to(folder).parts):
            continue
        if "code" in path.parts or "outputs" in path.parts or path.suffix not in (".json", ".jsonl"):
            continue
        try:
            for text in [path.read_bytes()] if path.suffix == ".json" else whole_lines(path):
                json.loads(text)
        except FileNotFoundError:
            continue
        except ValueError as problem:
            # A torn line that the next append ended is skipped by readers; two can't come of one kill.
            if path.suffix == ".json" or sum(not is_json(line) for line in whole_lines(path)) > 1:
                faults.append(f"{path} is damaged: {problem}")
    return faults


def is_json(text):
    try:
        json.loads(text)
        return True
    except ValueError:
        return False


def event_faults(run_folder):
    """One end, and nothing after it."""
    states = [json.loads(line)["state"] for line in whole_lines(run_folder / "events.jsonl") if is_json(line)]
    ends = [place for place, state in enumerate(states) if state in TERMINAL]
    if ends == [len(states) - 1]:
        return []
    return [f"{run_folder.name} went {' '.join(states)}"]


def processes():
    """pid, words and environment of all that live."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            yield int(entry.name), words, (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue


def left_processes(run):
    """Of the run's script, by the variable that all of it has."""
    variable = b"AMLTRAIN_RUN_ID=" + run.encode()
    return [pid for pid, _, environment in processes() if variable in environment]


def disguised_processes(run):
    """Those that cleared their environment: they have the run's id among their words."""
    return [pid for pid, words, _ in processes() if run.encode() in words and words[0].endswith(b"sh")]


def supervisors(run):
    return [pid for pid, words, _ in processes() if b"supervise" in words and run.encode() in words]
