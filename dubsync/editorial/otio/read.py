"""Reads a whole .otio document: every track, gap, transition, marker and nest.

The document's own dictionaries are walked.  So unknown schemas are listed as such, and no hostile
input reaches the C++ code of OpenTimelineIO.
"""

from __future__ import annotations

from fractions import Fraction

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.losses import ASSUMED, LOST, ODD, QUIET, REFUSES, WARNS
from dubsync.core.timeline.probed import ProbedCut, ProbedTimeline
from dubsync.core.timeline.timecode import DROP_RATES, counting_base
from dubsync.editorial.otio.clip import speed_of
from dubsync.editorial.otio.nodes import Node, schema_of, span_in, text_in, time_in
from dubsync.editorial.otio.text import document
from dubsync.editorial.otio.time import known_rate, snapped
from dubsync.editorial.otio.timelines import (
    drops_from,
    extent_of,
    sequence_rate,
    timeline_keys,
    timelines_in,
)
from dubsync.editorial.otio.walk import Keys, Place, list_timeline
from dubsync.editorial.timeline.cut_builder import CutBuilder
from dubsync.editorial.timeline.nested_time import AffineTime

_AGAIN = "export the timeline again"


def read_otio_whole(text: str, *, path: str = "") -> ProbedCut:
    """Every timeline of an .otio document.

    Raises:
        TimecodeError: an invalid time (NaN, rate 0, a negative duration).
        TurnoverError: damaged, hostile, or without a timeline.
    """
    where = path.rsplit("/", 1)[-1] or "the timeline"
    root = document(text, where)
    builder = CutBuilder()
    tops, keys = timelines_in(root, where), timeline_keys(root)
    if not keys:
        what = f"holds {schema_of(root)}, not a Timeline; listed as a timeline of its own"
        builder.lose(where, what, ASSUMED, "export the whole timeline", REFUSES)
    timelines = tuple(
        _timeline(node, builder, where, root_keys, several=len(tops) > 1)
        for node, root_keys in zip(tops, keys or [()], strict=True)
    )
    builder.lose_effects(where)
    return builder.cut(path, "OpenTimelineIO", timelines)


def _timeline(
    node: Node, builder: CutBuilder, where: str, keys: Keys, *, several: bool
) -> ProbedTimeline:
    name = text_in(node, "name") or "untitled"
    stack = node.get("tracks")
    if schema_of(stack) != "Stack":
        raise TurnoverError(f"{where}: timeline {name[:60]!r} has no stack of tracks", hint=_AGAIN)
    assert isinstance(stack, dict)
    rate = sequence_rate(node, stack, where)
    if rate is None:
        builder.lose(where, f"timeline {name!r} has no item with a length", ODD)
        return ProbedTimeline(name, None)
    start = _start(node, rate, name, where, builder)
    drop = drops_from(start * rate, rate)
    if rate in DROP_RATES:
        whole_hour = (start * rate) % (counting_base(rate) * 3600) == 0
        builder.lose(
            name,
            f".otio does not state whether timecode at {rate} fps is drop-frame; "
            f"shown as {'drop' if drop else 'non-drop'}",
            ASSUMED,
            turnover=QUIET if drop or whole_hour else WARNS,
        )
    if speed_of(stack, builder, name) != 1:
        what = "the whole timeline has a speed effect, which is not listed"
        builder.lose(name, what, LOST, "bake it into the clips, and export again", REFUSES)
    shift, window = start, None
    span = span_in(stack.get("source_range"), name)
    if span is not None:
        shift, window = start - span[0], (start, start + span[1])
    inside = f"{name}, " if several else ""
    placing = AffineTime(shift=shift, window=window)
    place = Place(name, rate, drop, placing, (*keys, "tracks"), inside=inside)
    list_timeline(stack, place, builder)
    length = extent_of(stack, name)[1]
    return ProbedTimeline(name, rate, start * rate, length * rate, drop)


def _start(node: Node, rate: Fraction, name: str, where: str, builder: CutBuilder) -> Fraction:
    """Record time of a timeline's first frame, in seconds."""
    begin = time_in(node.get("global_start_time"), where)
    if begin is None:
        builder.lose(name, "states no first timecode; 00:00:00:00 is assumed", ASSUMED)
        return Fraction(0)
    value, own = begin[0], known_rate(begin[1])
    if own is None or own == rate or not value:
        return value / rate
    if counting_base(own) == counting_base(rate):
        what = f"starts at frame {float(value):g} at {own} fps, but its clips run at {rate} fps; "
        what += "that frame number is used"
        builder.lose(name, what, ODD, "check the first record timecode", WARNS)
        return value / rate
    frame, off = snapped(value / own * rate)
    what = f"starts at frame {float(value):g} at {own} fps, but its clips run at {rate} fps"
    if off:
        what += f", where that is not a whole frame; frame {frame} is used"
    hint = "check the first record timecode"
    builder.lose(name, what, ODD, hint, WARNS if off else QUIET)
    return frame / rate
