"""Whether a run of ranks ended as it was to, judged from outside."""
import json
import re
import time

import store_checks

PATIENCE = 60  # seconds beyond what it may take, after which a run counts as hung


def completed_faults(run, record, reference):
    """`reference`: digest of the weights that an undisturbed training of this length ends with."""
    faults = [f"rank {rank} ended so: {run.rank_end(rank)}" for rank in (0, 1) if run.rank_end(rank).get("exit_code") != 0]
    if record["failure"]:
        faults.append(f"it is Completed, and failed: {record['failure']}")
    if run.job == "script":
        faults += [f"it is Completed without {name}" for name in ("done.0", "done.1")
                   if not (run.folder / "outputs" / name).exists()]
    elif run.digest() != reference:
        faults.append("its weights are not those of an undisturbed run")
    return faults


def seconds_for(run, expected, record):
    """A rank gets four times the longest pause that it made, and two minutes in its first steps and amid a checkpoint."""
    said = re.search(r"no sign of it for (\d+) s", (record["failure"] or {}).get("message", ""))
    return expected.seconds + (max(0, int(said.group(1)) - 8) if said else 0)


def failed_faults(run, record, expected, code, slack):
    failure = record["failure"] or {}
    faults = [] if code in expected.codes else [f"'wait' ended with {code}, not {expected.codes}"]
    faults += [f"failure.{name} is {failure.get(name)}, not {value}" for name, value in expected.failure.items()
               if failure.get(name) != value]
    told = "\n".join([failure.get("message", ""), *failure.get("log", [])])
    faults += [f"it does not say '{text}', but: {told}" for text in expected.says if text not in told]
    took, allowed = run.ended_at() - expected.hit_at, seconds_for(run, expected, record)
    if took > allowed + slack:
        faults.append(f"its end was recorded after {took:.1f} s, not {allowed:.0f}")
    if record["state"] != "Failed" or not failure.get("message"):
        faults.append(f"it is {record['state']}: {record['reason']}")
    wanted = expected.propagated or code
    propagated = run.workspace.start("wait", run.id, "--propagate-exit")
    propagated.communicate()
    if propagated.returncode != wanted:
        faults.append(f"'wait --propagate-exit' ended with {propagated.returncode}, not {wanted}")
    return faults


def faults_of(run, expected, made_good, reference, slack):
    """In words; and whether the fault was in time to matter. `made_good`: it may have cost one restart and nothing else."""
    code = run.wait(PATIENCE + (max(expected.seconds, expected.at_most) if expected else 0))
    # One that can't be told from the run's own end is no fault: all ranks are done, and mpirun or a host is lost.
    record = run.workspace.show(run.id)
    completed = record["state"] == "Completed"
    if expected is None or made_good or (completed and run.is_short):
        faults = [] if code == 0 else [f"it is {record['state']}: {json.dumps(record['failure'])}"]
        faults += completed_faults(run, record, reference) if completed else []
        if len(record["restarts"]) > (run.most_restarts if expected and made_good else 0):
            faults.append(f"it was started again: {record['restarts']}")
    else:
        faults = failed_faults(run, record, expected, code, slack)
    faults += store_checks.document_faults(run.folder) + store_checks.event_faults(run.folder)
    left = lasting(run.left, 8 if run.place.hosts else 5)
    if left and all(": orted " in thing for thing in left):  # cut off before it called home: it does so once it can
        run.place.mend()
        left = lasting(run.left, 30)
    faults += left
    verified = run.workspace.start("workspace", "verify")
    out, err = verified.communicate()
    if verified.returncode:
        faults.append(f"'workspace verify' ended with {verified.returncode}: {out} {err}")
    mattered = bool(record["restarts"]) if made_good else not completed
    return faults, expected is not None and mattered


def lasting(look, patience):
    """What is still there then. A host ends by itself what was cut off; a supervisor leaves just after its last word."""
    deadline = time.monotonic() + patience
    while (left := look()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return [f"left: {thing}" for thing in left]
