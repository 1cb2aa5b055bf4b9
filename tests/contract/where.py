# SPDX-License-Identifier: MIT
"""The table of README.md: each function of the contract, its versions, and
where it has been seen to work. On the fakes: what the woven unit tests saw it
answer, by the unit that was driven. In QEMU: bare guests whose source calls it,
in boots of tests/qemu/cases.cfg whose script starts them."""
import configparser
import os
import re

import rows

BEGIN = "<!-- written by `make contract` -->\n"
END = "<!-- as far as here -->\n"
UNITS = (("vtd", "VT-d"), ("amdvi", "AMD-Vi"), ("nest", "one that nests"))


def slots():
    """[(member, versions)] in the order of the tables."""
    text = rows.read("include/sluice/dma_iommu.h")
    versions = {}
    for name, mine in (("V1", "1"), ("V2", "2, 3"), ("V3_ADDS", "3")):
        body = re.search(r"#define SLUICE_SLOTS_%s\(SLOT\)(.*?[^\\]\n)" % name,
                         text, re.S).group(1)
        for member in re.findall(r"SLOT\(0x\w+,\s*\w+,[\s\\]*(\w+)\)", body):
            versions.setdefault(member, []).append(mine)
    return [(m, ", ".join(v)) for m, v in versions.items()]


def boots():
    """Bare guest -> vendors of the machines that start it."""
    cases = configparser.ConfigParser()
    cases.read(os.path.join(rows.ROOT, "tests/qemu/cases.cfg"))
    found = {}
    for name in cases.sections():
        case = cases[name]
        vendor = case["iommu"].partition(",")[0]
        script = rows.read("tests/qemu/scripts/" + case["script"])
        for guest in case.get("guests", "").split():
            if re.search(r"\b%s\b" % guest, script):
                found.setdefault(guest, set()).add(vendor)
    return found


def seen_in_qemu(member):
    """Vendors, and whether a call of it stands in a guest that they start."""
    vendors = set()
    for guest, machines in boots().items():
        path = "tests/qemu/guests/%s.c" % guest
        if os.path.exists(os.path.join(rows.ROOT, path)) and re.search(
                r"[.>]%s\(" % member, rows.read(path)):
            vendors |= machines
    return vendors


def cell(seen, call, unit):
    if any(u == unit for test, u in seen.successes.get(call, ())):
        return "works"
    return "refuses" if unit in seen.refused.get(call, ()) else ""


def table(seen):
    """README.md's lines between the two marks."""
    calls = {member: call for call, member in rows.members().values()}
    lines = ["| function | versions | %s | QEMU: VT-d | AMD-Vi |" %
             " | ".join("fake: " + u[1] if n == 0 else u[1]
                        for n, u in enumerate(UNITS)),
             "|---|---|---|---|---|---|---|"]
    for member, versions in slots():
        vendors = seen_in_qemu(member)
        lines.append("| %s | %s | %s | %s | %s |" % (
            member, versions,
            " | ".join(cell(seen, calls[member], u[0]) for u in UNITS),
            "works" if "intel" in vendors else "",
            "works" if "amd" in vendors else ""))
    return "\n".join(lines) + "\n"


def readme(seen):
    """README.md as it must be."""
    text = rows.read("README.md")
    if BEGIN not in text or END not in text:
        raise rows.Trouble("README.md has lost the marks of its table")
    head, rest = text.split(BEGIN)
    return head + BEGIN + "\n" + table(seen) + "\n" + END + rest.split(END)[1]
