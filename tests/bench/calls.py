# SPDX-License-Identifier: MIT
"""calls: instructions of single hypercalls, and who has the memory.

Boots bench_kernel as the control domain's kernel under -icount shift=0 and
reads what it prints: "bench: RUN NUMBER VALUE AUX", with RUN 0 before any device
was attached and 1 with one.
"""

import re

import machine
from machine import qemu
from table import Failure, Figure

HEADER = machine.HERE / "bench_figures.h"
ROW = re.compile(r'ROW\((\d+), (\w+),\s+"([^"]+)"\)')
STEP = re.compile(r"^#define BENCH_(\w+)\s+(\d+)u", re.M)
LINE = re.compile(r"^bench: (\d+) (\d+) (\d+) (\d+)$", re.M)
END = r"^bench: end$"
TIMEOUT = 180

MIB_PAGES = 256
OWN_MIB = 16
CALIBRATION = 10000
CALIBRATION_ERROR = 0.01
RUNS = ("never attached", "device attached")
# A device changes nothing for the others.
BY_RUN = ("map_1", "unmap_1", "map_512", "unmap_512", "frames_512")

# Ceilings of whole calls, by figure and run: performance.md has none, so these
# stand a quarter above what was seen first (another compiler's share), and keep
# a call from growing unnoticed. Lower them when calls get cheaper.
CEILINGS = {
    "yield": (330,),
    "info": (2700,),
    "create_delete": (18500,),
    "map_1": (3900, 3900),
    "unmap_1": (3600, 3950),
    "map_512": (22000, 22000),
    "unmap_512": (4100, 4500),
    "frames_512": (25000, 25000),
    "library_map": (4600,),
    "library_unmap": (4000,),
}


def boot():
    """Runs the machine: what it printed."""
    kernel = machine.built("build/bench/bench_kernel")
    settings = machine.defaults()
    with machine.counted_instructions():
        result = qemu.run(machine.built(settings["hypervisor"]), str(kernel),
                          settings["options"], smp=machine.SMP,
                          mem=machine.MEMORY, timeout=TIMEOUT,
                          extra=qemu.edu(), until_com1=END,
                          name="bench-calls")
    if result.reason != "pattern":
        raise Failure(f"bench_kernel: {result.describe()}")
    return result.com1


def check_calls(lines, steps):
    """Every call that prepares or is measured must have succeeded."""
    for run, number, value, aux in lines:
        if number in (steps["SETUP"], steps["CALL"]) and value != 0:
            raise Failure(f"bench_kernel: run {run}, step {number} "
                          f"(0x{aux:x}): status 0x{value:08x}")


def memory_figures(pages):
    """pages: of the machine's RAM, by step name."""
    kept = pages["RAM"] - pages["CONTROL"] - pages["GUESTS"]
    used = kept - pages["OWN_FREE"]
    return [
        Figure(f"memory kept, machine of {machine.MEMORY}", kept / MIB_PAGES, "MiB",
               OWN_MIB, gate=True,
               note="RAM that neither control domain nor guests get: image, "
               "heap, page descriptors"),
        Figure("memory kept, in use", used / MIB_PAGES, "MiB",
               note="with the control domain alone"),
    ]


def check_calibration(ticks):
    """Without one tick an instruction no number here means anything."""
    if abs(ticks / CALIBRATION - 1) > CALIBRATION_ERROR:
        raise Failure(f"{CALIBRATION} instructions took {ticks} ticks: "
                      "-icount does not count one for one")


def call_figures(lines, names):
    figures = []
    for run, number, least, greatest in lines:
        short, text = names.get(number, (None, None))
        if short == "calibration":
            check_calibration(least)
        elif short is not None and (run == 0 or short in BY_RUN):
            by_run = f", {RUNS[run]}" if short in BY_RUN else ""
            figures.append(Figure(
                text + by_run, least, "instr", CEILINGS[short][run], gate=True,
                note="" if least == greatest else
                f"least; greatest {greatest}"))
    return figures


def measure():
    text = HEADER.read_text()
    names = {int(nr): (short, words) for nr, short, words in ROW.findall(text)}
    steps = {name: int(number) for name, number in STEP.findall(text)}
    com1 = boot()
    lines = [tuple(map(int, found)) for found in LINE.findall(com1)]
    check_calls(lines, steps)
    numbers = {number: name for name, number in steps.items()}
    pages = {numbers[number]: aux for _, number, _, aux in lines
             if number in numbers}
    if not set(names) <= {number for run, number, _, _ in lines if run == 1}:
        raise Failure("bench_kernel: not all figures came")
    return memory_figures(pages) + call_figures(lines, names)
