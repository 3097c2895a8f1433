"""What both drivers of the fault library are given."""

import argparse
import os
import pathlib


def parser(description):
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--amltrain", type=pathlib.Path, required=True)
    made.add_argument("--library", type=pathlib.Path, required=True, help="libamltrain_faults.so")
    made.add_argument("--jobs", type=int, default=os.cpu_count(), help="cases at a time")
    return made


def parsed(made):
    """The arguments, programs by absolute path; scripts of runs find amltrain in PATH."""
    arguments = made.parse_args()
    arguments.amltrain, arguments.library = arguments.amltrain.resolve(), arguments.library.resolve()
    os.environ["PATH"] = f"{arguments.amltrain.parent}:{os.environ['PATH']}"
    return arguments
