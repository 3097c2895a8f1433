"""The rows, in the order in which they are measured: those that one function measures together stand together."""

from rows import checkpoints, first_step, freeze, gpu, input, job, listing, memory, ranks, step, training, tuning

GROUPS = [
    (("listing",), listing.measure),
    (("first-step",), first_step.measure),
    (("input", "input-large"), input.measure),
    (("input-share", "peak"), step.measure),
    (("train", "validation"), training.measure),
    (("job",), job.measure),
    (("freeze",), freeze.measure),
    (("checkpoints",), checkpoints.measure),
    (("memory",), memory.measure),
    (("ranks",), ranks.measure),
    (("tuning",), tuning.measure),
    (("gpu-step",), gpu.steps),
    (("gpu-train",), gpu.training),
    (("gpu-job",), gpu.job),
]
NAMES = [name for names, _ in GROUPS for name in names]
DEFAULT = [name for name in NAMES if name != "tuning" and not name.startswith("gpu-")]
