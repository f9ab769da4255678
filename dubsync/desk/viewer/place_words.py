"""Frames in words: timecodes, and runs of frames."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from dubsync.core.timeline.timecode import TIMECODE_RATES, Timecode


def timecode(frame: int, rate: Fraction, drop: bool) -> str:
    """Timecode of a frame; its number where the rate has none."""
    if rate not in TIMECODE_RATES or frame < 0:
        return str(frame)
    return str(Timecode(frame, rate, drop))


def runs_of(flags: Sequence[bool], first: int) -> list[tuple[int, int]]:
    """(first, stop) of each run of true flags, the first of which is frame `first`."""
    runs: list[tuple[int, int]] = []
    for n, flag in enumerate(flags):
        if not flag:
            continue
        if runs and runs[-1][1] == first + n:
            runs[-1] = runs[-1][0], first + n + 1
        else:
            runs.append((first + n, first + n + 1))
    return runs
