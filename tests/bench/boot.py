# SPDX-License-Identifier: MIT
"""boot: time from QEMU's start to the control domain's shell, and bare."""

import dataclasses
import resource
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
# Longest over shortest boot of a kind from which on a median says little.
NOISY = 1.2


@dataclasses.dataclass
class Boots:
    """One kind of boot, run by run."""

    seconds: list = dataclasses.field(default_factory=list)
    # What QEMU's threads used: waits of a busy host are not in it.
    cpu_seconds: list = dataclasses.field(default_factory=list)

    def note(self):
        note = (f"median of {len(self.seconds)}, {min(self.seconds):.2f}.."
                f"{max(self.seconds):.2f} s")
        if max(self.seconds) > NOISY * min(self.seconds):
            note += ", NOISY: is the host idle?"
        return note


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def boot(boots, image, linux, with_hypervisor):
    """One more boot of a kind."""
    before = cpu_seconds()
    result = qemu.run(**machine.start(image, linux, with_hypervisor),
                      smp=machine.SMP, mem=machine.MEMORY, timeout=TIMEOUT,
                      extra=qemu.edu(), until_com1=READY, name="bench-boot")
    if result.reason != "pattern":
        raise Failure(f"no shell: {result.describe()}")
    boots.seconds.append(result.seconds)
    boots.cpu_seconds.append(cpu_seconds() - before)


def compare(image, linux, count, what):
    """Alternates both kinds of boot: the hypervisor's, the bare ones."""
    ours, bare = Boots(), Boots()
    for turn in range(count):
        # Who begins changes too: a slow minute then hits both alike.
        for ours_now in ((True, False) if turn % 2 == 0 else (False, True)):
            boot(ours if ours_now else bare, image, linux, ours_now)
        print(f"bench: boot{what} {turn + 1} of {count}: "
              f"{ours.seconds[-1]:.2f} s, bare {bare.seconds[-1]:.2f} s",
              file=sys.stderr, flush=True)
    return ours, bare


def ratio(pick, ours, bare):
    return pick(ours) / pick(bare)


def measure(count=5, limited_count=3):
    """Boots count times each; the figures."""
    settings = machine.defaults()
    image = machine.initramfs("boot", settings["programs"].split())
    linux = f"{settings['linux']} {machine.ONE_CPU}"
    ours, bare = compare(image, linux, count, "")
    medians = ratio(statistics.median, ours.seconds, bare.seconds)
    figures = [
        Figure("boot to shell, hypervisor", statistics.median(ours.seconds),
               "s", note=f"{ours.note()}; {machine.SMP} CPUs, Linux on one "
               f"({machine.ONE_CPU})"),
        Figure("boot to shell, bare", statistics.median(bare.seconds), "s",
               note=f"{bare.note()}; likewise"),
        Figure("boot to shell, ratio", medians, "x", TARGET),
        Figure("boot to shell, ratio of the shortest",
               ratio(min, ours.seconds, bare.seconds), "x"),
        Figure("boot to shell, ratio of QEMU's CPU time",
               ratio(statistics.median, ours.cpu_seconds, bare.cpu_seconds),
               "x"),
    ]
    limit = f"mem={control_memory(settings)}"
    ours, bare = compare(image, f"{linux} {limit}", limited_count,
                         f" with {limit}")
    limited = ratio(statistics.median, ours.seconds, bare.seconds)
    if abs(limited - medians) > NOTEWORTHY * medians:
        figures += [
            Figure(f"boot to shell, ratio with {limit}", limited, "x",
                   note=f"{limit} on both; hypervisor {ours.note()}; "
                   f"bare {bare.note()}"),
            Figure(f"boot to shell, ratio of CPU time with {limit}",
                   ratio(statistics.median, ours.cpu_seconds,
                         bare.cpu_seconds), "x"),
        ]
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
