# SPDX-License-Identifier: MIT
"""table: one figure a line, its target, and whether it is met."""

import dataclasses
import json


class Failure(Exception):
    """Why a figure could not be taken."""


@dataclasses.dataclass
class Figure:
    """One measured number. target None: shown for orientation alone."""

    name: str
    measured: float | None  # None: could not be taken
    unit: str
    target: float | None = None
    # A number that is the same in every run; over its target is an error.
    gate: bool = False
    note: str = ""

    def verdict(self):
        if self.measured is None:
            return "FAILED"
        if self.target is None:
            return "-"
        return "ok" if self.measured <= self.target else "over"

    def is_error(self):
        return self.gate and self.verdict() not in ("ok", "-")


def number(value, unit):
    if value is None:
        return "-"
    if unit == "instr" and isinstance(value, float):
        text = f"{value:.1f}"
    else:
        text = f"{value:.3f}" if isinstance(value, float) else f"{value}"
    return f"{text} {unit}".strip()


def print_table(figures):
    rows = [("name", "measured", "target", "")]
    for f in figures:
        target = number(f.target, f.unit)
        rows.append((f.name, number(f.measured, f.unit),
                     target if f.target is None else f"<= {target}",
                     f.verdict() + (" (gate)" if f.gate else "")
                     + (f"  {f.note}" if f.note else "")))
    wide = [max(len(row[i]) for row in rows) for i in range(3)]
    for row in rows:
        print(f"{row[0]:<{wide[0]}}  {row[1]:>{wide[1]}}  "
              f"{row[2]:>{wide[2]}}  {row[3]}".rstrip())


def write_json(path, figures):
    rows = [dict(dataclasses.asdict(f), verdict=f.verdict()) for f in figures]
    path.write_text(json.dumps(rows, indent=1) + "\n")
