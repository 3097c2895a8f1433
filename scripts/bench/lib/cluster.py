"""Hosts of one machine (test/cluster), and the links between them."""
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

PORT = 7411
ANSWER = f"""
import socket
link, _ = socket.create_server(("", {PORT})).accept()
link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
while link.send(link.recv(1)):
    pass
"""
ASK = f"""
import socket, statistics, sys, time
for _ in range(100):
    try:
        link = socket.create_connection((sys.argv[1], {PORT}))
        break
    except ConnectionRefusedError:
        time.sleep(0.05)
else:
    sys.exit("nobody answers")
link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
took = []
for _ in range(200):
    begun = time.perf_counter()
    link.send(b"x")
    link.recv(1)
    took.append(time.perf_counter() - begun)
print(statistics.median(took))
"""


class Cluster:
    """Hosts, of which the first only starts things."""

    def __init__(self, folder, hosts):
        self.folder, self.late_switch = folder, None
        self.names = [f"{chr(ord('f') + i)}{os.getpid()}" for i in range(hosts + 1)]
        made = subprocess.run(["bash", str(ROOT / "test/cluster/hosts_up.sh"), str(folder), *self.names],
                              stderr=subprocess.PIPE, text=True)
        if made.returncode != 0:
            sys.exit(f"no hosts: {made.stderr.strip()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["bash", str(ROOT / "test/cluster/hosts_down.sh"), str(self.folder)], check=False)

    def on(self, host, *words):
        return [str(self.folder / "on"), host, *words]

    def _do(self, host, *words):
        subprocess.run(self.on(host, *words), check=True)

    def link(self, gbit, latency, program):
        """All links get this speed, both ways, and this latency one way, in seconds, by `program`: late_switch."""
        self._end_late_switch()
        bridge = ["nomaster"] if latency > 0 else ["master", "bridge"]
        for name in self.names:
            self._do("switch", "ip", "link", "set", name, *bridge)
            for host, device in ((name, "eth0"), ("switch", name)):
                self._do(host, "tc", "qdisc", "replace", "dev", device, "root", "tbf", "rate", f"{gbit * 1000:g}mbit",
                         "burst", "512kb", "latency", "50ms")
        if latency > 0:  # ahead of what it carries frames for, on the same cores
            words = self.on("switch", "chrt", "--fifo", "10", program, str(round(latency * 1e6)), *self.names)
            self.late_switch = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
            if self.late_switch.stdout.readline() != "ready\n":
                sys.exit("late_switch failed")

    def _end_late_switch(self):
        if self.late_switch is None:
            return
        subprocess.run(self.on("switch", "pkill", "-x", "late_switch"), check=True)
        self.late_switch.wait()
        self.late_switch = None

    def latency(self):
        """Half of what a byte takes from one host to another and back, in seconds: the median of 200."""
        answers = subprocess.Popen(self.on(self.names[1], "python3", "-c", ANSWER))
        asked = subprocess.run(self.on(self.names[2], "python3", "-c", ASK, "10.91.0.2"), stdout=subprocess.PIPE, text=True)
        if asked.returncode != 0:
            answers.kill()
            sys.exit("the hosts don't reach each other")
        answers.wait()
        return float(asked.stdout) / 2
