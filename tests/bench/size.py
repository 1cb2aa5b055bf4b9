# SPDX-License-Identifier: MIT
"""size: bytes of the image."""

import re
import subprocess

import machine
from table import Failure, Figure

IMAGE_BYTES = 256 << 10
# Offset, virtual and physical address, file size, memory size.
LOAD = re.compile(r"^\s+LOAD" + r"\s+0x([0-9a-f]+)" * 5, re.M)


def readelf(path, option):
    done = subprocess.run(["readelf", "-W", option, str(path)],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"readelf: {done.stderr.strip()}")
    return done.stdout


def load_bytes(path):
    """Bytes that the loader reads from the file, and that it lies in."""
    segments = LOAD.findall(readelf(path, "-l"))
    if not segments:
        raise Failure(f"{path}: has nothing to load")
    return (sum(int(s[3], 16) for s in segments),
            sum(int(s[4], 16) for s in segments))


def sections(path):
    """Text, data and bss as size(1) has them: text is what is read-only."""
    done = subprocess.run(["size", str(path)], capture_output=True, text=True)
    try:
        return [int(word) for word in done.stdout.splitlines()[1].split()[:3]]
    except (IndexError, ValueError):
        raise Failure(f"size: {done.stderr.strip()}") from None


def measure():
    image = machine.built(machine.defaults()["hypervisor"])
    from_file, in_memory = load_bytes(image)
    text, data, bss = sections(image)
    return [
        Figure("image, loaded from file", from_file, "bytes", IMAGE_BYTES,
               gate=True),
        Figure("image, in memory", in_memory, "bytes"),
        Figure("image, text", text, "bytes"),
        Figure("image, data", data, "bytes"),
        Figure("image, bss", bss, "bytes"),
    ]
