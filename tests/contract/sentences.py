# SPDX-License-Identifier: MIT
"""The contract's sentences, each with what would fail if it were false. The
file `sentences` holds them; everything that it names must be there."""
import configparser
import os
import re

import rows

HEAD = """# The contract, sentence by sentence

Written by `make contract` from `tests/contract/sentences`; do not edit. Sections
and numbers are the contract's. Behind each sentence stand the tests that would
fail if it were false: unit tests as `suite:test`, boots as `case/check`.
"""


def unit_tests():
    found = set()
    folder = os.path.join(rows.ROOT, "tests/unit")
    for name in sorted(os.listdir(folder)):
        if name.endswith("_test.c"):
            with open(os.path.join(folder, name), encoding="utf-8") as f:
                found |= {"%s:%s" % (name[:-len("_test.c")], test) for test in
                          re.findall(r"^START_TEST\((\w+)\)", f.read(), re.M)}
    return found


def boots():
    cases = configparser.ConfigParser()
    cases.read(os.path.join(rows.ROOT, "tests/qemu/cases.cfg"))
    return set(cases.sections()) | {
        "%s/%s" % (name, check) for name in cases.sections()
        for check in cases[name].get("checks", "").split()}


def short(test):
    """'map_test:a' -> 'map:a', as suites are called."""
    return re.sub(r"_test:", ":", test)


class Names:
    """What a sentence may name, and what it means."""

    def __init__(self, all_rows, shown, key):
        calls = {member: call for call, member in rows.members().values()}
        self.calls, self.tests, self.cases = calls, unit_tests(), boots()
        self.answers = {}
        for row in all_rows:
            if key(row) in shown:
                self.answers.setdefault((row.call, row.status), []).append(
                    short(shown[key(row)]))

    def meaning(self, name):
        """A reference -> the tests behind it; raises Trouble."""
        if name == "oracle":
            return ["oracle"]
        kind, _, rest = name.partition(" ")
        if kind.startswith("@"):
            call = self.calls.get(kind[1:], kind[1:])
            tests = self.answers.get((call, rest))
            if not tests:
                raise rows.Trouble("sentences: no row '%s'" % name)
            return tests
        if kind == "qemu" and rest in self.cases:
            return ["QEMU " + rest]
        if kind == "compiler" and "_Static_assert" in rows.read(rest):
            return ["the compiler, in `%s`" % rest]
        if name in self.tests:
            return [name]
        raise rows.Trouble("sentences: nothing is called '%s'" % name)


def text(all_rows, shown, key):
    names, parts, count = Names(all_rows, shown, key), [HEAD], 0
    for line in rows.read("tests/contract/sentences").splitlines():
        if line.startswith("## "):
            parts.append("\n%s\n\n| sentence | tests |\n|---|---|\n" % line)
        elif line and not line.startswith("#"):
            sentence, mark, evidence = line.partition(" = ")
            if not mark:
                raise rows.Trouble("sentences: no ' = ' in '%s'" % line)
            tests = []
            for name in evidence.split(", "):
                tests += names.meaning(name.strip())
            parts.append("| %s | %s |\n" % (
                sentence, ", ".join(dict.fromkeys(tests))))
            count += 1
    return "".join(parts), count
