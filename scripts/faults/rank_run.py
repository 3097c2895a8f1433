"""A run of two ranks as it is seen from outside: its processes wherever they are, its files, and what is left of it."""
import datetime
import hashlib
import json
import time

import store_checks
from trial import Broken
from victims import kill, parent_of

SCRIPT = """
( setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done' "$AMLTRAIN_RUN_ID" & )
[ -z "$DISGUISED" ] || ( setsid env -i sh -c 'trap "" TERM; while :; do /bin/sleep 1; done' "$AMLTRAIN_RUN_ID" & )
echo "rank $RANK begins"
if [ "$RANK" = "$FAILING" ]; then
  sleep "$AFTER"
  echo "no more data"
  date +%s.%N >"$AMLTRAIN_WORKSPACE/exited"
  exit "$CODE"
fi
sleep "$LIFE"
echo done >"outputs/done.$RANK"
"""
TRAINER = ("--arch", "resnet18", "--weights", "none", "--batch-size", "2", "--workers", "1", "--image-size", "48",
           "--resize-size", "56", "--learning-rate", "0.01", "--seed", "3", "--threads", "1", "--log-every", "1",
           "--precision", "fp32")


class RankRun:
    """Begins with its submission. `job`: script or trainer; `life`: the seconds of a script, the epochs of a training."""

    def __init__(self, workspace, place, data, job, life, options=(), environment=()):
        self.workspace, self.place, self.job, self.secrets = workspace, place, job, set()
        words = ["submit", "--quiet", "--compute", place.compute, "-j", place.shape]
        if job == "script":
            source = workspace.folder / "source"
            source.mkdir()
            (source / "train.sh").write_text(SCRIPT)
            values = {"LIFE": life, "FAILING": "", "CODE": 0, "DISGUISED": 1, **dict(environment)}
            words += ["--source", "source", *[word for name, value in values.items() for word in ("--env", f"{name}={value}")]]
        else:
            words += ["--data", str(data), *TRAINER, "--num-epochs", str(life)]
        words += options  # the last of its name counts
        self.id = workspace.call(*words).strip()
        self.folder = workspace.run_folder(self.id)
        self.waiting = workspace.start("wait", self.id)

    def has_ended(self):
        return self.waiting.poll() is not None

    # Its processes, by their numbers as this process sees them: those of hosts are here as well.

    def processes(self):
        """pid: words and variables."""
        found = {}
        for pid, words, environment in store_checks.processes():
            variables = dict(entry.decode(errors="replace").partition("=")[::2] for entry in environment)
            if variables.get("AMLTRAIN_RUN_ID") == self.id or b"supervise" in words and self.id.encode() in words:
                found[pid] = words, variables
                self.secrets |= {variables["AMLTRAIN_RENDEZVOUS"]} if "AMLTRAIN_RENDEZVOUS" in variables else set()
        return found

    def command_of(self, rank):
        found = self.processes()
        of_rank = [pid for pid, (_, variables) in found.items() if variables.get("RANK") == str(rank)]
        return self.top_of(of_rank)

    def guards_of(self, rank):
        """Of a rank: the process that mpirun knows, and its child, which keeps the command."""
        found = self.processes()
        of_rank = [pid for pid, (words, variables) in found.items()
                   if variables.get("OMPI_COMM_WORLD_RANK") == str(rank) and "RANK" not in variables and b"rank" in words]
        top = self.top_of(of_rank)
        return [*top, *[pid for pid in of_rank if top and parent_of(pid) == top[0]]][:2]

    def launcher(self):
        return [pid for pid, (words, _) in self.processes().items() if words[0] == b"mpirun"]

    def supervisors(self):
        """The keeper, and the supervisor, its child."""
        found = [pid for pid, (words, _) in self.processes().items() if b"supervise" in words]
        top = self.top_of(found)
        return [*top, *[pid for pid in found if top and parent_of(pid) == top[0]]][:2]

    @staticmethod
    def top_of(pids):
        return [pid for pid in pids if parent_of(pid) not in pids][:1]

    def when_there(self, find, count=1):
        """What `find` gives once it gives as many; none when the run ends before."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not self.has_ended():
            found = find()
            if len(found) >= count:
                return found
            time.sleep(0.02)
        return []

    # What it wrote.

    def events(self):
        lines = store_checks.whole_lines(self.folder / "events.jsonl")
        return [json.loads(line) for line in lines if store_checks.is_json(line)]

    def steps(self):
        return [json.loads(line) for line in store_checks.whole_lines(self.folder / "metrics.jsonl")
                if b'"train_loss"' in line and store_checks.is_json(line)]

    def ended_at(self):
        return datetime.datetime.fromisoformat(self.events()[-1]["time"]).timestamp()

    def rank_end(self, rank):
        path = self.folder / f"logs/rank-{rank}.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def started(self):
        """Ranks whose command was started."""
        return [rank for rank in (0, 1) if (self.folder / f"logs/rank-{rank}.json").exists()]

    def digest(self):
        return hashlib.sha256((self.folder / "outputs/model.pt").read_bytes()).hexdigest()

    # Its end.

    def wait(self, patience):
        """Exit code of `wait`."""
        deadline = time.monotonic() + patience
        while not self.has_ended():
            if time.monotonic() > deadline:
                raise Broken(f"{self.id} has not ended after {patience:.0f} s")
            self.processes()  # a start that comes later has another secret
            time.sleep(0.2)
        return self.waiting.returncode

    def left(self):
        """Processes and shared memory of it that are there now, in words."""
        found = store_checks.left_processes(self.id) + store_checks.disguised_processes(self.id) + \
            store_checks.supervisors(self.id)
        words = [f"process {pid}: {line.decode(errors='replace')}" for pid, line in self.lines_of(found)]
        words += [f"process {pid} on {host}: {b' '.join(line).decode(errors='replace')}"
                  for host, pid, line in self.place.strangers()]
        names = [hashlib.sha256(f"memory of {secret}".encode()).hexdigest()[:32] for secret in self.secrets]
        words += [f"/dev/shm/{name} ({host})" for host, name in self.place.shared_memory()
                  if self.place.hosts or any(known in name for known in names)]
        return words

    @staticmethod
    def lines_of(pids):
        for pid, words, _ in store_checks.processes():
            if pid in pids:
                yield pid, b" ".join(words)

    def end_by_force(self):
        """After a trial that broke."""
        self.workspace.start("runs", "cancel", self.id, "--no-wait").wait(20)
        for pid in self.processes():
            kill(pid)
        if not self.has_ended():
            self.waiting.kill()
        self.waiting.communicate()
