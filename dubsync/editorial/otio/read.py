"""Reads a whole .otio document: every track, gap, transition, marker and nest.

The document's own dictionaries are walked.  So unknown schemas are listed as such, and no hostile
input reaches the C++ code of OpenTimelineIO.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.losses import ASSUMED, LOST, ODD, QUIET, REFUSES, WARNS
from dubsync.core.timeline.probed import ProbedCut, ProbedTimeline, frame_text
from dubsync.core.timeline.timecode import DROP_RATES, counting_base
from dubsync.editorial.otio.census import report_unknown
from dubsync.editorial.otio.clip import speed_of
from dubsync.editorial.otio.damage import mend
from dubsync.editorial.otio.nodes import Node, list_in, schema_of, text_in, time_in
from dubsync.editorial.otio.place import Place
from dubsync.editorial.otio.text import document
from dubsync.editorial.otio.time import known_rate, snapped
from dubsync.editorial.otio.timelines import (
    TRACKS,
    Collected,
    collected,
    contents_of,
    displaced,
    drops_from,
    extent_of,
    sequence_rate,
    shown_range,
)
from dubsync.editorial.otio.walk import list_bin, list_timeline
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
    mend(root, where, builder)
    tops, clips, others = collected(root, where)
    for schema, count in others.items():
        part = schema in (*TRACKS, "Stack", "Clip")
        what = f"holds {count} {schema}, not a Timeline; "
        what += "listed as a timeline of its own" if part else "not listed"
        kind = ASSUMED if part else LOST
        refused = REFUSES if part else ""
        builder.lose(where, what, kind, "export the whole timeline", refused)
    timelines = [_timeline(top, builder, where, several=len(tops) > 1) for top in tops]
    if clips:
        timelines.append(_bin(root, clips, builder, where))
    builder.lose_effects(where)
    report_unknown(root, where, builder)
    return builder.cut(path, "OpenTimelineIO", timelines)


def _bin(root: Node, clips: list[Collected], builder: CutBuilder, where: str) -> ProbedTimeline:
    """List the clips of a collection, which have no record time."""
    name = text_in(root, "name") or where.rsplit(".", 1)[0]
    stack = {"children": [{"children": [clip.node for clip in clips]}]}
    place = Place(name, sequence_rate({}, stack, where) or Fraction(24), False, AffineTime(), ())
    list_bin([(clip.node, clip.keys) for clip in clips], place, builder)
    return ProbedTimeline(name, None)


def _timeline(top: Collected, builder: CutBuilder, where: str, *, several: bool) -> ProbedTimeline:
    node, keys = top.node, top.keys
    name = text_in(node, "name") or "untitled"
    stack = node.get("tracks")
    if schema_of(stack) != "Stack":
        raise TurnoverError(f"{where}: timeline {name[:60]!r} has no stack of tracks", hint=_AGAIN)
    assert isinstance(stack, dict)
    rate = sequence_rate(node, stack, where)
    if rate is None:
        builder.lose(where, f"timeline {name!r} has no item with a length", ODD)
        return ProbedTimeline(name, None)
    tracks = list_in(stack, "children")
    moved = {n: at for n, x in enumerate(tracks) if (at := displaced(x, name)) is not None}
    start = _start(node, rate, name, where, builder, moved)
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
    inside, span = contents_of(stack, name), shown_range(stack, name)
    if span is not None:
        shift, window = start - span[0], (start, start + span[1])
    elif stack.get("source_range") is not None:
        what = "its range lies outside its contents, which are all listed"
        builder.lose(name, what, ODD, "check the first and last record timecode", WARNS)
    offsets = {n: max(at - start, Fraction(0)) for n, at in moved.items()}
    place = Place(
        name,
        rate,
        drop,
        AffineTime(shift=shift, window=window),
        (*keys, "tracks"),
        inside=f"{name}, " if several else "",
        offsets=offsets,
    )
    list_timeline(stack, place, builder)
    length = extent_of(stack, name)[1] if window else inside
    ends = [offsets[n] + contents_of(tracks[n], name) for n in offsets]
    frames, off = snapped(max([length, *ends]) * rate)
    exact = max([length, *ends]) * rate if off else Fraction(frames)
    return ProbedTimeline(name, rate, start * rate, exact, drop)


def _start(
    node: Node,
    rate: Fraction,
    name: str,
    where: str,
    builder: CutBuilder,
    moved: Mapping[int, Fraction],
) -> Fraction:
    """Record time of a timeline's first frame, in seconds.

    Args:
        moved: index of a track -> the record seconds that its displaced range states.
    """
    begin = time_in(node.get("global_start_time"), where)
    if moved:
        first = min(moved.values())
        what = "the range of a track lies outside its contents, which are all listed"
        if begin is None:
            what += f"; it is taken as the first record time, {frame_text(first * rate, rate)}"
        builder.lose(name, what, ASSUMED, "check the first record timecode")
        if begin is None:
            return first
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
