"""From files to augmented, normalised batches: images a second of CPU time of one thread."""

from lib.epochs import rate
from lib.images import part_of
from lib.report import Row

MIB_FOR_ALL = 2048


def ours(session, folder, *words):
    loaded = session.inside("loader", "--data", folder, "--workers", 1, "--batch-size", 32, *words)
    return loaded["epochs"]


def per_cpu_second(passes):
    return rate(passes, "cpu_seconds")


def measure_on(session, row, folder, first_target, cached_target, scaled_target):
    programs = {
        "amltrain, each file seen the first time":
            lambda: per_cpu_second(ours(session, folder, "--epochs", 2, "--cache-memory", 0)),
        "amltrain, decoded images in memory":
            lambda: per_cpu_second(ours(session, folder, "--epochs", 4, "--cache-memory", MIB_FOR_ALL)[1:]),
        "amltrain, --decode scaled":
            lambda: per_cpu_second(ours(session, folder, "--epochs", 2, "--cache-memory", 0, "--scaled-decode")),
        "torchvision on Pillow":
            lambda: per_cpu_second(session.script("decode.py", "--data", folder).json["epochs"]),
        "torchvision.io and transforms v2":
            lambda: per_cpu_second(session.script("decode.py", "--data", folder, "--by", "io").json["epochs"]),
    }
    rates = session.alternate(row, programs)
    for label, values in rates.items():
        row.figure(label, "images/s", values, 0)
    first, cached, scaled, pillow, io = rates.values()
    row.ratio("first time / torchvision on Pillow", first, pillow, first_target)
    row.ratio("in memory / torchvision on Pillow", cached, pillow, cached_target)
    row.ratio("scaled / torchvision on Pillow", scaled, pillow, scaled_target)
    row.ratio("first time / torchvision.io", first, io)
    return row


def measure(session):
    small = Row("input", "decode, RandomResizedCrop, flip, normalise: images a second of one core; the images as they are")
    large = Row("input-large", "the same, images enlarged to 2000 pixels (about 3 Mpx)")
    measure_on(session, small, session.data, ">= 2.0", ">= 6", "")
    if not session.python:
        large.missing.append("needs --python, which makes the images")
        return [small, large]
    source = part_of(session.data, session.new_path("few"), 40)
    folder = session.new_path("enlarged")
    session.script("enlarge.py", "--from", source, "--to", folder, "--count", 20 if session.quick else 40)
    return [small, measure_on(session, large, folder, ">= 2.9", ">= 6", ">= 4.5")]
