# SPDX-License-Identifier: MIT
"""machine: what every boot of the bench shares: paths, command lines, images.

Leans on tests/qemu: qemu.py starts machines, initramfs packs their files, and
cases.cfg says which kernel, options and programs the tests boot with.
"""

import configparser
import contextlib
import pathlib
import subprocess
import sys

from table import Failure

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
sys.path.insert(0, str(PROJECT / "tests" / "qemu"))

import qemu  # noqa: E402

SMP = 3
MEMORY = "1G"
# Debian's kernel sees three CPUs when bare and one in the control domain; it
# shall run on one in both.
ONE_CPU = "maxcpus=1"


def defaults():
    """The tests' own settings."""
    cases = configparser.ConfigParser()
    cases.read(PROJECT / "tests" / "qemu" / "cases.cfg")
    return cases.defaults()


def built(path):
    """A file of the build, by its path from the project's root."""
    whole = PROJECT / path
    if not whole.exists():
        raise Failure(f"{path} is not there; run `make built kernel` first")
    return whole


def initramfs(name, programs):
    """Packs build/bench/NAME.gz with these programs; its init is a shell."""
    image = PROJECT / "build" / "bench" / f"{name}.gz"
    done = subprocess.run(
        [str(PROJECT / "tests" / "qemu" / "initramfs"), str(image),
         *(str(built(path)) for path in programs)],
        capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(done.stderr.strip().replace("\n", " "))
    return image


def start(image, linux, with_hypervisor):
    """Arguments of qemu.run() for one kernel, with or without Sluice."""
    settings = defaults()
    kernel = built(settings["kernel"])
    if not with_hypervisor:
        return {"kernel": kernel, "initrd": image, "append": linux}
    return {"kernel": built(settings["hypervisor"]),
            "initrd": f"{kernel} {linux},{image}",
            "append": settings["options"]}


@contextlib.contextmanager
def counted_instructions():
    """Machines started in here count: one instruction, one nanosecond.

    -icount wants one thread for all CPUs, and qemu.command() asks for many.
    """
    plain = qemu.command

    def command(*arguments, **named):
        line = plain(*arguments, **named)
        line[line.index("tcg,thread=multi")] = "tcg,thread=single"
        return line + ["-icount", "shift=0,sleep=off"]

    qemu.command = command
    try:
        yield
    finally:
        qemu.command = plain
