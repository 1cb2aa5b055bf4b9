# SPDX-License-Identifier: MIT
"""core: instructions of the service's core, in user space under callgrind.

core_bench links the image's own objects; one count_...() of it is counted
alone, calls below it included.
"""

import re
import subprocess

import machine
from table import Failure, Figure

ROUNDS = 200
RUN = 511
# Name in core_bench, its function, words, entries a call, target
# (performance.md, "Instructions").
FIGURES = (
    ("map_1", "map_1", "map 4 KiB, table present", 1, 130),
    ("unmap_1", "unmap_1", "unmap 4 KiB, another page in entry 0", 1, 140),
    ("unmap_sparse", "unmap_1", "unmap 4 KiB, another page in entry 511", 1,
     140),
    ("map_run", "map_run", f"map a run of {RUN}, an entry", RUN, 12),
    ("unmap_run", "unmap_run", f"unmap a run of {RUN}, an entry", RUN, 15),
    ("map_2m", "map_2m", "map 2 MiB", 1, 180),
    ("unmap_2m", "unmap_2m", "unmap 2 MiB", 1, None),
    ("id_pair", "id_pair", "id alloc + free, 8 of 65535 left", 1, 60),
    ("range_1k", "range_pair", "range alloc + free, 1 page, 1 K live", 1, 220),
    ("range_1m", "range_pair", "range alloc + free, 1 page, 1 M live", 1, 220),
    ("mixed_1k", "range_pair", "range alloc + free, 1 to 512 pages, 1 K live",
     1, 220),
    ("mixed_1m", "range_pair", "range alloc + free, 1 to 512 pages, 1 M live",
     1, 220),
)
TOTALS = re.compile(r"^(?:totals|summary): (\d+)", re.M)


def count(program, what, function):
    """Instructions of one call."""
    out = program.with_name(f"callgrind.{what}")
    out.unlink(missing_ok=True)
    line = ["valgrind", "--tool=callgrind", "--collect-atstart=no",
            f"--toggle-collect=count_{function}", f"--callgrind-out-file={out}",
            str(program), what, str(ROUNDS)]
    try:
        done = subprocess.run(line, capture_output=True, text=True)
    except FileNotFoundError:
        raise Failure("valgrind: not found; run tests/qemu/deps") from None
    if done.returncode != 0:
        raise Failure(f"core_bench {what}: {done.stderr.strip()[-300:]}")
    total = TOTALS.search(out.read_text())
    if total is None or int(total.group(1)) == 0:
        raise Failure(f"core_bench {what}: callgrind counted nothing")
    return int(total.group(1)) / ROUNDS


def measure():
    program = machine.built("build/bench/core_bench")
    figures = []
    for what, function, name, entries, target in FIGURES:
        value = count(program, what, function) / entries
        figures.append(Figure(f"core: {name}", round(value, 1), "instr",
                              target))
    return figures
