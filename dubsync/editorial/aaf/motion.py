"""What an AAF clip plays of its media: the line of the Motion Control around it, and all it has."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from dubsync.core.timeline.probed import ProbedRange, probed_range
from dubsync.core.timeline.runs import Keyframe, TimeMap
from dubsync.editorial.aaf.parts import Place, length_of
from dubsync.editorial.aaf.source import Followed, Node
from dubsync.editorial.timeline.time_maps import simplified


def one_clip(parts: Sequence[Node]) -> bool:
    """Whether an effect is given a single clip, so that its line bends that clip alone."""
    while len(parts) == 1 and parts[0]["type"] in ("Sequence", "OperationGroup"):
        if "motion control" in str(parts[0].get("operation", "")).lower():
            return False
        parts = parts[0]["parts"]
    return len(parts) == 1 and parts[0]["type"] == "SourceClip"


def needed(line: Sequence[Keyframe], speed: Fraction | None, parts: Sequence[Node]) -> bool:
    """Whether a line says more than its speed: it bends, or begins elsewhere than its clip."""
    if not line or speed is None:
        return bool(line)
    first = TimeMap(tuple(line)).at(Fraction(0))
    length = length_of(parts[0]) or Fraction(0)
    return first != (0 if speed >= 0 else length - 1)


def line_keyframes(
    source: ProbedRange | None, record: tuple[Fraction, Fraction], place: Place, rate: Fraction
) -> tuple[Keyframe, ...]:
    """The line of the Motion Control around a clip, in record and source frames."""
    if not place.line or source is None or source.start is None or source.rate is None:
        return ()
    bend = TimeMap(place.line)
    length = record[1] - record[0]
    # A value is the frame then shown: played backwards, the edge reached is the one after it.
    back = 1 if all(speed < 0 for speed in bend.speeds) else 0
    pace, scale = place.rate / rate, source.rate / rate
    return simplified(
        tuple(
            (place.start + (record[0] + t) * pace, source.start + (v + back) * scale)
            for t, v in bend.slice(Fraction(0), length).keyframes
        )
    )


def available_of(source: ProbedRange | None, followed: Followed) -> ProbedRange | None:
    """All frames that a clip's master has, as its source counts."""
    if source is None or source.start is None or source.rate is None or followed.has is None:
        return None
    before, length = (seconds * source.rate for seconds in followed.has)
    start = source.start - before
    return probed_range(start, start + length, source.rate, ";" in source.text[0])
