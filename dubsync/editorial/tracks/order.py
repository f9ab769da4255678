"""Track labels: sound or picture, track number, and stacking order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dubsync.editorial.tracks.layout import LaidOutTrack

_NUMBERED = re.compile(r"([VA])([+-]?\d{1,9})")

#: In labels of extra layers of a track, for clips that overlap: "V1 over 1".
OVER = " over "


def is_sound(label: str, kind: str) -> bool:
    """Whether a track is sound: by its label, else by the kind of its event."""
    result = _NUMBERED.match(label.rsplit("/", 1)[-1])
    return result[1] == "A" if result else kind == "audio"


def stacked(tracks: Sequence[LaidOutTrack]) -> tuple[LaidOutTrack, ...]:
    """Tracks in order of height, picture first; each keeps its number unless that is taken."""
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
    """The number of the top-level track of a label; None for a track with a name.

    >>> track_number("V2"), track_number("V1/V3"), track_number("V1 over 1"), track_number("FX")
    (2, 1, 1, None)
    """
    result = _NUMBERED.match(label)
    return int(result[2]) if result else None


def _key(track: LaidOutTrack) -> tuple[bool, int, int]:
    """Sort key: numbered tracks by number and layer, then named tracks in file order."""
    number = track_number(track.label)
    over = track.label.rpartition(OVER)[2] if OVER in track.label else "0"
    return number is None, number or 0, int(over) if re.fullmatch(r"\d{1,9}", over) else 0
