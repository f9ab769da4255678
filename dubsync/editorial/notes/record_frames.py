"""Where a note stands in the programme: the plate's frame at a record frame, and back."""

from __future__ import annotations

from math import floor

from dubsync.core.shot import Shot

#: Record frames around the calculated one that are looked at first.
_NEAR = 3


def record_of(shot: Shot, frame: int) -> int:
    """The first record frame of a shot that shows plate frame `frame`, or the nearest to it.

    At double speed every other frame is shown; handles are not shown at all.
    """
    first, last = shot.record.start, shot.record.stop - 1
    at = min(max(floor(shot.time.first_shown(frame)), first), last)
    near = range(max(at - _NEAR, first), min(at + _NEAR, last) + 1)
    exact = [record for record in near if shot.plate_frame(record) == frame]
    if exact:
        return exact[0]
    every = near if shot.speed is not None else range(first, last + 1)
    return min(every, key=lambda record: (abs(shot.plate_frame(record) - frame), record))


def shows(shot: Shot, frame: int) -> bool:
    """Whether the cut shows plate frame `frame` of the shot, or, retimed, passes over it."""
    return shot.source.start <= frame < shot.source.stop
