"""OpenTimelineIO in: every clip of every video track, placed in record time, exactly.

Our own walk, from the top down, with times as fractions of a second: OpenTimelineIO's flatten
and transform lose nested stacks, retimes and the speed of a parent (OpenTimelineIO#353,
#1464).  A composition with a steady forward speed is an affine map of time; anything else on
one is a warning.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.shot import Cut, ProjectWarning
from dubsync.core.timeline.timecode import DROP_RATES, counting_base
from dubsync.editorial.otio.clip import (
    Path,
    Placed,
    Placing,
    clip_event,
    compound_event,
    retime_of,
)
from dubsync.editorial.otio.objects import timeline_in
from dubsync.editorial.otio.text import document
from dubsync.editorial.otio.time import known_rate, range_of, seconds, snapped
from dubsync.editorial.timeline.overlaps import overlap_warnings
from dubsync.editorial.timeline.shot_names import unique_names

Item = otio.core.Item
NO_FADES = (Fraction(0), Fraction(0))


@dataclass(frozen=True, slots=True)
class ReadCut:
    """A Cut, and for each of its events the path of keys to its clip in the document."""

    cut: Cut
    document: Any
    paths: tuple[Path, ...]


def read_otio(text: str, *, path: str = "", timeline: str = "") -> Cut:
    """The picture events of an .otio document.

    Args:
        timeline: which, of a collection of several.

    Raises:
        TimecodeError: times that cannot exist (NaN, rate 0, negative durations).
        TurnoverError: damaged, hostile, of an unknown schema, or with no event in it.
    """
    return read_with_paths(text, path=path, timeline=timeline).cut


def read_with_paths(text: str, *, path: str = "", timeline: str = "") -> ReadCut:
    """As `read_otio`, with the way back into the document."""
    where = path.rsplit("/", 1)[-1] or "the timeline"
    parsed = document(text, where)
    chosen, root = timeline_in(parsed, where, timeline)
    node = parsed
    for key in root:
        node = node[key]
    stack = chosen.tracks
    rate = _sequence_rate(chosen, where)
    warnings: list[ProjectWarning] = []
    start = _record_start(chosen, rate, warnings)
    retime = retime_of(stack)
    if retime.speed != 1 or retime.reason:
        raise TurnoverError(
            f"{where}: the whole timeline carries a speed change",
            hint="bake it into the clips, and export again",
        )
    offset = range_of(stack.source_range)[0] if stack.source_range else Fraction(0)
    placing = Placing(Fraction(1), start - offset, None, True, "", "", (*root, "tracks"), rate)
    if stack.source_range:
        length = range_of(stack.source_range)[1]
        placing = replace(placing, window=(start, start + length))
    placed = _in_stack(stack, node["tracks"], placing)
    if not placed:
        raise TurnoverError(f"{where} has no picture event", hint="is its video track empty?")
    placed.sort(key=lambda p: p.event.record.start)
    names = unique_names(p.event.name for p in placed)
    events = tuple(replace(p.event, name=n) for p, n in zip(placed, names, strict=True))
    for event, result in zip(events, placed, strict=True):
        warnings += [replace(warning, about=event.name) for warning in result.warnings]
    warnings += overlap_warnings(events)
    drop = _drops(events[0].record.start, rate, warnings)
    name = chosen.name or where.removesuffix(".otio")
    cut = Cut(name, path, rate, drop, events, tuple(warnings))
    return ReadCut(cut, parsed, tuple(p.path for p in placed))


def _sequence_rate(timeline: otio.schema.Timeline, where: str) -> Fraction:
    """The rate most items of the video tracks are measured at; the start time breaks ties."""
    counts: Counter[Fraction] = Counter()
    for track in timeline.tracks:
        if isinstance(track, otio.schema.Track) and track.kind != otio.schema.TrackKind.Video:
            continue
        for item in [track, *track] if isinstance(track, otio.core.Composition) else [track]:
            span = _own_range(item)
            if span and (rate := known_rate(span.duration.rate)):
                counts[rate] += 1
    start = timeline.global_start_time
    preferred = known_rate(start.rate) if start else None
    if not counts:
        if preferred is None:
            raise TurnoverError(
                f"{where} has no picture event with a length at a known frame rate",
                hint="is its video track empty?",
            )
        return preferred
    most = max(counts.values())
    best = [rate for rate, n in counts.items() if n == most]
    return preferred if preferred in best and preferred is not None else best[0]


def _own_range(item: Any) -> otio.opentime.TimeRange | None:
    if not isinstance(item, otio.core.Item):
        return None
    if item.source_range:
        return item.source_range
    media = item.media_reference if isinstance(item, otio.schema.Clip) else None
    return media.available_range if media else None


def _record_start(
    timeline: otio.schema.Timeline, rate: Fraction, warnings: list[ProjectWarning]
) -> Fraction:
    """Record time of the timeline's first frame, in seconds."""
    start = timeline.global_start_time
    if start is None:
        return Fraction(0)
    told = known_rate(start.rate)
    if told == rate or told is None or start.value == 0:
        return Fraction(start.value) / rate
    if counting_base(told) == counting_base(rate):
        warnings.append(
            ProjectWarning(
                "record timecode",
                f"the timeline starts at frame {start.value:g} of {told} fps, its clips run at "
                f"{rate}; the frame number is kept",
                "check the first record timecode",
            )
        )
        return Fraction(start.value) / rate
    frame, off = snapped(seconds(start) * rate)
    if off:
        message = f"the timeline's start is no whole frame at {rate} fps; taken as frame {frame}"
        warnings.append(
            ProjectWarning("record timecode", message, "check the first record timecode")
        )
    return Fraction(frame) / rate


def _drops(first: int, rate: Fraction, warnings: list[ProjectWarning]) -> bool:
    """Whether record timecode drops, which .otio does not say: by a start on a whole hour."""
    if rate not in DROP_RATES:
        return False
    whole_hour = counting_base(rate) * 3600
    dropped_hour = whole_hour - 2 * (counting_base(rate) // 30) * 54
    if first and first % dropped_hour == 0:
        return True
    if first % whole_hour:
        message = f".otio does not say whether timecode at {rate} fps drops; read as non-drop"
        warnings.append(ProjectWarning("record timecode", message, "the EDL is printed non-drop"))
    return False


def _in_stack(stack: Any, node: dict[str, Any], placing: Placing) -> list[Placed]:
    """Events of everything in a stack, whose children all start at its own time 0."""
    result: list[Placed] = []
    number = 0
    for n, child in enumerate(stack):
        path = (*placing.path, "children", n)
        if isinstance(child, otio.schema.Track) and child.kind != otio.schema.TrackKind.Video:
            continue
        number += 1
        label = _track_label(placing.track, number)
        inner = replace(placing, path=path, track=label)
        child_node = node["children"][n]
        if isinstance(child, otio.schema.Track):
            result += _in_compound(child, child_node, inner, Fraction(0), top=True)
        elif isinstance(child, otio.core.Item):
            prefix = f"{placing.where} / " if placing.where else ""
            where = f"{prefix}{label} item 1"
            inner = replace(inner, where=where, number=_numbered(placing, 1))
            result += _item(child, child_node, inner, Fraction(0), NO_FADES)
    return result


def _track_label(outer: str, number: int) -> str:
    """V1, V2 ...; inside a compound its lowest track keeps the outer name."""
    if not outer:
        return f"V{number}"
    return outer if number == 1 else f"{outer}/V{number}"


def _numbered(placing: Placing, n: int) -> str:
    return f"{placing.number}.{n}" if placing.number else str(n)


def _in_compound(
    compound: Any, node: dict[str, Any], placing: Placing, at: Fraction, *, top: bool = False
) -> list[Placed]:
    """Events inside a Track or Stack that begins at `at` of its parent's time."""
    start, length = _extent(compound)
    retime = retime_of(compound)
    inner = placing.inside(at, start, length, retime.speed, compound.enabled)
    if inner is None or retime.reason:
        if not _has_picture(compound):
            return []
        reason = retime.reason or f"a speed of {float(retime.speed):g}"
        event = compound_event(compound, placing, at, length, reason)
        return [event] if event else []
    if isinstance(compound, otio.schema.Track):
        return _in_track(compound, node, inner if top else replace(inner, where=placing.where))
    return _in_stack(compound, node, inner)


def _in_track(track: Any, node: dict[str, Any], placing: Placing) -> list[Placed]:
    result: list[Placed] = []
    at = Fraction(0)
    children = list(track)
    number = 0
    for n, child in enumerate(children):
        if not isinstance(child, otio.core.Item):
            continue
        length = _extent(child)[1]
        if not isinstance(child, otio.schema.Gap):
            number += 1
            fades = _fades(children, n)
            where = f"{placing.where} / " if placing.where else ""
            place = replace(
                placing,
                path=(*placing.path, "children", n),
                where=f"{where}{placing.track} clip {number}",
                number=_numbered(placing, number),
            )
            result += _item(child, node["children"][n], place, at, fades)
        at += length
    return result


def _fades(children: list[Any], n: int) -> tuple[Fraction, Fraction]:
    """Seconds by which the transitions beside a track's item carry it past its start and end."""
    head = tail = Fraction(0)
    if n > 1 and isinstance(children[n - 1], otio.schema.Transition):
        head = seconds(children[n - 1].in_offset)
    if n + 2 < len(children) and isinstance(children[n + 1], otio.schema.Transition):
        tail = seconds(children[n + 1].out_offset)
    return head, tail


def _item(
    item: Any,
    node: dict[str, Any],
    placing: Placing,
    at: Fraction,
    fades: tuple[Fraction, Fraction],
) -> list[Placed]:
    if isinstance(item, otio.schema.Clip):
        placed = clip_event(item, node, placing, at, _extent(item), fades)
        return [placed] if placed else []
    if isinstance(item, otio.core.Composition):
        return _in_compound(item, node, placing, at)
    return []


def _has_picture(compound: Any) -> bool:
    return any(
        isinstance(child, otio.schema.Clip)
        or (isinstance(child, otio.core.Composition) and _has_picture(child))
        for child in compound
    )


def _extent(item: Any) -> tuple[Fraction, Fraction]:
    """(start, length) of an item in its own time, in seconds.

    Raises:
        TimecodeError: a clip with neither source range nor available range.
    """
    span = _own_range(item)
    if span is not None:
        return range_of(span)
    if isinstance(item, otio.schema.Track):
        return Fraction(0), sum(
            (_extent(x)[1] for x in item if isinstance(x, otio.core.Item)), Fraction(0)
        )
    if isinstance(item, otio.schema.Stack):
        return Fraction(0), max((_extent(x)[1] for x in item), default=Fraction(0))
    raise TimecodeError(
        f"{type(item).__name__} {item.name!r} has no length: neither a source range nor media "
        "with an available range",
        hint="relink the clip in the editing system and export again",
    )
