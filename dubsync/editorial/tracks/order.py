"""Which tracks are sound, and in which order tracks lie over each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dubsync.editorial.tracks.layout import LaidOutTrack

_NUMBERED = re.compile(r"([VA])([+-]?\d{1,9})")

#: Joins a track and the number of a row of it that lies over its first: "V1 over 1".
OVER = " over "


def is_sound(label: str, kind: str) -> bool:
    """Whether a track holds sound: by its label, else by what lies on it."""
    result = _NUMBERED.match(label.rsplit("/", 1)[-1])
    return result[1] == "A" if result else kind == "audio"


def stacked(tracks: Sequence[LaidOutTrack]) -> tuple[LaidOutTrack, ...]:
    """Rows in order of height, picture first; a number is kept where no other row needs it."""
    result: list[LaidOutTrack] = []
    for sound in (False, True):
        level = None
        for track in sorted((r for r in tracks if r.sound is sound), key=_key):
            number = track_number(track.label)
            height = 1 if number is None else number
            if level is not None and height <= level:
                height = level + 1 or 1
            if sound and height < 1:
                height = 1
            level = height
            result.append(replace(track, height=height))
    return tuple(result)


def track_number(label: str) -> int | None:
    """The number of the track that a label names, or that what it names lies on; None: a name.

    >>> track_number("V2"), track_number("V1/V3"), track_number("V1 over 1"), track_number("FX")
    (2, 1, 1, None)
    """
    result = _NUMBERED.match(label)
    return int(result[2]) if result else None


def _key(track: LaidOutTrack) -> tuple[bool, int, int]:
    """Numbered tracks by number, each before what lies over it; then named ones as they came."""
    number = track_number(track.label)
    over = track.label.rpartition(OVER)[2] if OVER in track.label else "0"
    return number is None, number or 0, int(over) if re.fullmatch(r"\d{1,9}", over) else 0
