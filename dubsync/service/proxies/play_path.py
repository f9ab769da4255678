"""How a shot plays: which plate frame the programme shows at each record frame, handles too."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.shot import Shot
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import FrameRange

LONGEST_HANDLE_S = 4  #: of a handle beside a picture that nearly stands still
_MOST = 1 << 62  #: of a product that 64 bits hold


@dataclass(frozen=True, slots=True, eq=False)
class PlayPath:
    """Record frames of a shot and the plate frames that they show.

    cut     the record frames of the cut
    whole   the same with handles of LONGEST_HANDLE_S at most; a freeze has none
    shows   (N,) plate frame of each record frame of `whole`; the ends of what is rendered hold
    """

    shot: Shot
    cut: FrameRange
    whole: FrameRange
    shows: NDArray[np.int64]

    def plate_frame(self, record: int) -> int:
        """The plate frame shown at a record frame; beyond the handles, that of their end."""
        place = min(max(record - self.whole.start, 0), len(self.shows) - 1)
        return int(self.shows[place])

    def record_frame(self, frame: int) -> int:
        """The first record frame that shows a plate frame, within `whole`."""
        record = ceil(self.shot.time.first_shown(frame))
        return min(max(record, self.whole.start), self.whole.stop - 1)

    def span(self, handles: bool) -> FrameRange:
        """What is played: the cut, or with its handles."""
        return self.whole if handles else self.cut


def play_path(shot: Shot) -> PlayPath:
    """The path of a shot; at other speeds and in reverse by its time map."""
    whole = shot.record
    if shot.speed != 0:
        edges = [shot.time.record_of(Fraction(n)) for n in (shot.render.start, shot.render.stop)]
        first, last = max(floor(min(edges)), 0), ceil(max(edges))
        most = round(LONGEST_HANDLE_S * shot.record.rate)
        first = min(max(first, shot.record.start - most), shot.record.start)
        last = max(min(last, shot.record.stop + most), shot.record.stop)
        whole = FrameRange(first, last, shot.record.rate)
    shown = _frames(shot.time, whole)
    held = np.clip(shown, shot.render.start, shot.render.stop - 1)
    return PlayPath(shot, shot.record, whole, held)


def _frames(time: TimeMap, record: FrameRange) -> NDArray[np.int64]:
    """(N,) `time.frame` of each record frame, exactly, and at once."""
    edges = [key[0] for key in time.keyframes]
    edges = [Fraction(record.start), *edges[1:-1], Fraction(record.stop)]
    frames = np.empty(len(record), np.int64)
    pairs = zip(time.keyframes, time.keyframes[1:], edges, edges[1:], strict=False)
    for (r0, s0), (r1, s1), low, high in pairs:
        first = min(max(ceil(low), record.start), record.stop)
        last = min(max(ceil(high), first), record.stop)
        if last > first:
            frames[first - record.start : last - record.start] = _piece(
                (r0, s0), (s1 - s0) / (r1 - r0), first, last
            )
    return frames


def _piece(key: tuple[Fraction, Fraction], speed: Fraction, first: int, last: int) -> Any:
    """Source frames of record frames `first` up to `last` on one piece, as `TimeMap.frame`."""
    begin = key[1] + (first - key[0]) * speed
    whole = lcm(begin.denominator, speed.denominator)
    start, step = int(begin * whole), int(speed * whole)
    kind = np.int64 if abs(start) + abs(step) * (last - first) < _MOST else object
    at = start + step * np.arange(last - first).astype(kind)
    return -(-at // whole) - 1 if speed < 0 else at // whole
