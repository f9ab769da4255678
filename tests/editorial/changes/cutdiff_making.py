"""Uses and cuts for the tests of change lists."""

from fractions import Fraction

from dubsync.core.timeline.change import Use
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import FrameRange

RATE = Fraction(24)
START = 86400


def use(n, name, record, source, frames, speed=1, *, reel="", media=""):
    """One use of `name` from source frame `source`, `frames` long in record time."""
    start, first = Fraction(record), Fraction(source)
    shown = TimeMap(((start, first), (start + frames, first + frames * Fraction(speed))))
    span = FrameRange(record, record + frames, RATE)
    return Use(n, str(n + 1), name, reel, media, "V1", span, shown, RATE)


def cut(shots, at=START):
    """Uses laid end to end; ("-", n) leaves a hole of n frames."""
    made = []
    for name, source, *rest in shots:
        if name == "-":
            at += source
            continue
        frames, speed = rest[0], rest[1] if len(rest) > 1 else 1
        made.append(use(len(made), name, at, source, frames, speed))
        at += frames
    return tuple(made)
