"""Which tracks are sound, and in which order tracks lie over each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dubsync.editorial.rows import Row

_NUMBERED = re.compile(r"([VA])([+-]?\d{1,9})")


def is_sound(label: str, kind: str) -> bool:
    """Whether a track holds sound: by its label, else by what lies on it."""
    found = _NUMBERED.match(label.rsplit("/", 1)[-1])
    return found[1] == "A" if found else kind == "audio"


def stacked(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Rows in order of height, picture first; a number is kept where no other row needs it."""
    found: list[Row] = []
    for sound in (False, True):
        level = None
        for row in sorted((r for r in rows if r.sound is sound), key=_key):
            number = _number(row.label)
            height = 1 if number is None else number
            if level is not None and height <= level:
                height = level + 1 or 1
            if sound and height < 1:
                height = 1
            level = height
            found.append(replace(row, height=height))
    return tuple(found)


def _number(label: str) -> int | None:
    found = _NUMBERED.match(label)
    return int(found[2]) if found else None


def _key(row: Row) -> tuple[bool, int, int]:
    """Numbered tracks by number, each before what lies over it; then named ones as they came."""
    number = _number(row.label)
    over = row.label.rpartition(" over ")[2] if " over " in row.label else "0"
    return number is None, number or 0, int(over) if re.fullmatch(r"\d{1,9}", over) else 0
