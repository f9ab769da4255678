"""The controls of `dubsync tweak`, from core/tweak/controls.py."""

from __future__ import annotations

from docs.generate.blocks import table
from dubsync.core.tweak.controls import CONTROLS, GROUPS
from dubsync.core.tweak.needed_region import needed


def controls() -> str:
    """The generated part: a table of controls by group, with default, range, unit and meaning.

    The last column is the smallest region that shows the control in full.
    """
    rows = [
        (c.group, f"`{name}`", f"{c.default:g}", f"{c.low:g} to {c.high:g}", c.unit, c.meaning,
         needed(name))
        for name, c in sorted(CONTROLS.items(), key=lambda one: GROUPS.index(one[1].group))
    ]  # fmt: skip
    head = ("group", "control", "default", "range", "unit", "what it does", "region")
    return table(head, rows)
