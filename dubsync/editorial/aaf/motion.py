"""What an AAF clip plays: the keyframes of its Motion Control, and the extent of its media."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from dubsync.core.timeline.probed import ProbedRange, probed_range
from dubsync.core.timeline.runs import Keyframe, TimeMap
from dubsync.editorial.aaf.parts import Context, length_of
from dubsync.editorial.aaf.source import FollowedSource, Node
from dubsync.editorial.timeline.time_maps import simplified


def one_clip(parts: Sequence[Node]) -> bool:
    """Whether the input of an effect is a single clip, so that its line retimes that clip only."""
    while len(parts) == 1 and parts[0]["type"] in ("Sequence", "OperationGroup"):
        if "motion control" in str(parts[0].get("operation", "")).lower():
            return False
        parts = parts[0]["parts"]
    return len(parts) == 1 and parts[0]["type"] == "SourceClip"


def adds_to_speed(line: Sequence[Keyframe], speed: Fraction | None, parts: Sequence[Node]) -> bool:
    """Whether a line has more than a speed: it varies, or begins elsewhere than its clip."""
    if not line or speed is None:
        return bool(line)
    first = TimeMap(tuple(line)).at(Fraction(0))
    length = length_of(parts[0]) or Fraction(0)
    return first != (0 if speed >= 0 else length - 1)


def line_keyframes(
    source: ProbedRange | None, record: tuple[Fraction, Fraction], context: Context, rate: Fraction
) -> tuple[Keyframe, ...]:
    """The keyframes of the Motion Control around a clip, as (record, source) frames."""
    if not context.line or source is None or source.start is None or source.rate is None:
        return ()
    line = TimeMap(context.line)
    length = record[1] - record[0]
    # A value is the frame shown then; in reverse, the edge reached is that of the next frame.
    back = 1 if all(speed < 0 for speed in line.speeds) else 0
    pace, scale = context.rate / rate, source.rate / rate
    return simplified(
        tuple(
            (context.start + (record[0] + t) * pace, source.start + (v + back) * scale)
            for t, v in line.slice(Fraction(0), length).keyframes
        )
    )


def available_of(source: ProbedRange | None, followed: FollowedSource) -> ProbedRange | None:
    """All frames of a clip's master, in the count of its source; None if unknown."""
    if source is None or source.start is None or source.rate is None or followed.extent is None:
        return None
    before, length = (seconds * source.rate for seconds in followed.extent)
    start = source.start - before
    return probed_range(start, start + length, source.rate, ";" in source.text[0])
