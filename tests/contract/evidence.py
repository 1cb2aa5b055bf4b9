# SPDX-License-Identifier: MIT
"""What the tests of a woven build show: which of them met which check, and
which of them turn red when that check is taken away."""
import collections
import concurrent.futures
import os
import subprocess

import rows

UNIT = os.path.join(rows.ROOT, "build/rows/unit")
ORACLE = os.path.join(rows.ROOT, "build/rows/oracle")
RECORD = os.path.join(rows.ROOT, "build/rows/record")
ORACLE_CALLS = "150000"
# These meet everything and say little of any one thing: asked last.
BROAD = ("random_test", "stress_test", "refetch_test", "oracle")


class Evidence:
    """The record of one run of all tests, in which every check answered as
    it does."""

    def __init__(self, path=RECORD):
        self.tests = collections.defaultdict(set)  # (call, status, check)
        self.size = collections.Counter()
        self.successes = collections.defaultdict(set)  # call: (test, unit)
        self.refused = collections.defaultdict(set)  # call: units
        with open(path, encoding="utf-8") as f:
            for line in f:
                call, status, met, test, unit = line.split()
                self.size[test] += 1
                if met == "-":
                    self.successes[call].add((test, unit))
                    continue
                self.refused[call].add(unit)
                if met == "!":
                    continue
                number, value = met.split("=")
                self.tests[call, int(status, 16), int(number),
                           int(value)].add(test)

    def candidates(self, row):
        """Tests that met the row's status by its check, the narrowest first."""
        status = rows.status_number(row.status)
        found = set()
        for number, off in row.sites:
            found |= self.tests.get((row.call, status, number, 1 - off), set())
        return sorted(found, key=lambda t: (t.startswith(BROAD), self.size[t],
                                            t))


def record():
    """Run all unit tests and some of the oracle; every test must pass."""
    if os.path.exists(RECORD):
        os.remove(RECORD)
    for command in ([UNIT], [ORACLE, "--calls", ORACLE_CALLS]):
        done = subprocess.run(command, cwd=rows.ROOT, check=False, text=True,
                              env=dict(os.environ, ROW_RECORD=RECORD),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              errors="replace")
        if done.returncode != 0:
            raise rows.Trouble("%s fails as it is:\n%s" % (
                command[0], done.stdout[-2000:]))
    return Evidence()


def run(call, off, test, limit=90):
    """Does the test pass while these checks are away? None: no such test."""
    suite, _, name = test.partition(":")
    command = [ORACLE, "--calls", ORACLE_CALLS] if test == "oracle" else \
        [UNIT, suite.removesuffix("_test")]
    switches = "%s %s" % (call, ",".join("%d=%d" % s for s in sorted(off)))
    try:
        done = subprocess.run(command, cwd=rows.ROOT, check=False, text=True,
                              env=dict(os.environ, ROW_OFF=switches,
                                       ROW_TEST=name),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=limit, errors="replace")
    except subprocess.TimeoutExpired:
        return False  # it hangs, which is no pass
    if "Checks: 0" in done.stdout:
        return None
    return done.returncode == 0


def is_red(row, test):
    """Does the test fail without the row's check, and for its sake?"""
    if row.shadows and not run(row.call, row.shadows, test):
        return False
    return run(row.call, row.sites | row.shadows, test) is False


def prove(wanted, jobs=2):
    """[(row, tests)] -> {row: test or None}; the first test that turns red."""
    def one(item):
        row, tests = item
        return row, next((t for t in tests if is_red(row, t)), None)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return dict(pool.map(one, wanted))
