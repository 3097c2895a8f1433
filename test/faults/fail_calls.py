#!/usr/bin/env python3
"""Fails each call by which amltrain writes to a workspace, one at a time, once and for ever, and looks at what is left.

    fail_calls.py --amltrain BINARY --library LIBRARY [--every N] [--verb NAME...] [--jobs N]

--every N takes each Nth case, beginning at another one for each verb and fault: a sample. Prints a line for each promise
that was not kept; the exit status is 1 then. The promises, after every single fault:
 - exit code 0 means that it is done: what the verb makes is there, and no fsync failed in its course;
 - any other exit code is one of docs/contract.md for a fault of the machine, with a message, never a signal;
 - a write that is cut short or interrupted is no fault at all;
 - the next commands work: lists can be read, every run has come to an end that fits what happened, the store has no
   damaged document, and the verb itself can be repeated.
"""

import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import programs

FAULTS = [(error, forever) for error in ("ENOSPC", "EIO") for forever in (False, True)] + [("EINTR", False), ("short", False)]
HARMLESS = ("EINTR", "short")
DEADLINE = 60  # seconds, of a command


class Broken(Exception):
    pass


class Store:
    """A workspace, and the program that works on it."""

    def __init__(self, amltrain, root, environment=None):
        self.amltrain, self.root = amltrain, root
        self.environment = {**os.environ, "AMLTRAIN_WORKSPACE": str(root), **(environment or {})}

    def call(self, *words):
        try:
            return subprocess.run([self.amltrain, *map(str, words)], env=self.environment, cwd=self.root.parent, text=True,
                                  capture_output=True, timeout=DEADLINE, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired as late:
            raise Broken(f"amltrain {' '.join(map(str, words))} hangs") from late

    def works(self, *words, codes=(0,)):
        ended = self.call(*words)
        if ended.returncode not in codes:
            raise Broken(f"amltrain {' '.join(map(str, words))}: exit code {ended.returncode}: {ended.stderr.strip()}")
        return ended.stdout

    def documents(self, *words):
        return json.loads(self.works(*words, "--output", "json"))["items"]


class Verb:
    """One thing that people do. `run` returns the exit code; `done` tells whether what it makes is there."""

    def __init__(self, name, words, done, again=(0,), below="ws/.amltrain"):
        self.name, self.words, self.done, self.again, self.below = name, words, done, again, below

    def run(self, store):
        ended = store.call(*[word(store) if callable(word) else word for word in self.words])
        if ended.returncode != 0 and not ended.stderr.strip():
            raise Broken(f"exit code {ended.returncode} without a word")
        return ended


def only_run(store):
    return sorted(path.name for path in (store.root / ".amltrain/runs").iterdir())[0]


def names(*words):
    return lambda store: [item.get("name", item.get("id")) for item in store.documents(*words)]


def has(listed, name):
    return lambda store: name in listed(store)


def completed(store):
    return all(run["state"] == "Completed" for run in store.documents("runs", "list")) and len(
        store.documents("runs", "list")) == 2


def verbs(scratch):
    return [
        Verb("experiment create", ["experiment", "create", "bees"], has(names("experiment", "list"), "bees"), (0, 6)),
        Verb("compute create", ["compute", "create", "box"], has(names("compute", "list"), "box"), (0, 6)),
        Verb("submit", ["submit", "--source", scratch / "source", "--entry", "run.sh", "--experiment", "e", "--stream"],
             completed),
        Verb("register", ["register", only_run, "--name", "m"], has(names("models", "list"), "m")),
        Verb("data fetch", ["data", "fetch", scratch / "images.tar", "--name", "drawn"],
             has(names("data", "list"), "drawn"), (0, 6)),
        Verb("download", ["download", only_run, "--to", "copy"],
             lambda store: (store.root.parent / "copy/outputs/result.txt").exists(), (0, 6), below="copy"),
    ]


def prepare(amltrain, scratch):
    """A workspace with one completed run, from which every case starts."""
    source = scratch / "source"
    source.mkdir()
    (source / "run.sh").write_text("mkdir -p outputs/deep; echo made > outputs/result.txt; echo more > outputs/deep/a\n"
                                   "amltrain log loss 0.5 --step 1 && amltrain log loss 0.25 --step 2\n")
    store = Store(amltrain, scratch / "first/ws")
    store.root.mkdir(parents=True)
    store.works("workspace", "init", store.root)
    store.works("submit", "--source", source, "--entry", "run.sh", "--experiment", "e", "--stream")
    store.works("data", "sample", scratch / "images", "--train", 4, "--val", 2)
    subprocess.run(["tar", "-C", scratch, "-cf", scratch / "images.tar", "images"], check=True)
    return store.root.parent


def prepare_fault(folder, amltrain, library, below, number, error, forever):
    """The store of a case, whose program meets the fault, and the logs of it."""
    state = folder / "calls"
    state.write_bytes(bytes(8))
    environment = {"LD_PRELOAD": str(library), "AMLTRAIN_FAULT_ROOT": str(folder / below),
                   "AMLTRAIN_FAULT_STATE": str(state), "AMLTRAIN_FAULT_AT": str(number), "AMLTRAIN_FAULT_ERROR": error,
                   "AMLTRAIN_FAULT_LOG": str(folder / "failed")}
    if forever:
        environment["AMLTRAIN_FAULT_FOREVER"] = "1"
    return Store(amltrain, folder / "ws", environment), state


def calls_of(verb, first, amltrain, library):
    """How many calls the verb makes when none fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "case"
        shutil.copytree(first, folder, symlinks=True)
        store, state = prepare_fault(folder, amltrain, library, verb.below, 0, "EIO", False)
        ended = verb.run(store)
        if ended.returncode != 0:
            raise Broken(f"{verb.name} fails without a fault: {ended.stderr}")
        return int.from_bytes(state.read_bytes(), "little")


def judge(verb, store, ended, failed, error):
    """Throws Broken for a promise that was not kept. `store` is without faults."""
    if ended.returncode < 0 or ended.returncode >= 64:
        raise Broken(f"exit code {ended.returncode}: {ended.stderr.strip()}")
    if error in HARMLESS and ended.returncode != 0:
        raise Broken(f"{error} made it fail with {ended.returncode}: {ended.stderr.strip()}")
    runs = store.documents("runs", "list")
    for run in runs:  # a supervisor may still be on its way
        store.works("wait", run["id"], "--timeout", "30s", codes=(0, 1, 7))
    if ended.returncode == 0:
        if not verb.done(store):
            raise Broken("exit code 0, and it is not done")
        unsynced = {line.removeprefix("fsync ") for line in failed if line.startswith("fsync ")}
        if unsynced and error not in HARMLESS:
            raise Broken("exit code 0 after a failed fsync")
    for run in store.documents("runs", "list"):
        if run["state"] not in ("Completed", "Failed"):
            raise Broken(f"{run['id']} is {run['state']}")
        store.works("runs", "show", run["id"])
        store.works("runs", "metrics", run["id"])
    for listing in (["experiment", "list"], ["compute", "list"], ["data", "list"], ["models", "list"], ["workspace", "show"]):
        store.works(*listing)
    again = verb.run(store)
    if again.returncode not in verb.again and not (again.returncode == 6 and verb.done(store)):
        raise Broken(f"again: exit code {again.returncode}: {again.stderr.strip()}")


def try_case(verb, first, arguments, number, error, forever):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "case"
        shutil.copytree(first, folder, symlinks=True)
        store, _ = prepare_fault(folder, arguments.amltrain, arguments.library, verb.below, number, error, forever)
        log = folder / "failed"
        try:
            ended = verb.run(store)
            failed = log.read_text().splitlines() if log.exists() else []
            judge(verb, Store(arguments.amltrain, folder / "ws"), ended, failed, error)
        except Broken as broken:
            failed = log.read_text().splitlines() if log.exists() else []
            where = failed[0].replace(str(folder), "") if failed else "nothing failed"
            return f"{verb.name}, call {number} {'for ever ' if forever else ''}{error} ({where}): {broken}"
        return None


def main():
    parser = programs.parser(__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--verb", nargs="+")
    arguments = programs.parsed(parser)

    with tempfile.TemporaryDirectory() as name, concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        scratch = pathlib.Path(name)
        first = prepare(arguments.amltrain, scratch)
        cases = []
        for verb in verbs(scratch):
            if arguments.verb and verb.name not in arguments.verb:
                continue
            calls = calls_of(verb, first, arguments.amltrain, arguments.library)
            chosen = [(number, *fault) for fault in FAULTS for number in range(1, calls + 1)]
            chosen = chosen[len(cases) % arguments.every::arguments.every]
            print(f"{verb.name}: {calls} calls, {len(chosen)} cases", file=sys.stderr)
            cases += [pool.submit(try_case, verb, first, arguments, *case) for case in chosen]
        if not cases:
            sys.exit("no case: is there such a verb?")
        broken = [said for said in (case.result() for case in cases) if said]
    print(*broken, sep="\n", end="\n" if broken else "")
    print(f"{len(cases)} cases, {len(broken)} broken")
    sys.exit(1 if broken else 0)


main()
