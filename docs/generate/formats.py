"""The formats that dubsync reads and writes, from editorial's table of formats."""

from __future__ import annotations

from docs.generate.blocks import table
from dubsync.editorial.formats import CUT, FORMATS, LIST, SCRIPT, Format

_ROLES = {CUT: "cut", LIST: "list", SCRIPT: "script"}


def formats_read() -> str:
    """The generated part: what is read of each format, with which losses, and what is refused."""
    rows = [
        (_label(each), each.reads, each.with_losses or "-", each.refuses or "-")
        for each in FORMATS
        if each.reads
    ]
    return table(("format", "read exactly", "with a loss line", "refused"), rows)


def formats_written() -> str:
    """The generated part: what `deliver --as` makes of each format, and what it cannot hold."""
    rows = [
        (f"`{each.name}`", each.delivers, each.cannot_hold or "-", _patched(each))
        for each in FORMATS
        if each.delivers
    ]
    return table(("`--as`", "what is written", "not held", "patched"), rows)


def formats_used() -> str:
    """The generated part: suffixes, what a file may be to a project, and whether it has a rate."""
    rows = [
        (
            _label(each),
            ", ".join(f"`{suffix}`" for suffix in each.suffixes),
            ", ".join(_ROLES[role] for role in _ROLES if role in each.roles),
            _rate(each),
        )
        for each in FORMATS
    ]
    return table(("format", "suffixes", "used as", "states its rate"), rows)


def _rate(each: Format) -> str:
    if not (each.read or SCRIPT in each.roles):
        return "-"
    return "yes" if each.states_rate else "no"


def _label(each: Format) -> str:
    return each.label


def _patched(each: Format) -> str:
    return "the cut's own file" if each.patch else "no"
