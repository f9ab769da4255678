"""Finds the timelines of an .otio document, their lengths and their rates."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.timeline.timecode import DROP_RATES, counting_base
from dubsync.editorial.otio.nodes import (
    Node,
    available_in,
    list_in,
    schema_of,
    span_in,
    text_in,
    time_in,
)
from dubsync.editorial.otio.time import known_rate

TRACKS = ("Track", "Sequence")
#: Seconds within which two lengths in floats are the same.
NEAR = Fraction(1, 10_000)
Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Collected:
    """An object of a document to list, and the keys that lead to it."""

    node: Node
    keys: Keys


def collected(root: Any, where: str) -> tuple[list[Collected], list[Collected], Counter[str]]:
    """(timelines, clips of a bin, schema -> number of other objects) of a document.

    Collections are searched at every depth.

    Raises:
        TurnoverError: there is nothing to list.
    """
    timelines: list[Collected] = []
    clips: list[Collected] = []
    others: Counter[str] = Counter()
    todo: list[tuple[Any, Keys]] = [(root, ())]
    while todo:
        node, keys = todo.pop(0)
        schema = schema_of(node)
        if schema == "Timeline":
            timelines.append(Collected(node, keys))
        elif schema == "Clip" and keys:
            clips.append(Collected(node, keys))
        elif schema == "SerializableCollection":
            below = list_in(node, "children")
            todo += [(child, (*keys, "children", n)) for n, child in enumerate(below)]
        elif schema in (*TRACKS, "Stack", "Clip"):  # a part of a timeline
            others[schema] += 1
            timelines.append(Collected(_around(node), keys))
        else:
            others[schema or "an object without a schema"] += 1
    if not timelines and not clips:
        schema = schema_of(root)
        found = f"holds a {schema[:60]}, not a Timeline" if schema else "holds no Timeline"
        raise TurnoverError(f"{where} {found}", hint="export the whole timeline")
    return timelines, clips, others


def _around(node: Node) -> Node:
    """A stack, track or clip as a timeline."""
    schema = schema_of(node)
    if schema == "Stack":
        return {"name": node.get("name"), "tracks": node}
    track = (
        node
        if schema in TRACKS
        else {"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [node]}
    )
    return {"name": node.get("name"), "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [track]}}


def displaced(track: Any, where: str) -> Fraction | None:
    """The record seconds at which a track begins whose range lies outside its contents, else None.

    OpenTimelineIO's EDL adapter states a list's first record time so: a range of the contents'
    length that begins at minus that time.  Other systems begin the range at the record time.
    """
    if schema_of(track) not in TRACKS:
        return None
    span, length = span_in(track.get("source_range"), where), contents_of(track, where)
    if span is None or not length or not span[1]:
        return None
    same = abs(span[1] - length) < NEAR
    outside = span[0] >= length or span[0] + span[1] <= 0
    return abs(span[0]) if outside or (span[0] <= -NEAR and same) else None


def shown_range(stack: Node, where: str) -> tuple[Fraction, Fraction] | None:
    """(start, length) of a timeline's stack that its range shows, seconds; None for all of it.

    A range that is not valid, or lies outside the contents, is not used.
    """
    try:
        span = span_in(stack.get("source_range"), where)
    except TimecodeError:
        return None
    inside = contents_of(stack, where)
    if span is not None and inside and (span[0] >= inside or span[0] + span[1] <= 0):
        return None
    return span


def contents_of(node: Any, where: str) -> Fraction:
    """The length of the contents of a track or stack, seconds."""
    lengths = [
        extent_of(child, text_in(child, "name") or where)[1] for child in list_in(node, "children")
    ]
    if schema_of(node) == "Stack":
        return max(lengths, default=Fraction(0))
    return sum(lengths, Fraction(0))


def sequence_rate(node: Node, stack: Node, where: str) -> Fraction | None:
    """The rate of most picture items; the rate of the start time breaks ties.

    Raises:
        TimecodeError: an invalid time; `where` names the file.
    """
    counts: Counter[Fraction] = Counter()
    for track in list_in(stack, "children"):
        weight = 1 if text_in(track, "kind") == "Audio" else 1000
        for item in [track, *list_in(track, "children")]:
            if isinstance(item, dict):
                span = item.get("source_range") or available_in(item)
                name = text_in(item, "name")
                length = time_in(span.get("duration"), name) if isinstance(span, dict) else None
                if length and (rate := known_rate(length[1])):
                    counts[rate] += weight
    begin = time_in(node.get("global_start_time"), where)
    preferred = known_rate(begin[1]) if begin else None
    if not counts:
        return preferred
    most = max(counts.values())
    best = [rate for rate, n in counts.items() if n == most]
    return preferred if preferred in best else best[0]


def drops_from(first: Fraction, rate: Fraction) -> bool:
    """Whether a first frame is a whole hour in drop-frame timecode, but not in non-drop."""
    if rate not in DROP_RATES or first <= 0:
        return False
    base = counting_base(rate)
    return first % (base * 3600 - 2 * (base // 30) * 54) == 0


def extent_of(node: Any, where: str) -> tuple[Fraction, Fraction]:
    """(start, length) of an item in its own time, seconds."""
    if not isinstance(node, dict) or schema_of(node) == "Transition":
        return Fraction(0), Fraction(0)
    span = span_in(node.get("source_range"), where) or span_in(available_in(node), where)
    if span is not None:
        return span
    return Fraction(0), contents_of(node, where)
