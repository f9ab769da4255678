"""Frames and faults in words."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from dubsync.core.timeline.timecode import TIMECODE_RATES, Timecode
from dubsync.service.proxies.play_path import PlayPath


def timecode(frame: int, rate: Fraction, drop: bool) -> str:
    """Timecode of a frame; its number where the rate has none."""
    if rate not in TIMECODE_RATES or frame < 0:
        return str(frame)
    return str(Timecode(frame, rate, drop))


def place_words(path: PlayPath, record: int, drop: bool) -> tuple[str, str, int, str]:
    """(record timecode, source timecode, plate frame, "54 of 108") at a record frame.

    Args:
        drop: whether the programme has drop-frame timecode.
    """
    plate, frame = path.shot.plate, path.plate_frame(record)
    place = f"{record - path.cut.start + 1} of {len(path.cut)}"
    if record < path.cut.start:
        place = f"handle \N{MINUS SIGN}{path.cut.start - record}"
    elif record >= path.cut.stop:
        place = f"handle +{record - path.cut.stop + 1}"
    source = timecode(frame, plate.frames.rate, plate.drop)
    return timecode(record, path.whole.rate, drop), source, frame, place


def in_sentences(*parts: str) -> str:
    """What is wrong and what helps, each with a capital and a full stop."""
    whole = (part.strip().rstrip(".") for part in parts)
    return " ".join(part[:1].upper() + part[1:] + "." for part in whole if part)


def runs_of(flags: NDArray[np.bool_], first: int) -> list[tuple[int, int]]:
    """(first, stop) of each run of true flags, the first of which is frame `first`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False]))))
    return [(first + int(a), first + int(b)) for a, b in edges.reshape(-1, 2)]
