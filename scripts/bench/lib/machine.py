"""What the figures were measured on."""

import json
import os
import pathlib
import time

from lib.process import Failed, run


def describe(amltrain, python):
    said = json.loads(run([amltrain, "describe", "--output", "json"]).output)
    machine, engine = said["machine"], said["engine"]
    facts = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "cpu": machine["cpu_model"],
        "cores": len(os.sched_getaffinity(0)),
        "bf16": engine["bf16"] or "none",
        "memory_gib": round(machine["memory_bytes"] / 2**30, 1),
        "kernel": os.uname().release,
        "load_average": load(),
        "amltrain": said["version"],
        "libtorch": engine["torch"],
    }
    if python:
        code = ("import json, PIL, sys, torch, torchvision; print(json.dumps({'python': sys.version.split()[0], "
                "'torch': torch.__version__, 'torchvision': torchvision.__version__, 'pillow': PIL.__version__}))")
        try:
            facts.update(run([python, "-c", code]).json)
        except Failed as problem:
            raise SystemExit(f"--python must have torch and torchvision: {problem}")
    return facts


def load():
    return float(pathlib.Path("/proc/loadavg").read_text().split()[0])
