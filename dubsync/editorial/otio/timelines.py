"""Finds the timelines of an .otio document, their lengths and their rates."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

from dubsync.core.errors import TurnoverError
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


def timelines_in(root: Any, where: str) -> list[Node]:
    """The timelines of a document; a lone stack, track or clip becomes a timeline.

    Raises:
        TurnoverError: there is none.
    """
    schema = schema_of(root)
    if schema == "Timeline":
        return [root]
    if schema in (*TRACKS, "Stack", "Clip"):  # a part of a timeline
        if schema == "Stack":
            return [{"name": root.get("name"), "tracks": root}]
        track = (
            root
            if schema in TRACKS
            else {"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [root]}
        )
        return [
            {"name": root.get("name"), "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [track]}}
        ]
    if schema == "SerializableCollection":
        inside = [child for child in list_in(root, "children") if schema_of(child) == "Timeline"]
        if inside:
            return inside
    raise TurnoverError(
        f"{where} holds {schema or 'no OpenTimelineIO object'}, not a Timeline",
        hint="export the whole timeline",
    )


def timeline_keys(root: Any) -> list[tuple[str | int, ...]]:
    """The keys that lead to each of `timelines_in`; none for a part of a timeline."""
    if schema_of(root) == "Timeline":
        return [()]
    children = list_in(root, "children") if schema_of(root) == "SerializableCollection" else []
    return [("children", n) for n, child in enumerate(children) if schema_of(child) == "Timeline"]


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
    children = [
        extent_of(child, text_in(child, "name") or where)[1] for child in list_in(node, "children")
    ]
    if schema_of(node) == "Stack":
        return Fraction(0), max(children, default=Fraction(0))
    return Fraction(0), sum(children, Fraction(0))
