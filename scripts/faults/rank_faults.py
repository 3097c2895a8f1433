"""What is done to a run of ranks, and how the run is to end then (docs/contract.md, docs/hosts.md, docs/training.md).

A strike gives how the run is to end, or None when it is to be Completed: because there was nobody left to hit, or because
nothing was done that a run may not survive.
"""
import dataclasses
import signal
import time
from typing import Callable

from victims import kill, parent_of, send

DEATH = 5  # seconds from the death of a process to the recorded end
STILL = 8 + 4 + 1  # a rank that stands still: noticed, the others ended, recorded
CUT = 11  # a host that is cut off
NEVER_STARTED = 8 + 61  # a host that let ssh in and was cut off before it had started a rank


@dataclasses.dataclass
class Expected:
    codes: tuple  # of `wait`: any of them
    seconds: float  # from the fault to the recorded end
    failure: dict  # what these fields of it are
    says: tuple = ()  # in its message
    propagated: int = 0  # code of `wait --propagate-exit`, where that is another
    at_most: float = 0  # seconds, in rare cases
    hit_at: float = dataclasses.field(default_factory=time.time)


@dataclasses.dataclass
class Kind:
    strike: Callable
    jobs: tuple = ("script", "trainer")
    hosts: bool = False  # only there
    short: bool = False  # the run must come to its end by itself
    makes_good: tuple = ()  # the jobs in which --max-restarts makes the loss good
    options: tuple = ()  # of submit


def killed_rank(run, rank):
    return Expected((1,), DEATH + (1 if run.place.hosts else 0), {"rank": rank, "signal": 9, "cause": "killed"}, propagated=137)


def kill_rank(run, chance):
    """The command of a rank, or one of the two processes over it."""
    rank = chance.randrange(2)
    whom = chance.choice(["command", "command", "process", "keeper"])
    find = (lambda: run.command_of(rank)) if whom == "command" else (lambda: run.guards_of(rank))
    found = run.when_there(find, 2 if whom == "keeper" else 1)
    time.sleep(moment(run, chance))
    return killed_rank(run, rank) if found and kill(found[-1 if whom == "keeper" else 0]) else None


def exit_of_rank(run, chance):
    """The script does that by itself."""
    exited = run.workspace.folder / "exited"
    run.when_there(lambda: [exited] if exited.exists() and exited.read_text().strip() else [])
    return Expected((1,), DEATH + (1 if run.place.hosts else 0), {"rank": run.failing, "code": run.code, "signal": None},
                    ("no more data",), run.code, hit_at=float(exited.read_text()))


def stop_rank(run, chance):
    rank = chance.randrange(2)
    # Of a rank's first steps nobody knows how long they may take: two minutes are waited for it.
    if run.job == "trainer" and chance.random() < 0.97:
        run.when_there(run.steps, 12)
    found = run.when_there(lambda: run.command_of(rank))
    time.sleep(moment(run, chance))
    # Nor is one missed that all others have done with (docs/guarantees.md, known gaps).
    if not found or run.job == "trainer" and run.is_short and len(run.steps()) > 30 or not send(found[0], signal.SIGSTOP):
        return None
    if run.job == "script":  # which nobody but the time limit of six seconds ends, and SIGKILL ten seconds after
        return Expected((5,), 6 + 10 + 2, {"cause": "time_limit", "category": "timed_out"})
    host = run.place.host_of(rank)
    who = f"rank {rank}" + (f" on host {host}" if host else "")
    return Expected((7,), STILL, {"category": "environment"}, (f"{who} is stuck", "it is stopped" if not host else ""),
                    at_most=135)


def pause(find):
    def strike(run, chance):
        found = run.when_there(find)
        time.sleep(moment(run, chance))
        if found and send(found[-1], signal.SIGSTOP):
            time.sleep(chance.uniform(0, 5))
            send(found[-1], signal.SIGCONT)
    return strike


def pause_rank(run, chance):
    rank = chance.randrange(2)
    return pause(lambda: run.command_of(rank))(run, chance)


def kill_launcher(run, chance):
    found = run.when_there(run.launcher)
    time.sleep(moment(run, chance))
    return Expected((1,), DEATH, {"rank": None, "signal": 9, "cause": "killed"}, ("mpirun",)) \
        if found and kill(found[0]) else None


def stop_launcher(run, chance):
    found = run.when_there(run.launcher)
    time.sleep(moment(run, chance))
    return Expected((7,), STILL, {"rank": None, "category": "environment"}, ("mpirun is stopped",)) \
        if found and send(found[0], signal.SIGSTOP) else None


def kill_supervisor(run, chance):
    time.sleep(moment(run, chance))
    found = run.supervisors()
    return Expected((7,), DEATH, {"cause": "supervisor_killed"}) if len(found) == 2 and kill(found[1]) else None


def kill_supervisor_and_keeper(run, chance):
    time.sleep(moment(run, chance))
    found = run.supervisors()
    if len(found) < 2:
        return None
    send(found[0], signal.SIGSTOP)  # or it ends the run before it is killed itself
    hit = kill(found[1])
    kill(found[0])
    return Expected((7,), DEATH, {"cause": "supervisor_lost"}) if hit else None


def kill_daemon(run, chance):
    """mpirun's own on a host. To mpirun the host is lost; a rank of the trainer may tell of the other first."""
    host = chance.choice(run.place.hosts)
    find = lambda: [pid for pid, words in run.place.processes_on(host) if words[0].endswith(b"orted")]  # noqa: E731
    run.when_there(find)
    time.sleep(moment(run, chance))
    found = find()  # again: one that had just started has made another of itself, and is gone
    limit = DEATH + 1 if len(run.started()) == 2 else NEVER_STARTED
    return Expected((7,), limit, {"category": "environment"}) if found and kill(found[0]) else None


def lose_host(do):
    def strike(run, chance):
        host = chance.choice(run.place.hosts)
        run.when_there(run.launcher)
        time.sleep(moment(run, chance))
        if run.has_ended():
            return None
        limit = CUT if len(run.started()) == 2 else NEVER_STARTED
        begun = time.time()
        do(run.place, host)
        return Expected((7,), limit, {"category": "environment", "cause": "host_unreachable"}, (f"host {host}",), hit_at=begun)
    return strike


def cut(place, host):
    place.link(host, "down")


def kill_all_of_host(place, host):
    place.kill_all(host)


def power_off(place, host):
    place.link(host, "down")
    place.kill_all(host)


def moment(run, chance):
    """Any time of its life; of an endless one the first seconds."""
    return chance.uniform(0, run.seconds)


KINDS = {
    "kill a rank": Kind(kill_rank, makes_good=("script", "trainer")),
    "a rank exits with N": Kind(exit_of_rank, ("script",)),
    "stop a rank": Kind(stop_rank, makes_good=("trainer",), options=("--timeout", "6s")),
    "stop a rank for a while": Kind(pause_rank, short=True),
    "kill the launcher": Kind(kill_launcher, makes_good=("script", "trainer")),
    "stop the launcher": Kind(stop_launcher, makes_good=("script", "trainer")),
    "stop the launcher for a while": Kind(lambda run, chance: pause(run.launcher)(run, chance), short=True),
    "kill the supervisor": Kind(kill_supervisor),
    "kill the supervisor and its keeper": Kind(kill_supervisor_and_keeper),
    "stop the supervisor for a while": Kind(lambda run, chance: pause(run.supervisors)(run, chance), short=True),
    "kill the daemon of a host": Kind(kill_daemon, hosts=True, makes_good=("script", "trainer")),
    "cut the cable of a host": Kind(lose_host(cut), hosts=True, makes_good=("script", "trainer")),
    "kill all processes of a host": Kind(lose_host(kill_all_of_host), hosts=True),
    "switch off a host": Kind(lose_host(power_off), hosts=True),
}
