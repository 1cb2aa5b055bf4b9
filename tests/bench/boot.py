# SPDX-License-Identifier: MIT
"""boot: time from QEMU's start to the control domain's shell, and bare."""

import statistics
import sys

import machine
from machine import qemu
from table import Failure, Figure

READY = r"^sluice-init: ready$"
TIMEOUT = 180
TARGET = 1.10
# A difference of the two ratios that is worth a line.
NOTEWORTHY = 0.03


def boot(image, linux, with_hypervisor):
    """Seconds of one boot."""
    result = qemu.run(**machine.start(image, linux, with_hypervisor),
                      smp=machine.SMP, mem=machine.MEMORY, timeout=TIMEOUT,
                      extra=qemu.edu(), until_com1=READY, name="bench-boot")
    if result.reason != "pattern":
        raise Failure(f"no shell: {result.describe()}")
    return result.seconds


def compare(image, linux, count, what):
    """Alternates both kinds of boot: their seconds, hypervisor's first."""
    seconds = ([], [])
    for turn in range(count):
        # Who begins changes too: a slow minute then hits both alike.
        for kind in ((0, 1) if turn % 2 == 0 else (1, 0)):
            seconds[kind].append(boot(image, linux, kind == 0))
        print(f"bench: boot{what} {turn + 1} of {count}: "
              f"{seconds[0][-1]:.2f} s, bare {seconds[1][-1]:.2f} s",
              file=sys.stderr, flush=True)
    return seconds


def words(seconds):
    return f"{min(seconds):.2f}..{max(seconds):.2f} s"


def measure(count=5, limited_count=3):
    """Boots count times each; the figures."""
    settings = machine.defaults()
    image = machine.initramfs("boot", settings["programs"].split())
    linux = f"{settings['linux']} {machine.ONE_CPU}"
    ours, bare = compare(image, linux, count, "")
    ours_median, bare_median = map(statistics.median, (ours, bare))
    ratio = ours_median / bare_median
    figures = [
        Figure("boot to shell, hypervisor", ours_median, "s",
               note=f"median of {count}, {words(ours)}; {machine.SMP} CPUs, "
               f"Linux on one ({machine.ONE_CPU})"),
        Figure("boot to shell, bare", bare_median, "s",
               note=f"median of {count}, {words(bare)}; likewise"),
        Figure("boot to shell, ratio", ratio, "x", TARGET),
    ]
    if limited_count == 0:
        return figures
    limit = f"mem={control_memory(settings)}"
    ours, bare = compare(image, f"{linux} {limit}", limited_count,
                         f" with {limit}")
    limited = statistics.median(ours) / statistics.median(bare)
    if abs(limited - ratio) > NOTEWORTHY * ratio:
        figures.append(Figure(
            f"boot to shell, ratio with {limit}", limited, "x",
            note=f"median of {limited_count}; {limit} on both command lines"))
    else:
        print(f"bench: boot: with {limit} on both the ratio is "
              f"{limited:.3f}, within {NOTEWORTHY:.0%} of the first",
              file=sys.stderr)
    return figures


def control_memory(settings):
    """What the hypervisor is told to give the control domain."""
    for word in settings["options"].split():
        if word.startswith("control_mem="):
            return word.partition("=")[2]
    raise Failure("cases.cfg: no control_mem among the options")
