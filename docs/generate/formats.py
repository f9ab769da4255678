"""The tables of the pages on formats, from dubsync's own table of formats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dubsync.editorial.formats import CUT, DELIVERED, FORMATS, LIST, SCRIPT, Format

_READ = ("format", "read exactly", "with a loss that says so", "refused")
_WRITTEN = ("`--as`", "files", "what is delivered", "its own file is kept", "cannot hold")
_USES = ("format", "suffixes", "can be", "states its frame rate", "`deliver --as`")


def formats_used() -> str:
    """A Markdown table: what each format is, and what dubsync does with it."""
    return _table(_USES, map(_use, FORMATS))


def formats_read() -> str:
    """A Markdown table: what is read of each format, exactly, with a loss, or not at all."""
    rows = ((f.label, f.reads, f.with_losses, f.refuses) for f in FORMATS if f.reads)
    return _table(_READ, rows)


def formats_written() -> str:
    """A Markdown table: what `deliver --as` makes of each format, and what it cannot hold."""
    return _table(_WRITTEN, (_delivery(f) for f in FORMATS if f.name in DELIVERED))


def _use(each: Format) -> tuple[str, ...]:
    roles = " or ".join(role for role in (CUT, LIST, SCRIPT) if role in each.roles)
    rate = "yes" if each.states_rate else "no: say it with `--rate`"
    name = each.name if each.delivers else ""
    return each.label, ", ".join(each.suffixes), roles, rate if each.reads else "", name


def _delivery(each: Format) -> tuple[str, ...]:
    kept = "patched" if each.patch else "line for line" if each.name == "edl" else ""
    return each.name, ", ".join(each.suffixes), each.delivers, kept, each.cannot_hold


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line).replace("\n", " ") + " |" for line in lines)
