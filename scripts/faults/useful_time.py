"""How much of the time of a training that loses a rank each minute is work that counts in the end."""
import datetime
import json
import random
import time

from rank_run import RankRun
from trial import Broken
from victims import kill

# A step of some tenths of a second, so that ten of them, what docs/resume.md reckons with, are no long time to lose.
SIZES = ("--batch-size", "4", "--image-size", "128", "--resize-size", "144", "--workers", "1")
BETWEEN_KILLS = 60  # seconds
UNDISTURBED = 45  # seconds of work in each of the two runs that tell how long a step takes


def at(point):
    return datetime.datetime.fromisoformat(point["time"]).timestamp()


def seconds_per_step(workspace, place, data):
    """Of a training that is left alone, with all that it does beside its steps but for its start."""
    run = RankRun(workspace, place, data, "trainer", 1000, SIZES)
    deadline = time.monotonic() + 120
    while not (steps := run.steps()) or at(steps[-1]) - at(steps[0]) < UNDISTURBED:
        if time.monotonic() > deadline or run.has_ended():
            raise Broken(f"{run.id}, which is left alone, does not go on")
        time.sleep(0.5)
    run.end_by_force()
    return (at(steps[-1]) - at(steps[0])) / (len(steps) - 1)


def measure(workspace, place, data, minutes, seed):
    chance = random.Random(seed)
    before = seconds_per_step(workspace, place, data)
    images = sum(1 for _ in (data / "train").rglob("*.jpg"))
    epochs = max(1, round(minutes * 60 * 0.9 / (before * -(-images // 8))))
    run = RankRun(workspace, place, data, "trainer", epochs,
                  [*SIZES, "--max-restarts", "1000", "--checkpoint-every", "10"])
    begun, kills = time.monotonic(), 0
    while not run.has_ended():
        if time.monotonic() - begun > (kills + 1) * BETWEEN_KILLS:
            found = run.command_of(chance.randrange(2))
            kills += 1 if found and kill(found[0]) else 0
        if time.monotonic() - begun > minutes * 120 + 600:
            raise Broken(f"{run.id} does not come to its end")
        time.sleep(0.2)
    record = workspace.show(run.id)
    if record["state"] != "Completed":
        raise Broken(f"{run.id} is {record['state']}: {record['failure']}")
    steps = json.loads((run.folder / "outputs/report.json").read_text())["steps"]
    wall = run.ended_at() - at(next(event for event in run.events() if event["state"] == "Running"))
    step = (before + seconds_per_step(workspace, place, data)) / 2
    print(f"{kills} kills, {len(record['restarts'])} restarts, {steps} steps of {step * 1000:.0f} ms in {wall:.0f} s: "
          f"{steps * step / wall:.1%} of the time counts")
