"""Run, as a training script sees it: what it logs becomes metrics and outputs of the run that it is part of.

Outside of a run of amltrain everything is printed instead. Numbers are metrics; other values are printed in both cases.
"""
import datetime
import json
import math
import os
import shutil
import subprocess
import sys


def _number(value):
    """float(value), or None for what is no number. Scalars of NumPy and PyTorch are numbers."""
    try:
        return None if isinstance(value, str) else float(value)
    except (TypeError, ValueError):
        return None


class Run:
    def __init__(self, run_id, metrics_file):
        self.id = run_id
        self._metrics_file = metrics_file
        self._outputs = os.path.abspath("outputs")  # whatever folder the script goes to
        self._logged = {}  # by name, as get_metrics() gives it
        self._rows = {}  # rows of a table so far, by name

    @staticmethod
    def get_context(allow_offline=True):
        run_id, metrics_file = os.environ.get("AMLTRAIN_RUN_ID"), os.environ.get("AMLTRAIN_METRICS")
        if run_id and metrics_file:
            return Run(run_id, metrics_file)
        if not allow_offline:
            raise RuntimeError("this is not a run of amltrain: start it with amltrain submit --source DIR")
        return Run("OfflineRun_" + datetime.datetime.now().strftime("%Y%m%d_%H%M%S"), None)

    @property
    def run_id(self):
        return self.id

    def get_details(self):
        return {"runId": self.id, "status": "Running"}

    def log(self, name, value, description="", step=None):
        self._note(name, value)
        self._write(name, value, step)

    def log_list(self, name, value, description=""):
        """Each value is a point, its place in the list the step."""
        for step, item in enumerate(value):
            self._note(name, item)
            self._write(name, item, step)

    def log_row(self, name, description=None, **columns):
        """Each column is a metric NAME.COLUMN, and the row the step."""
        row = self._rows.get(name, 0)
        self._rows[name] = row + 1
        for column, value in columns.items():
            self._note(f"{name}.{column}", value)
            self._write(f"{name}.{column}", value, row)

    def log_table(self, name, value, description=""):
        """`value` maps columns to a value or to a list of them: the rows of log_row()."""
        for column, items in value.items():
            if isinstance(items, str) or not hasattr(items, "__iter__"):
                items = [items]
            for row, item in enumerate(items):
                self._note(f"{name}.{column}", item)
                self._write(f"{name}.{column}", item, row)

    def log_image(self, name, path=None, plot=None, description=""):
        """Keeps a picture file, or a plot of matplotlib, as outputs/NAME with the file's ending."""
        if (path is None) == (plot is None):
            raise ValueError("log_image takes a path or a plot")
        if path is not None:
            self.upload_file(name + os.path.splitext(str(path))[1], path)
            return
        target = self._output(name + ".png")
        if target:
            plot.savefig(target)

    def upload_file(self, name, path_or_stream):
        """Keeps a copy of a file in outputs/."""
        target = self._output(name)
        if target and not (os.path.exists(target) and os.path.samefile(path_or_stream, target)):
            shutil.copyfile(path_or_stream, target)

    def tag(self, key, value=None):
        """Gives the run the tag; a failure is told and ends no training."""
        print(f"tag {key}: {value}" if value is not None else f"tag {key}", flush=True)
        if self._metrics_file is None:
            return
        command = ["amltrain", "runs", "tag", self.id, f"{key}={'' if value is None else value}"]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, timeout=60, check=False)
            problem = done.stderr.decode(errors="replace").strip() if done.returncode != 0 else None
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            problem = str(error)
        if problem:
            print(f"tag {key} was not set: {problem}", file=sys.stderr, flush=True)

    def set_tags(self, tags):
        for key, value in tags.items():
            self.tag(key, value)

    def get_file_names(self):
        """What lies in outputs/ now, as outputs/NAME."""
        found = []
        if self._metrics_file is not None:
            for folder, _, names in os.walk(self._outputs):
                found += [os.path.relpath(os.path.join(folder, name), os.path.dirname(self._outputs)) for name in names]
        return sorted(found)

    def upload_folder(self, name, path):
        """Keeps a copy of a folder in outputs/."""
        target = self._output(name)
        if not target or (os.path.exists(target) and os.path.samefile(path, target)):
            return
        own = os.path.realpath(self._outputs)  # not into itself, where the folder is that of the source
        shutil.copytree(path, target, dirs_exist_ok=True, ignore=lambda folder, names: [
            name for name in names if os.path.realpath(os.path.join(folder, name)) == own])

    def register_model(self, model_name, *_, **__):
        """A model is made of a run that has ended: its outputs may still change."""
        raise NotImplementedError("a run can't register a model before it has ended; when it has: "
                                  f"amltrain register {self.id} --name {model_name}")

    def get_metrics(self, name=None):
        """What this process logged: a value, or the list of them where there are several."""
        found = {key: values[0] if len(values) == 1 else list(values) for key, values in self._logged.items()}
        return found if name is None else {key: value for key, value in found.items() if key == name}

    def flush(self, timeout_seconds=300):
        """Nothing waits to be written."""

    def complete(self, _set_status=True):
        """The run ends when the script does."""

    def _note(self, name, value):
        self._logged.setdefault(name, []).append(value)

    def _write(self, name, value, step):
        number = _number(value)
        if self._metrics_file is None or number is None:
            print(f"{name}: {value}" + ("" if step is None else f" (step {step})"), flush=True)
            return
        time = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        point = {"time": time.replace("+00:00", "Z"), "name": str(name),
                 "value": number if math.isfinite(number) else None if math.isnan(number) else str(number)}
        if step is not None:
            point["step"] = int(step)
        point["rank"] = int(os.environ.get("RANK") or 0)
        # One write of a file that is open for appending: processes that log at once don't mix their lines.
        line = (json.dumps(point) + "\n").encode()
        file = os.open(self._metrics_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            while line:
                line = line[os.write(file, line):]
        finally:
            os.close(file)

    def _output(self, name):
        """Where `name` is kept; None outside of a run."""
        if self._metrics_file is None:
            print(f"{name}: a file that a run would keep", flush=True)
            return None
        parts = [part for part in str(name).split("/") if part not in ("", ".", "outputs")]
        if not parts or ".." in parts:
            raise ValueError(f"'{name}' is no name below outputs/")
        target = os.path.join(self._outputs, *parts)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        return target
