"""One session of measuring: the programs, the images, a scratch folder, and how each program is called."""

import itertools
import json
import pathlib
import secrets
from dataclasses import dataclass

from lib.process import Failed, NotBuilt, run

PEERS = pathlib.Path(__file__).resolve().parent.parent / "peers"

# glibc keeps what the tensors of a step leave: 10 to 14 % less CPU time a step for the tuned peer, and as good as
# tcmalloc (docs/benchmarks.md).
TUNED_ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": str(2**30), "MALLOC_TRIM_THRESHOLD_": str(2**30),
                     "MALLOC_TOP_PAD_": str(2**28), "PYTHONWARNINGS": "ignore"}


@dataclass
class Session:
    amltrain: pathlib.Path
    bench: pathlib.Path          # amltrain_bench
    python: pathlib.Path | None  # with torch and torchvision
    data: pathlib.Path
    scratch: pathlib.Path
    rounds: int
    quick: bool

    def __post_init__(self):
        self._numbers = itertools.count()

    def new_path(self, name):
        return self.scratch / f"{name}-{next(self._numbers)}"

    def train(self, *words, environment=None, **how):
        """`amltrain train` on the images; (Ended, its metric points)."""
        metrics = self.new_path("metrics")
        ended = run([self.amltrain, "train", "--data", self.data, "--output-dir", self.new_path("outputs"), *words],
                    {"AMLTRAIN_METRICS": str(metrics), **(environment or {})}, **how)
        return ended, [json.loads(line) for line in metrics.read_text().splitlines()]

    def train_ranks(self, ranks, *words):
        """The same in `ranks` processes of one thread each, as a run of several starts them."""
        metrics, outputs = self.new_path("metrics"), self.new_path("outputs")
        start = 'RANK=$OMPI_COMM_WORLD_RANK WORLD_SIZE=$OMPI_COMM_WORLD_SIZE exec "$@"'
        run(["mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-np", ranks, "sh", "-c", start, "sh",
             self.amltrain, "train", "--data", self.data, "--output-dir", outputs, "--threads", 1, *words],
            {"AMLTRAIN_METRICS": str(metrics), "AMLTRAIN_RENDEZVOUS": secrets.token_hex(16)})
        points = [json.loads(line) for line in metrics.read_text().splitlines()]
        return points, json.loads((outputs / "report.json").read_text())

    def inside(self, *words):
        """`amltrain_bench`; its document."""
        return run([self.bench, *words]).json

    def tutorial(self, *words, **how):
        return self._peer("tutorial.py", words, {"PYTHONWARNINGS": "ignore"}, how)

    def tuned(self, *words, environment=None, **how):
        cache = {"TORCHINDUCTOR_CACHE_DIR": str(self.scratch / "inductor")}
        return self._peer("tuned.py", words, {**TUNED_ENVIRONMENT, **cache, **(environment or {})}, how)

    def tuned_ranks(self, ranks, *words):
        """The same under torchrun, in processes of one thread each."""
        self.need_python()
        return run([self.python, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", ranks,
                    PEERS / "tuned.py", "--data", self.data, "--output-dir", self.new_path("outputs"), *words],
                   {**TUNED_ENVIRONMENT, "OMP_NUM_THREADS": "1"})

    def _peer(self, script, words, environment, how):
        self.need_python()
        return run([self.python, PEERS / script, "--data", self.data, "--output-dir", self.new_path("outputs"), *words],
                   environment, **how)

    def script(self, name, *words):
        self.need_python()
        return run([self.python, PEERS / name, *words], {"PYTHONWARNINGS": "ignore"})

    def need_python(self):
        if not self.python:
            raise Failed("needs --python, an interpreter with torch and torchvision")

    def alternate(self, row, programs, rounds=None):
        """Calls each of `programs` (label: function) once a round, in turn; label: list of what they returned. One
        that can't be measured is named in the row and left out of later rounds; its list is then empty."""
        results, gone = {label: [] for label in programs}, set()
        for _ in range(rounds or self.rounds):
            for label, program in programs.items():
                if label in gone:
                    continue
                try:
                    results[label].append(program())
                except (NotBuilt, Failed) as reason:
                    gone.add(label)
                    results[label].clear()
                    kind = "not built: " if isinstance(reason, NotBuilt) else ""
                    row.missing.append(f"{label}: {kind}{reason}")
        return results
