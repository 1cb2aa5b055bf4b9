# SPDX-License-Identifier: MIT
"""The rows of the contract: function x status x condition x check.

Statuses and conditions are the words of the headers' comments; the files
*.conditions say, word for word, which check of the sources decides each. A word
that no line covers, or a check that the sources do not have, is an error.
"""
import collections
import glob
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
STATUS = r"[A-Z][A-Z]+(?:_[A-Z0-9]+)*"
CANNOT = "cannot come: "
LEADS = "as: "  # the words belong to another row

Check = collections.namedtuple("Check", "calls patterns label")
# sites: the check, as {(number, answer that takes it away)}; shadows: others
# that would refuse in its place, so that they are taken away in any case.
Row = collections.namedtuple("Row", "call status clause label sites shadows")
Doc = collections.namedtuple("Doc", "call status text")


class Trouble(Exception):
    """One line for whoever changes a header or a check."""


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def status_number(name):
    """'INVALID_PARAMETER_3' -> 0xc00000f1, from the header."""
    text = read("include/sluice/ntstatus.h")
    if name == "IN_USE":
        name = "RESOURCE_IN_USE"
    m = re.search(r"ROW\((\w+), STATUS_%s," % name, text)
    if not m:
        raise Trouble("no STATUS_%s in sluice/ntstatus.h" % name)
    return int(m.group(1), 0)


# ---- what the headers say ----

def operations():
    """[(sub-op, structure)]"""
    return re.findall(r"OP\(\s*\d+,\s*(\w+),\s*struct (\w+),",
                      read("include/sluice/dma_ops.h"))


def listed(comment):
    """[[status, text]] of a comment that lists one status a line."""
    rows = []
    for line in comment.splitlines():
        m = re.match(r"\s\*\s{3}((?:%s)(?:, (?:%s))*)\s{2,}(.+)"
                     % (STATUS, STATUS), line)
        if m:
            rows += [[s, m.group(2).strip()] for s in m.group(1).split(", ")]
        elif rows and re.match(r"\s\*\s{15,}\S", line):
            rows[-1][1] += " " + line.strip(" *")
    return rows


def gate_docs():
    shapes = {}
    for path in sorted(glob.glob(os.path.join(ROOT, "include/sluice/dma*.h"))):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for m in re.finditer(r"/\*((?:(?!\*/).)*)\*/\nstruct (\w+) \{", text,
                             re.S):
            shapes[m.group(2)] = listed(m.group(1))
    return [Doc(op, status, text) for op, shape in operations()
            for status, text in shapes.get(shape, [])]


def members():
    """Function type -> (function of the library, member of the tables)."""
    slots = dict(re.findall(r"SLOT\(0x\w+,\s*(\w+),[\s\\]*(\w+)\)",
                            read("include/sluice/dma_iommu.h")))
    found = dict(re.findall(r"^(IOMMU_\w+) (contract_\w+);",
                            read("toolstack/lib/contract.h"), re.M))
    return {kind: (function, slots[kind]) for kind, function in found.items()}


def returns(comment):
    """[[status, text]] of 'Return:' in either of its two forms."""
    m = re.search(r"Return: ?(.*?)(?=\n \* (?:Source|Context):|\Z)", comment,
                  re.S)
    if not m:
        return []
    if not m.group(1).split("\n")[0].strip():
        rows = listed(re.sub(r"\bIP_(\d)", r"INVALID_PARAMETER_\1",
                             m.group(1)))
        return rows
    text = " ".join(line.strip(" *") for line in m.group(1).split("\n"))
    text = re.sub(r"\bIP_(\d)", r"INVALID_PARAMETER_\1", text)
    text = re.sub(r"\bSTATUS_", "", text)
    rows = []
    for part in re.split(r"(?:^|(?<=[;,.] ))(?=(?:%s)[, ])" % STATUS, text):
        m = re.match(r"((?:%s)(?:, (?:%s))*),? (.*)" % (STATUS, STATUS), part)
        if m and "_" in m.group(1) or m and m.group(1) == "UNSUCCESSFUL":
            rows += [[s, m.group(2).strip(" ;.")]
                     for s in m.group(1).split(", ")]
        elif rows:
            rows[-1][1] += " " + part.strip(" ;.")
    return rows


def library_docs():
    docs, known = [], members()
    for name in ("dma_iommu.h", "dma_iommu_device.h", "dma_iommu_map.h"):
        for m in re.finditer(r"/\*\*?\n?((?:(?!\*/).)*)\*/\n(?:typedef|NTSTATUS)"
                             r"[^;]*?\b(IOMMU_\w+|IoGet\w+)\(",
                             read("include/sluice/" + name), re.S):
            kind = m.group(2)
            if kind.startswith("IoGet"):
                call = kind
            elif kind in known:
                call = known[kind][0]
            else:
                continue
            docs += [Doc(call, s, t) for s, t in returns(m.group(1))]
    return docs


# ---- what the condition files say ----

def words(text):
    return re.findall(r"\w+", text)


def checks_of(text):
    """'[call] a ;; b -> 1 | c' -> [Check]"""
    found = []
    for piece in text.split(" | "):
        m = re.match(r"(?:\[([\w !]+)\] )?(.*)", piece.strip())
        found.append(Check(tuple((m.group(1) or "").split()),
                           tuple(m.group(2).split(" ;; ")), m.group(2)))
    return found


def conditions(path):
    """[(calls, status, [(words of the header, [Check])])]"""
    blocks = []
    for n, line in enumerate(read(path).splitlines()):
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            *calls, status = line.split()
            blocks.append((calls, status, []))
            continue
        clause, mark, check = line.strip().partition(" = ")
        if not mark:
            raise Trouble("%s:%d: no ' = ' in it" % (path, n + 1))
        blocks[-1][2].append((clause.strip(), checks_of(check)))
    return blocks


# ---- the checks that the sources have ----

Site = collections.namedtuple("Site", "number path function kind text")


def sites():
    found = []
    for line in read("build/rows/woven/sites").splitlines():
        number, path, function, kind, text = line.split("\t")
        found.append(Site(int(number), path, function, kind, text))
    return found


def holds(pattern, known):
    """'text -> 1' -> {(number, answer that takes the check away)}"""
    pattern, mark, value = pattern.partition(" -> ")
    where = ""
    m = re.match(r"(\w+\.c):(.*)", pattern)
    if m:
        where, pattern = m.groups()
    # A whole condition, or its beginning when that says enough.
    exact = [s for s in known if s.text == pattern and s.path.endswith(where)]
    some = exact or [s for s in known if s.text.startswith(pattern) and
                     s.path.endswith(where)]
    if not some:
        raise Trouble("no check '%s' in the sources" % pattern)
    return {(s.number, int(value) if mark else 0) for s in some}


def applies(call, calls):
    """'[a b]': to these; '[!a b]': to all others."""
    if calls[0].startswith("!"):
        return call not in (calls[0][1:],) + calls[1:]
    return call in calls


def rows_of(docs, blocks, known, aliases=None):
    """Join: every word of a header's status is some line's."""
    rows, seen = [], collections.Counter()
    for doc in docs:
        fitting = [b for b in blocks if b[1] == doc.status and
                   (doc.call in b[0] or {"*", "ALL"} & set(b[0]))]
        own = words(doc.text)
        rest = list(own)
        for calls, status, lines in fitting:
            for clause, checks in lines:
                part = words(clause)
                if rest[:len(part)] != part:
                    continue
                rest = rest[len(part):]
                for check in checks:
                    if check.calls and not applies(doc.call, check.calls):
                        continue
                    if check.label.startswith(LEADS):
                        continue
                    if check.label.startswith(CANNOT):
                        off = [None, None]
                    else:
                        off = [aliases(p[1:]) if p.startswith("@") else
                               frozenset(holds(p, known))
                               for p in check.patterns]
                    rows.append(Row(doc.call, doc.status, clause, check.label,
                                    off[0], frozenset().union(*off[1:])
                                    if off[0] else None))
        if rest:
            raise Trouble("%s %s: no line of *.conditions has the words '%s'"
                          % (doc.call, doc.status, " ".join(rest)))
        seen[doc.call] += 1
    return rows


def plain(blocks):
    return [([c.lstrip("+") for c in calls], status, lines)
            for calls, status, lines in blocks]


def referred(blocks):
    """What a header says by naming another function: '+' in the conditions."""
    every = [function for function, member in members().values()
             if function not in ("contract_query_domain_types",
                                 "contract_set_fault_reporting_ex")]
    found = []
    for calls, status, lines in blocks:
        text = " ".join(clause for clause, checks in lines)
        for call in calls:
            if call == "+ALL":
                found += [Doc(c, status, text) for c in every]
            elif call.startswith("+"):
                found.append(Doc(call[1:], status, text))
    return found


def all_rows():
    known = sites()
    gate = rows_of(gate_docs(), conditions("tests/contract/gate.conditions"),
                   known)

    def of_gate(text):
        """'map INVALID_PARAMETER_3': all checks of that answer."""
        call, status, *clause = text.split(" ", 2)
        off = set()
        for row in gate:
            if (row.call, row.status) == (call, status) and row.sites and (
                    not clause or words(row.clause) == words(clause[0])):
                off |= row.sites
        if not off:
            raise Trouble("'@%s' names no row of the gate" % text)
        return frozenset(off)

    blocks = conditions("tests/contract/library.conditions")
    return gate + rows_of(library_docs() + referred(blocks), plain(blocks),
                          known, of_gate)
