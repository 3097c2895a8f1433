"""Where two ranks run: both on this machine, or each on a host of its own (test/cluster)."""
import os
import shutil
import subprocess
from pathlib import Path

import store_checks
from trial import Broken

CLUSTER = Path(__file__).parents[2] / "test/cluster"


class Machine:
    """This one."""
    compute, shape, hosts, prefix = "box", "1x2", (), ()

    def __init__(self, folder, number):
        pass

    def create_compute(self, workspace):
        workspace.call("compute", "create", self.compute, "--max-nodes", "2")

    def host_of(self, rank):
        return None

    def shared_memory(self):
        """Of all runs: which of it is whose, a run's secret tells."""
        return [("here", name) for name in os.listdir("/dev/shm")]

    def strangers(self):
        return []

    def mend(self):
        pass

    def close(self):
        pass


class Hosts:
    """Three namespaces: one that submits, and one for each rank. Nobody else uses them."""
    compute, shape = "lab", "2x1"

    def __init__(self, folder, number):
        self.folder = folder / f"hosts-{number}"
        suffix = f"{number}x{os.getpid()}"
        self.head, self.hosts = f"h{suffix}", (f"a{suffix}", f"b{suffix}")
        self.prefix = (str(self.folder / "on"), self.head)
        self.raise_all()
        self.hostfile = folder / f"hostfile-{number}"
        self.hostfile.write_text("".join(f"{name} slots=2\n" for name in self.hosts))

    def raise_all(self):
        done = subprocess.run(["bash", CLUSTER / "hosts_up.sh", self.folder, self.head, *self.hosts], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if done.returncode:
            raise Broken(f"no hosts: {done.stderr.strip()}")
        for host in self.hosts:  # what the user's shell does at its start, and may leave half done, is not of the trial
            self.on(host, "sh", "-c", "[ ! -e ~/.bashrc ] || mount --bind /dev/null ~/.bashrc")
        self.namespace_of = {name: self.pid_namespace(self.first_process(name)) for name in (self.head, *self.hosts)}

    def first_process(self, host):
        return int((self.folder / host / "pid").read_text())

    @staticmethod
    def pid_namespace(pid):
        try:
            return os.readlink(f"/proc/{pid}/ns/pid")
        except OSError:
            return ""

    def create_compute(self, workspace):
        workspace.call("compute", "create", self.compute, "--kind", "mpi", "--hostfile", str(self.hostfile),
                       "--ssh-config", str(self.folder / "ssh_config"))

    def host_of(self, rank):
        return self.hosts[rank]

    def on(self, host, *words):
        subprocess.run([self.folder / "on", host, *words], stdin=subprocess.DEVNULL, capture_output=True)

    def link(self, host, state):
        self.on("switch", "ip", "link", "set", host, state)

    def kill_all(self, host):
        """All processes of it but its first, which stands for the kernel."""
        self.on(host, "sh", "-c", "kill -9 -1")

    def mend(self):
        """After a trial: cables and sshd are as before."""
        for host in self.hosts:
            self.link(host, "up")
            listening = any(words[0].startswith(b"sshd: ") and b"listener" in words[0] or words[0].endswith(b"/sshd")
                            for _, words in self.processes_on(host))
            if not listening:
                sshd = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
                self.on(host, sshd, "-f", str(self.folder / host / "sshd_config"), "-E", str(self.folder / host / "sshd.log"))

    def processes_on(self, host):
        return [(pid, words) for pid, words, _ in store_checks.processes()
                if words[0] and self.pid_namespace(pid) == self.namespace_of[host]]

    def strangers(self):
        """What is on the hosts beside themselves: their first process, its sleep, and sshd with its sessions."""
        return [(host, pid, words) for host in (self.head, *self.hosts) for pid, words in self.processes_on(host)
                if b"amltrain-test-host" not in words and words[:2] != [b"sleep", b"1000"] and b"sshd" not in words[0]]

    def shared_memory(self):
        return [(host, name) for host in (self.head, *self.hosts)
                for name in os.listdir(f"/proc/{self.first_process(host)}/root/dev/shm")]

    def close(self):
        subprocess.run(["bash", CLUSTER / "hosts_down.sh", self.folder], stdin=subprocess.DEVNULL, capture_output=True)
