#!/usr/bin/python3
"""Checks the include graph of a source tree; prints each violation and ends with 1 when there is one.

  include_graph.py ROOT     check the tree
  include_graph.py --self   check that each rule finds its violation in a small tree made for it

The rules (docs/architecture.md):
  torch    nothing outside lib/engine, its tests and test/fuzz reaches a torch header, directly or through our headers
  uses     a room of lib/ includes only its own headers and those of rooms its CMakeLists.txt names
  order    a room names only rooms that lib/CMakeLists.txt lists before it: no cycles
"""
import re
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

TORCH = re.compile(r"(torch|ATen|c10|caffe2)/")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
MAY_USE_TORCH = ("lib/engine/", "test/engine/", "test/fuzz/", "test/gpu/", "test/reference/")


def violations(root):
    lib = root / "lib"
    files = sorted(path for top in ("lib", "apps", "test") for path in (root / top).rglob("*.[ch]pp"))
    includes = {path: INCLUDE.findall(path.read_text()) for path in files}

    def ours(path, name):
        return next((p for p in (lib / name, path.parent / name) if p in includes), None)

    def way_to_torch(path, seen):
        """The chain of includes from `path` to a torch header, or []."""
        seen.add(path)
        for name in includes[path]:
            if TORCH.match(name):
                return [name]
            header = ours(path, name)
            if header and header not in seen:
                if rest := way_to_torch(header, seen):
                    return [name, *rest]
        return []

    for path in files:
        relative = path.relative_to(root).as_posix()
        if not relative.startswith(MAY_USE_TORCH):
            if chain := way_to_torch(path, set()):
                yield f"torch: {relative} reaches {' -> '.join(chain)}"

    order = re.search(r"foreach\(room ([^)]*)\)", (lib / "CMakeLists.txt").read_text()).group(1).split()

    @lru_cache(maxsize=None)
    def named_rooms(room):
        """What the room's CMakeLists.txt files name: words after USES, and amltrain::ROOM anywhere."""
        names = set()
        for path in (lib / room).rglob("CMakeLists.txt"):
            text = re.sub(r"#.*", "", path.read_text())
            names.update(re.findall(r"amltrain::(\w+)", text))
            for uses in re.findall(r"\bUSES\s+([\w\s]+)", text):
                names.update(uses.split())
        return names & set(order) - {room}

    for position, room in enumerate(order):
        if not (lib / room / "CMakeLists.txt").exists():
            continue  # not a target yet
        for other in sorted(named_rooms(room) - set(order[:position])):
            yield f"order: lib/{room} names {other}, which lib/CMakeLists.txt lists after it"
        for path in (path for path in files if path.is_relative_to(lib / room)):
            for name in includes[path]:
                other = name.split("/")[0]
                if other in order and other != room and other not in named_rooms(room):
                    yield f"uses: {path.relative_to(root)} includes {name}, but lib/{room} does not name {other}"


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)

        def write(name, text):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)

        write("lib/CMakeLists.txt", "foreach(room low high engine)\n")
        write("lib/low/CMakeLists.txt", "amltrain_library(low SOURCES low.cpp)\n")
        write("lib/low/low.hpp", "#include <string>\n")
        write("lib/high/CMakeLists.txt", "amltrain_library(high SOURCES high.cpp USES low)\n")
        write("lib/high/high.cpp", '#include "low/low.hpp"\n#include "engine/api.hpp"\n')
        write("lib/engine/CMakeLists.txt", "add_library(engine SHARED api.cpp)\n")
        write("lib/engine/api.hpp", "#include <vector>\n")
        write("lib/engine/tensor.hpp", "#include <ATen/Tensor.h>\n")
        write("apps/tool/main.cpp", '#include "high/high.hpp"\n#include "engine/api.hpp"\n')
        clean = list(violations(root))
        write("apps/tool/main.cpp", '#include "engine/tensor.hpp"\n')
        write("lib/low/CMakeLists.txt", "amltrain_library(low SOURCES low.cpp USES high)\n")
        found = list(violations(root))
    expected_clean = ["uses: lib/high/high.cpp includes engine/api.hpp, but lib/high does not name engine"]
    expected_found = ["torch: apps/tool/main.cpp reaches engine/tensor.hpp -> ATen/Tensor.h",
                      "order: lib/low names high, which lib/CMakeLists.txt lists after it", *expected_clean]
    if (clean, found) != (expected_clean, expected_found):
        print(f"expected {expected_clean} and {expected_found}\nfound {clean} and {found}")
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--self":
        sys.exit(self_test())
    found = list(violations(Path(sys.argv[1]).resolve()))
    print("\n".join(found) or "the include graph is as the rooms say")
    sys.exit(1 if found else 0)
