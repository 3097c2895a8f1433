#!/usr/bin/env python3
"""Cuts the power at any moment of a workspace's life, and looks at what the disk then may hold.

    cut_power.py --amltrain BINARY --library LIBRARY [--states N] [--seed N] [--jobs N]

The calls of a whole scenario are recorded once (trace.hpp). A state is what a disk may hold when the power goes after one of
them: what was synced is there; of what was not, each write is there, is not, or is there in part, and of the names that were
made, renamed and removed since their folders were synced, either the first ones are there (as a journal has it) or any.
Each state becomes a workspace. In it every list can be read, `workspace verify` finds no damaged document, and whatever
a command had acknowledged before the cut is there. The exit status is 1 when a promise is not kept.
"""

import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import uuid

import programs


class File:
    def __init__(self):
        self.synced, self.pending = bytearray(), []  # of (offset, bytes), or (size, None) for a cut

    def sync(self):
        self.synced, self.pending = apply(self.synced, self.pending), []

    def content(self, chance):
        """What a disk may hold: each write whole, in part or not at all."""
        kept = []
        for at, data in self.pending:
            fate = chance.random()
            if fate < 0.4:
                kept.append((at, data))
            elif fate < 0.6 and data:
                kept.append((at, data[:chance.randrange(len(data))]))
        return apply(self.synced, kept)


def apply(content, writes):
    content = bytearray(content)
    for at, data in writes:
        if data is None:
            del content[at:]
            content.extend(bytes(max(0, at - len(content))))
            continue
        content.extend(bytes(max(0, at + len(data) - len(content))))
        content[at:at + len(data)] = data
    return content


class Folder:
    def __init__(self):
        self.names = {}


class Disk:
    """What the programs see, and beside it what would be left of it."""

    def __init__(self):
        self.root = Folder()
        self.changes = []  # of names, not yet synced: (folders concerned, [(folder, name, node or None)])
        self.kept = {id(self.root): {}}  # id of a folder: its names on the disk
        self.nodes = {id(self.root): self.root}

    def find(self, path):
        node = self.root
        for part in path.split("/") if path else []:
            node = node.names.get(part) if isinstance(node, Folder) else None
        return node

    def place(self, path):
        parent, _, name = path.rpartition("/")
        return self.find(parent), name

    def change(self, *steps):
        for folder, name, node in steps:
            if node is None:
                folder.names.pop(name, None)
            else:
                folder.names[name] = node
                self.nodes[id(node)] = node
        self.changes.append(steps)

    def make(self, path, node):
        folder, name = self.place(path)
        if folder is not None:
            self.change((folder, name, node))
        return node

    def settle(self, done):
        for steps in done:
            for folder, name, node in steps:
                names = self.kept.setdefault(id(folder), {})
                if node is None:
                    names.pop(name, None)
                else:
                    names[name] = node

    def sync_folder(self, folder):
        done = [steps for steps in self.changes if any(step[0] is folder for step in steps)]
        self.changes = [steps for steps in self.changes if not any(step[0] is folder for step in steps)]
        self.settle(done)

    def do(self, call, *rest):
        if call == "create":
            node = self.find(rest[0])
            if isinstance(node, File):
                node.pending.append((0, None))
            else:
                self.make(rest[0], File())
        elif call == "write":
            node = self.find(rest[0]) or self.make(rest[0], File())
            node.pending.append((rest[1], bytes.fromhex(rest[2])))
        elif call == "truncate":
            self.find(rest[0]).pending.append((rest[1], None))
        elif call == "mkdir":
            self.make(rest[0], Folder())
        elif call in ("rename", "link"):
            node = self.find(rest[0])
            steps = [(*self.place(rest[1]), node)]
            if call == "rename":
                steps.append((*self.place(rest[0]), None))
            self.change(*steps)
        elif call == "remove":
            self.change((*self.place(rest[0]), None))
        elif call == "syncfs":
            self.settle(self.changes)
            self.changes = []
            for node in self.nodes.values():
                if isinstance(node, File):
                    node.sync()
        elif call == "sync":
            node = self.find(rest[0])
            if isinstance(node, Folder):
                self.sync_folder(node)
            elif node is not None:
                node.sync()
        elif call != "ignored":
            sys.exit(f"the trace holds an unknown call: {call}")

    def after_a_cut(self, folder, chance):
        """Writes below `folder` what the disk may hold."""
        kept = {key: dict(names) for key, names in self.kept.items()}
        if chance.random() < 0.5:
            left = self.changes[:chance.randint(0, len(self.changes))]
        else:
            left = [steps for steps in self.changes if chance.random() < 0.5]
        for steps in left:
            for holder, name, node in steps:
                names = kept.setdefault(id(holder), {})
                if node is None:
                    names.pop(name, None)
                else:
                    names[name] = node
        written = {}
        self._write(self.root, folder, kept, chance, written)

    def _write(self, node, path, kept, chance, written):
        path.mkdir()
        for name, child in kept.get(id(node), {}).items():
            if isinstance(child, Folder):
                self._write(child, path / name, kept, chance, written)
            elif id(child) in written:
                os.link(written[id(child)], path / name)
            else:
                (path / name).write_bytes(child.content(chance))
                written[id(child)] = path / name


SCENARIO = """
amltrain workspace init .
amltrain experiment create bees
amltrain compute create box --max-nodes 2
amltrain submit --source ../source --entry run.sh --experiment bees --stream
amltrain submit --source ../source --entry run.sh --experiment bees --compute box --quiet
amltrain wait LAST
amltrain register LAST --name m
amltrain submit --source ../other --entry run.sh --experiment ants --quiet
amltrain wait LAST
amltrain register LAST --name m
amltrain data fetch ../images.tar --name drawn
amltrain compute delete box
"""


def record(amltrain, library, scratch):
    """The calls, and for each command how many of them were made when it had returned."""
    # By dd, whose writes are seen; a shell's own go round the library.
    for name, text in {"source": "echo made | dd of=outputs/result.txt status=none; amltrain log loss 0.5 --step 1\n",
                       "other": "echo else | dd of=outputs/other.txt status=none\n"}.items():
        (scratch / name / "outputs").mkdir(parents=True)
        (scratch / name / "run.sh").write_text(text)
    subprocess.run([amltrain, "data", "sample", scratch / "images", "--train", "4", "--val", "2"], check=True,
                   capture_output=True)
    subprocess.run(["tar", "-C", scratch, "-cf", scratch / "images.tar", "images"], check=True)
    workspace, trace = scratch / "ws", scratch / "trace"
    workspace.mkdir()
    environment = {**os.environ, "LD_PRELOAD": str(library), "AMLTRAIN_FAULT_ROOT": str(workspace),
                   "AMLTRAIN_FAULT_TRACE": str(trace)}
    acknowledged, last = [], None
    for line in SCENARIO.strip().splitlines():
        words = [last if word == "LAST" else word for word in line.split()]
        words[0] = amltrain
        said = subprocess.run(words, env=environment, cwd=workspace, text=True, capture_output=True, check=False)
        if said.returncode:
            sys.exit(f"{line}: {said.stderr}")
        if "--quiet" in words:
            last = said.stdout.strip()
        acknowledged.append((len(trace.read_text().splitlines()), words[1:], last))
    return [json.loads(line) for line in trace.read_text().splitlines()], acknowledged


class Lost(Exception):
    pass


def ask(amltrain, workspace, *words):
    said = subprocess.run([amltrain, *words, "--output", "json"], cwd=workspace, text=True, capture_output=True, timeout=60,
                          check=False)
    if said.returncode:
        raise Lost(f"amltrain {' '.join(words)}: exit code {said.returncode}: {said.stderr.strip()} {said.stdout[-300:]}")
    return json.loads(said.stdout)


def listed(amltrain, workspace, *words):
    return {(item["name"], item["version"]) if "version" in item else item.get("name", item.get("id")): item
            for item in ask(amltrain, workspace, *words, "list")["items"]}


def judge(amltrain, workspace, acknowledged):
    if not acknowledged:  # not even `workspace init`: there is one, or none, or it can be made
        subprocess.run([amltrain, "workspace", "init", "."], cwd=workspace, capture_output=True, check=False)
        ask(amltrain, workspace, "workspace", "show")
        return
    experiments, computes, runs, data, models = (
        listed(amltrain, workspace, kind) for kind in ("experiment", "compute", "runs", "data", "models"))
    for run in runs.values():
        if run["state"] not in ("Completed", "Failed"):
            raise Lost(f"{run['id']} is {run['state']}")
        if run["state"] == "Failed" and "damaged" in (run["reason"] or ""):
            raise Lost(f"{run['id']}: {run['reason']}")
    deleting = len(acknowledged) >= SCENARIO.strip().count("\n")  # the last command, at least under way
    versions = 0
    for _, words, run in acknowledged:
        if words[0] == "experiment" and words[2] not in experiments:
            raise Lost("an experiment")
        if words[:2] == ["compute", "create"] and words[2] not in computes and not deleting:
            raise Lost("a compute target")
        if words[0] == "submit" and "--quiet" in words and run not in runs:
            raise Lost("a run that was submitted")
        if words[0] == "submit" and "--stream" in words and not any(r["state"] == "Completed" for r in runs.values()):
            raise Lost("a run that was completed")
        if words[0] == "wait" and runs[run]["state"] != "Completed":
            raise Lost(f"the end of a run: {runs[run]['state']}, {runs[run]['reason']}")
        if words[:2] == ["data", "fetch"] and "drawn" not in data:
            raise Lost("data")
        versions += words[0] == "register"
    if len(models) < versions:
        raise Lost("a model")
    if versions and not ask(amltrain, workspace, "models", "verify", "m")["ok"]:
        raise Lost("a model's files")
    if data and "drawn" in data:
        ask(amltrain, workspace, "data", "show", "drawn")
    ask(amltrain, workspace, "workspace", "verify")


def try_states(arguments, trace, acknowledged, seeds):
    """Cuts in the order of the trace, so that the disk is played forward once."""
    cuts = sorted((random.Random(seed).randint(0, len(trace)), seed) for seed in seeds)
    disk, done, broken = Disk(), 0, []
    for cut, seed in cuts:
        while done < cut:
            disk.do(*trace[done])
            done += 1
        with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as name:
            workspace = pathlib.Path(name) / "ws"
            disk.after_a_cut(workspace, random.Random(seed))
            try:
                judge(arguments.amltrain, workspace, [entry for entry in acknowledged if entry[0] <= cut])
            except (Lost, subprocess.TimeoutExpired) as lost:
                broken.append(f"seed {seed}, cut after call {cut} {trace[cut - 1][:3] if cut else ''}: {lost}")
                if arguments.keep:
                    shutil.copytree(workspace, arguments.keep / str(seed), symlinks=True)
    return broken


def main():
    parser = programs.parser(__doc__)
    parser.add_argument("--states", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ignore-syncs", action="store_true", help="as a disk that lies: promises must then be broken")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the workspaces in which a promise was not kept")
    arguments = programs.parsed(parser)
    with tempfile.TemporaryDirectory() as name:
        trace, acknowledged = record(arguments.amltrain, arguments.library, pathlib.Path(name))
        return judge_all(arguments, trace, acknowledged, pathlib.Path(name))


def judge_all(arguments, trace, acknowledged, scratch):
    boot = scratch / "boot_id"
    boot.write_text(f"{uuid.uuid4()}\n")
    os.environ.update(LD_PRELOAD=str(arguments.library), AMLTRAIN_FAULT_BOOT=str(boot))  # the machine was started again
    if arguments.ignore_syncs:
        trace = [call if call[0] not in ("sync", "syncfs") else ["ignored"] for call in trace]
    print(f"{len(trace)} calls, {sum(call[0] == 'sync' for call in trace)} of them fsyncs", file=sys.stderr)
    seeds = range(arguments.seed, arguments.seed + arguments.states)
    with concurrent.futures.ProcessPoolExecutor(arguments.jobs) as pool:
        parts = [pool.submit(try_states, arguments, trace, acknowledged, seeds[part::arguments.jobs])
                 for part in range(arguments.jobs)]
        broken = [line for part in parts for line in part.result()]
    print(*broken, sep="\n", end="\n" if broken else "")
    print(f"{arguments.states} states, {len(broken)} broken")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
