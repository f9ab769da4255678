"""The rows of a session's list of markers: names and comments may have tabs and new lines in them.

Pro Tools pads a name to the width of its column, which tells where a name with a tab ends.  Since
2023.12 a marker also names its ruler or track.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_FIRST = re.compile(r"\d{1,9} *\t")
_COLUMNS = ("LOCATION", "TIME REFERENCE", "UNITS", "NAME", "TRACK NAME", "TRACK TYPE", "COMMENTS")
#: Width of the column of names, in characters.
_WIDTH = 33


@dataclass(frozen=True, slots=True)
class MarkerRow:
    """One marker as printed; `spare` has the cells of columns that are not known."""

    line: int
    location: str
    reference: str
    units: str
    name: str
    comment: str
    track: str = ""
    spare: tuple[str, ...] = ()


def marker_rows(lines: Iterable[tuple[int, str]]) -> Iterator[MarkerRow | tuple[int, str]]:
    """The markers of the lines of a section, and (line, text) of each line that is none.

    Args:
        lines: (number, text) of each line, from the heading of the columns on.
    """
    columns: tuple[str, ...] = ("#", "LOCATION", "TIME REFERENCE", "UNITS", "NAME", "COMMENTS")
    width, current = _WIDTH, (0, "")
    for number, line in lines:
        if line.startswith("#"):
            cells = line.split("\t")
            columns = tuple(cell.strip() for cell in cells)
            width = next((len(c) for c in cells if c.strip() == "NAME"), _WIDTH)
        elif _FIRST.match(line):
            if current[1]:
                yield _row(*current, columns, width)
            current = number, line
        elif line.strip() and not current[1]:
            yield number, line
        elif line.strip():
            cells = line.split("\t")
            again = cells[-1] if not "".join(cells[:4]).strip() and len(cells) > 4 else line
            current = current[0], f"{current[1]}\n{again}"
    if current[1]:
        yield _row(*current, columns, width)


def _row(line: int, text: str, columns: Sequence[str], width: int) -> MarkerRow | tuple[int, str]:
    cells = text.split("\t", 4)
    if len(cells) < 5:
        return line, text
    name, rest = _named(cells[4], width)
    after = list(columns[5:])
    values = rest.split("\t", max(len(after) - 1, 0)) if after else [rest]
    known = dict(zip(after, values, strict=False))
    spare = tuple(f"{k}: {v.strip()}" for k, v in known.items() if k not in _COLUMNS and v.strip())
    return MarkerRow(
        line,
        cells[1].strip(),
        cells[2].strip(),
        cells[3].strip(),
        _plain(name),
        _plain(known.get("COMMENTS", "" if after else rest)),
        _plain(known.get("TRACK NAME", "")),
        spare,
    )


def _named(text: str, width: int) -> tuple[str, str]:
    """(name, the columns after it)."""
    first = text.find("\t")
    if first < 0:
        return text, ""
    at = first
    if first < width and not text[:first].endswith(" ") and text[width : width + 1] == "\t":
        at = width
    return text[:at], text[at + 1 :]


def _plain(text: str) -> str:
    return " ".join(text.split())
