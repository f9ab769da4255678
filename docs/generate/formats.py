"""The tables of docs/formats.md, from dubsync's own table of formats.

python docs/generate/formats.py PAGE    # rewrites the part between the marks of PAGE
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from dubsync.editorial.formats import CUT, DELIVERED, FORMATS, LIST, SCRIPT, Format

BEGIN = "<!-- formats: begin, made by docs/generate/formats.py -->"
END = "<!-- formats: end -->"
_READ = ("format", "read exactly", "with a loss that says so", "refused")
_WRITTEN = ("`--as`", "files", "what is delivered", "its own file is kept", "cannot hold")
_USES = ("format", "suffixes", "can be", "states its frame rate", "`deliver --as`")


def formats_table() -> str:
    """Three Markdown tables: what each format is, what is read of it, what it cannot hold."""
    uses = _table(_USES, map(_use, FORMATS))
    read = _table(
        _READ, ((f.label, f.reads, f.with_losses, f.refuses) for f in FORMATS if f.read is not None)
    )
    written = _table(_WRITTEN, (_delivery(f) for f in FORMATS if f.name in DELIVERED))
    return f"{uses}\n\n**Read**\n\n{read}\n\n**Written**\n\n{written}"


def _use(each: Format) -> tuple[str, ...]:
    roles = " or ".join(role for role in (CUT, LIST, SCRIPT) if role in each.roles)
    rate = "yes" if each.states_rate else "no: say it with `--rate`"
    name = each.name if each.delivers else ""
    return each.label, ", ".join(each.suffixes), roles, rate if each.read else "", name


def _delivery(each: Format) -> tuple[str, ...]:
    kept = "patched" if each.patch else "line for line" if each.name == "edl" else ""
    return each.name, ", ".join(each.suffixes), each.delivers, kept, each.cannot_hold


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line).replace("\n", " ") + " |" for line in lines)


def with_table(page: str) -> str:
    """A page with the tables between its marks.  Raises ValueError: it has no marks."""
    start, stop = page.index(BEGIN) + len(BEGIN), page.index(END)
    return f"{page[:start]}\n\n{formats_table()}\n\n{page[stop:]}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_table(path.read_text(encoding="utf-8")), encoding="utf-8")
