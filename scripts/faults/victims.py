"""Whom a kill hits: one of the processes of a run, or a client in one of its verbs."""
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import store_checks
from trial import PATIENCE, Broken


def send(pid, number):
    """Whether there was still such a process."""
    try:
        os.kill(pid, number)
        return True
    except ProcessLookupError:
        return False


def kill(pid):
    return send(pid, signal.SIGKILL)


def parent_of(pid):
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def recorded(trial, run, name):
    """pid of the supervisor or worker, once an event tells of it; None when the run ends before."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        events = [json.loads(line) for line in store_checks.whole_lines(trial.run_folder(run) / "events.jsonl")]
        for event in events:
            if name in event:
                return event[name]["pid"]
        if events[-1]["state"] in store_checks.TERMINAL:
            return None
        time.sleep(0.001)
    raise Broken(f"{run} has no {name}")


def kill_in_run(trial, victim, chance):
    """Of a run that goes its way, `victim` is killed at any time between its submission and its end."""
    run = trial.submit("job.json")
    supervisor = recorded(trial, run, "supervisor")
    keeper = parent_of(supervisor)
    worker = recorded(trial, run, "worker") if victim == "worker" else None
    time.sleep(chance.uniform(0, trial.seconds_of["run"]))
    where = trial.last_state(run)
    killed_at = time.monotonic()
    # By then another process may have the pid: only what still is what it was is killed.
    alive = set(store_checks.supervisors(run))
    if victim == "worker":
        if worker and parent_of(worker) in alive:
            kill(worker)
    else:
        pids = {"supervisor": [supervisor], "keeper": [keeper], "both": [keeper, supervisor]}[victim]
        if victim == "both" and keeper in alive:
            os.kill(keeper, signal.SIGSTOP)  # or it ends the run before it is killed itself
        for pid in reversed(pids):
            if pid in alive:
                kill(pid)
    begun = time.monotonic()
    trial.show(run)
    next_command = time.monotonic() - begun
    trial.check_end(run, {"supervisor": ("Failed", "Completed"), "keeper": ("Completed",),
                          "both": ("Failed", "Completed"), "worker": ("Failed", "Completed")}[victim],
                    orphans_alone=victim == "both")
    trial.hit(victim, where)
    with trial.lock:
        trial.next_commands.append(next_command)
        if victim in ("supervisor", "both") and where not in store_checks.TERMINAL:
            trial.recoveries.append(time.monotonic() - killed_at)


def kill_client(trial, verb, chance):
    """The client of `verb` is killed at any time; then the verb is done again, and what it is about is looked at."""
    prepare, words, check = VERBS[verb]
    about = prepare(trial, f"{verb.replace(' ', '-')}-{chance.getrandbits(40):x}")
    process = trial.start(*words(about), AMLTRAIN_METRICS=str(trial.folder / f"{about}.jsonl") if verb == "log" else "")
    try:
        process.wait(chance.uniform(0, 1.2 * trial.seconds_of.get(verb, 0.1)))
        where = "after its end"
    except subprocess.TimeoutExpired:
        where = "at work"
    process.kill()
    process.communicate()
    begun = time.monotonic()
    trial.call("runs", "list", "--limit", "1")
    with trial.lock:
        trial.next_commands.append(time.monotonic() - begun)
    check(trial, about)
    trial.hit(f"client of {verb}", where)


def fresh_name(_, name):
    return name


def finished_run(trial, _):
    run = trial.submit("job.json")
    trial.call("wait", run)
    return run


def running_run(trial, _):
    run = trial.submit("long.json")
    recorded(trial, run, "worker")
    return run


def short_run(trial, _):
    return trial.submit("job.json")


def again(*words):
    """Done again, it works."""
    return lambda trial, about: trial.call(*[word.replace("ABOUT", about) for word in words])


def check_submitted(trial, name):
    """Whatever the kill left: each run of this name comes to an end, Failed only if it never had a supervisor."""
    listed = json.loads(trial.call("runs", "list", "--tag", f"case={name}", "--output", "json"))["items"]
    for item in listed:
        trial.check_end(item["id"], ("Completed", "Failed"))
        if trial.show(item["id"])["state"] == "Failed" and (trial.acknowledged / item["id"]).exists():
            raise Broken(f"{item['id']} ran and is Failed, and nothing killed it")


def check_key(trial, name):
    """Done again with the same key there is one run that runs."""
    words = ["submit", "--quiet", "--compute", "many", "--file", "job.json", "--tag", f"case={name}",
             "--idempotency-key", name]
    run = trial.call(*words).strip()
    if trial.call(*words).strip() != run:
        raise Broken(f"key {name} gives another run each time")
    check_submitted(trial, name)
    listed = json.loads(trial.call("runs", "list", "--tag", f"case={name}", "--output", "json"))["items"]
    if sum(item["state"] == "Completed" for item in listed) != 1:
        raise Broken(f"key {name} made {[(item['id'], item['state']) for item in listed]}")


def check_unharmed(trial, run):
    trial.check_end(run, ("Completed",))


def check_cancel(trial, run):
    trial.call("runs", "cancel", run)
    trial.check_end(run, ("Canceled",))


def check_models(trial, name_and_run):
    name, run = name_and_run.split()
    trial.call("register", run, "--name", name)
    trial.call("models", "verify", name)
    versions = json.loads(trial.call("models", "list", "--output", "json"))["items"]
    for version in {item["version"] for item in versions if item["name"] == name}:
        trial.call("models", "verify", f"{name}:{version}")


def check_log(trial, name):
    """What is appended after a torn line is a line of its own."""
    path = trial.folder / f"{name}.jsonl"
    trial.call("log", "after", "1", AMLTRAIN_METRICS=str(path))
    lines = store_checks.whole_lines(path)
    if json.loads(lines[-1])["name"] != "after":
        raise Broken(f"a metric after a kill is lost: {lines}")


def tagged(*words):
    return lambda name: ["submit", "--quiet", "--compute", "many", "--tag", f"case={name}",
                         *[word.replace("ABOUT", name) for word in words]]


def plain(*words):
    return lambda about: [word.replace("ABOUT", about) for word in words]


# name: what is prepared, the words of the client, and what is looked at after its kill
VERBS = {
    "submit": (fresh_name, tagged("--file", "job.json"), check_submitted),
    "submit --source": (fresh_name, tagged("--source", "source"), check_submitted),
    "submit --stream": (fresh_name, tagged("--file", "job.json", "--stream"), check_submitted),
    "submit by key": (fresh_name, tagged("--file", "job.json", "--idempotency-key", "ABOUT"), check_key),
    "wait": (short_run, plain("wait", "ABOUT", "--show-output"), check_unharmed),
    "runs logs -f": (short_run, plain("runs", "logs", "-f", "ABOUT"), check_unharmed),
    "runs cancel": (running_run, plain("runs", "cancel", "ABOUT"), check_cancel),
    "runs list": (fresh_name, plain("runs", "list"), again("runs", "list")),
    "runs show": (finished_run, plain("runs", "show", "ABOUT"), check_unharmed),
    "register": (lambda trial, name: f"{name} {finished_run(trial, name)}",
                 lambda about: ["register", about.split()[1], "--name", about.split()[0]], check_models),
    "download": (finished_run, plain("download", "ABOUT", "--to", "files-ABOUT"),
                 again("download", "ABOUT", "--to", "again-ABOUT")),
    "experiment create": (fresh_name, plain("experiment", "create", "ABOUT"), again("experiment", "create", "ABOUT")),
    "compute create": (fresh_name, plain("compute", "create", "ABOUT"), again("compute", "create", "ABOUT")),
    "workspace init": (fresh_name, plain("workspace", "init", "init-ABOUT"), again("workspace", "init", "init-ABOUT")),
    "log": (fresh_name, plain("log", "before", "1"), check_log),
}
RUN_VICTIMS = ("supervisor", "keeper", "both", "worker")
