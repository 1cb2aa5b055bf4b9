#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""qemu: run one machine under QEMU, with a hard time limit.

COM1 is the control domain's console, COM2 the hypervisor's log.  Both are
captured into files of the run's folder below build/run, as is QEMU's own
stderr.  run() starts QEMU, watches it, and ends it by its process id; the
kernel kills QEMU should this process die first.
"""

import argparse
import ctypes
import dataclasses
import itertools
import pathlib
import re
import signal
import subprocess
import sys
import time

PROJECT = pathlib.Path(__file__).resolve().parents[2]
QEMU = "qemu-system-x86_64"
IOMMU_DEVICES = {
    "intel": ["-device", "intel-iommu"],
    # With its default, pt=on, QEMU's amd-iommu translates nothing.
    "amd": ["-device", "amd-iommu,pt=off"],
    "none": [],
}
PARALLEL = ["-accel", "tcg,thread=multi"]
# One instruction of any CPU is 8 ns of the machine's time, and nothing else is.
# A kernel on it needs `nolapic_timer`: QEMU 10.0 ends when Linux programs the
# x2APIC's timer there.
COUNTED = ["-accel", "tcg,thread=single", "-icount", "shift=3,sleep=off"]
POLL_SECONDS = 0.02
STOP_SECONDS = 5

# QEMU ends with status 0 for power-off and reset alike; its trace of
# shutdown requests tells them apart (SHUTDOWN_CAUSE_GUEST_SHUTDOWN is 6).
SHUTDOWN_TRACE = "qemu_system_shutdown_request"
GUEST_SHUTDOWN = re.compile(SHUTDOWN_TRACE + r"\s+reason=6\b")
PR_SET_PDEATHSIG = 1


class QemuError(Exception):
    """QEMU could not be started or failed by itself."""


@dataclasses.dataclass
class Result:
    """How a run ended, and what it said."""

    # 'poweroff', 'reset' (triple fault too), 'debug-exit', 'pattern',
    # 'timeout'.
    reason: str
    # Value written to isa-debug-exit; None for any other reason.
    debug_value: int | None
    # Text that the pattern matched; None for any other reason.
    matched: str | None
    seconds: float
    com1: str
    com2: str
    folder: pathlib.Path

    def describe(self):
        text = {
            "poweroff": "powered off",
            "reset": "reset itself",
            "debug-exit": f"debug exit with {self.debug_value}",
            "pattern": f"stopped at {self.matched!r}",
            "timeout": "stopped at the time limit",
        }[self.reason]
        return f"{text} after {self.seconds:.1f} s, logs in {self.folder}"


class SerialFile:
    """A serial port's output file, read as it grows."""

    def __init__(self, path, pattern, echo):
        self.path = path
        self.pattern = re.compile(pattern, re.MULTILINE) if pattern else None
        self.echo = echo
        self.data = b""
        path.write_bytes(b"")
        self.file = path.open("rb")

    def poll(self):
        """Takes what is new; the pattern's match in it, if there is one."""
        new = self.file.read()
        if not new:
            return None
        if self.echo:
            self.echo.write(new)
            self.echo.flush()
        # A match may have begun in the line that was not complete before.
        start = self.data.rfind(b"\n") + 1
        self.data += new
        if self.pattern is None:
            return None
        return self.pattern.search(decode(self.data[start:]))

    def text(self):
        return decode(self.data)


def decode(data):
    return data.decode(errors="replace").replace("\r\n", "\n")


def option_path(path):
    """A path inside a QEMU option, where a comma must be doubled."""
    return str(path).replace(",", ",,")


def disk(path, number=0):
    """Arguments for a raw image on the machine's own AHCI controller."""
    drive = f"d{number}"
    return ["-drive",
            f"file={option_path(path)},format=raw,if=none,id={drive}",
            "-device", f"ide-hd,drive={drive},bus=ide.{number}"]


def iommu_device(words):
    """Arguments for a unit: its name, and its own options after a comma."""
    name, comma, options = words.partition(",")
    device = list(IOMMU_DEVICES[name])
    if device:
        device[-1] += comma + options
    return device


def edu(count=1):
    """Arguments for edu devices that can reach all of memory by DMA."""
    return ["-device", "edu,dma_mask=0xffffffffffffffff"] * count


def devices(words):
    """Arguments for further devices, a word each."""
    return [part for word in words.split() for part in ("-device", word)]


def command(folder, kernel, initrd=None, append="", smp=3, mem="1G",
            iommu="intel", extra=(), interactive=False, counted=False):
    """QEMU's command line; serial ports go to files of the folder."""
    com1, com2 = (option_path(folder / name) for name in ("com1", "com2"))
    if interactive:
        # Ctrl-C belongs to the machine.
        console = f"stdio,id=com1,signal=off,logfile={com1}"
    else:
        console = f"file,id=com1,path={com1}"
    line = [QEMU, "-machine", "q35", *(COUNTED if counted else PARALLEL),
            "-cpu", "EPYC,+x2apic", "-m", str(mem), "-smp", str(smp),
            "-display", "none", "-no-reboot", "-nic", "none",
            "-chardev", console, "-serial", "chardev:com1",
            "-serial", f"file:{com2}", "-monitor", "none",
            "-trace", SHUTDOWN_TRACE,
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
    # The IOMMU must come before the devices that it translates for.
    line += iommu_device(iommu)
    line += extra
    line += ["-kernel", str(kernel)]
    if initrd:
        line += ["-initrd", str(initrd)]
    if append:
        line += ["-append", append]
    return line


def die_with_parent():
    """In the child: be killed by the kernel when the parent ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def new_folder(name):
    """A folder of its own for a run, below build/run."""
    base = PROJECT / "build" / "run"
    base.mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        folder = base / f"{name}-{number}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder


def stop(process):
    """Ends QEMU: asks first, then kills."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def watch(process, ports, deadline):
    """Waits for QEMU's end, a pattern or the deadline: (reason, match)."""
    while True:
        ended = process.poll() is not None
        matches = [port.poll() for port in ports]
        match = next((m for m in matches if m), None)
        if match:
            return "pattern", match.group()
        if ended:
            return "ended", None
        if time.monotonic() >= deadline:
            return "timeout", None
        time.sleep(POLL_SECONDS)


def reason_of_end(status, stderr):
    """Reason and debug-exit value of a QEMU that ended by itself."""
    asked = GUEST_SHUTDOWN.search(stderr) is not None
    if status == 0:
        return ("poweroff" if asked else "reset"), None
    # isa-debug-exit ends QEMU with the value times two, plus one; QEMU's
    # own failures have status 1 as well, but no shutdown request.
    if status > 0 and status & 1 and asked:
        return "debug-exit", status >> 1
    # Its warnings about CPU features come at every start.
    said = [line for line in stderr.splitlines() if "warning: TCG" not in line]
    raise QemuError(f"{QEMU}: failed with status {status}\n"
                    + "\n".join(said or ["It said nothing."]))


def run(kernel, initrd=None, append="", smp=3, mem="1G", timeout=120,
        iommu="intel", extra=(), *, until_com1=None, until_com2=None,
        echo=None, interactive=False, name="run", counted=False):
    """Runs one machine to its end, a pattern or the time limit.

    kernel, initrd and append are QEMU's options of these names.  extra holds
    further arguments, such as edu() and disk(), which come after the IOMMU.
    until_com1 and until_com2 are regular expressions (lines, not blocks):
    the run is stopped when a port has said it.  echo is a binary file that
    gets COM1 live.  interactive attaches COM1 to this process's terminal.
    counted makes the machine's time that of its instructions.
    Returns a Result; raises QemuError when QEMU itself fails.
    """
    folder = new_folder(name)
    line = command(folder, kernel, initrd, append, smp, mem, iommu, extra,
                   interactive, counted)
    ports = [SerialFile(folder / "com1", until_com1, echo),
             SerialFile(folder / "com2", until_com2, None)]
    begin = time.monotonic()
    with open(folder / "stderr", "wb") as stderr:
        try:
            process = subprocess.Popen(
                line, stderr=stderr, preexec_fn=die_with_parent,
                stdin=None if interactive else subprocess.DEVNULL,
                stdout=None if interactive else stderr)
        except FileNotFoundError:
            raise QemuError(f"{QEMU}: not found\n"
                            "Run tests/qemu/deps first.") from None
    try:
        reason, matched = watch(process, ports, begin + timeout)
    finally:
        stop(process)
    seconds = time.monotonic() - begin
    for port in ports:
        port.poll()
        port.file.close()

    debug_value = None
    if reason == "ended":
        reason, debug_value = reason_of_end(
            process.returncode,
            (folder / "stderr").read_text(errors="replace"))
    return Result(reason, debug_value, matched, seconds,
                  ports[0].text(), ports[1].text(), folder)


def main():
    parser = argparse.ArgumentParser(
        description="Run one machine under QEMU, echoing its console (COM1).",
        epilog="Status: 0 power-off or pattern, 124 time limit, 3 reset, "
               "1 QEMU failed; for a debug exit, the value written.")
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--initrd", help="QEMU's -initrd, as it is")
    parser.add_argument("--append", default="", help="command line")
    parser.add_argument("--timeout", type=float, default=120, metavar="S")
    parser.add_argument("--smp", type=int, default=3, metavar="N")
    parser.add_argument("--mem", default="1G", metavar="SIZE")
    parser.add_argument("--iommu", default="intel", metavar="NAME[,OPTION]",
                        help=f"of: {', '.join(sorted(IOMMU_DEVICES))}")
    parser.add_argument("--edu", type=int, default=0, metavar="N",
                        help="number of edu devices")
    parser.add_argument("--disk", action="append", default=[], metavar="FILE",
                        help="raw disk image on AHCI")
    parser.add_argument("--extra", action="append", default=[], metavar="ARG",
                        help="one more QEMU argument (--extra=-device ...)")
    parser.add_argument("--until-com1", metavar="REGEX",
                        help="stop when COM1 has said this")
    parser.add_argument("--until-com2", metavar="REGEX",
                        help="stop when COM2 has said this")
    parser.add_argument("--interactive", action="store_true",
                        help="attach COM1 to this terminal")
    parser.add_argument("--name", default="run",
                        help="beginning of the folder's name in build/run")
    a = parser.parse_args()

    extra = edu(a.edu)
    for number, path in enumerate(a.disk):
        extra += disk(path, number)
    try:
        result = run(a.kernel, a.initrd, a.append, a.smp, a.mem, a.timeout,
                     a.iommu, extra + a.extra, until_com1=a.until_com1,
                     until_com2=a.until_com2, interactive=a.interactive,
                     echo=None if a.interactive else sys.stdout.buffer,
                     name=a.name)
    except QemuError as error:
        sys.exit(f"qemu: {error}")
    print(f"qemu: {result.describe()}", file=sys.stderr)
    sys.exit({"poweroff": 0, "pattern": 0, "timeout": 124, "reset": 3,
              "debug-exit": result.debug_value}[result.reason])


if __name__ == "__main__":
    main()
