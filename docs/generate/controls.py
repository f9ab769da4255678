"""The controls of `dubsync tweak`, from core/tweak/controls.py."""

from __future__ import annotations

from docs.generate.blocks import table
from dubsync.core.tweak.controls import CONTROLS


def controls() -> str:
    """The generated part: a table of controls with default, range and meaning."""
    rows = [
        (f"`{name}`", f"{c.default:g}", f"{c.low:g} to {c.high:g}", c.unit, c.meaning)
        for name, c in CONTROLS.items()
    ]
    return table(("control", "default", "range", "unit", "what it does"), rows)
