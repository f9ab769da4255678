"""OpenTimelineIO in, whole: every track, gap, transition, marker and nest of a document.

Where `otio_read` makes a Cut of the picture, this walks the document's own dictionaries, so what
OpenTimelineIO does not know (UnknownSchema) is listed as such, and nothing reaches its C++.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED, LOST, ODD
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedEvent,
    ProbedMarker,
    ProbedRange,
    ProbedTimeline,
    probed_range,
)
from dubsync.core.timeline.timecode import DROP_RATES, counting_base
from dubsync.editorial.otio.nodes import (
    Node,
    available_in,
    is_number,
    list_in,
    media_of,
    path_of,
    reel_of,
    schema_of,
    span_in,
    text_in,
    time_in,
)
from dubsync.editorial.otio.text import document
from dubsync.editorial.otio.time import known_rate, rate_of, snapped
from dubsync.editorial.otio.timelines import (
    TRACKS,
    drops_from,
    extent_of,
    sequence_rate,
    timelines_in,
)
from dubsync.editorial.timeline.cut_builder import CutBuilder
from dubsync.editorial.timeline.nested_time import AffineTime

_GAPS = ("Gap", "Filler")
_WARPS = ("LinearTimeWarp", "FreezeFrame")
#: Nests deeper than this are no programme.
DEEPEST = 60
_AGAIN = "export the timeline again"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk stands."""

    timeline: str
    rate: Fraction
    drop: bool
    placing: AffineTime
    track: str = ""
    sound: bool = False
    enabled: bool = True
    depth: int = 0


def read_otio_whole(text: str, *, path: str = "") -> ProbedCut:
    """Every timeline of an .otio document.

    Raises:
        TimecodeError: a time that cannot exist (NaN, rate 0, a negative duration).
        TurnoverError: damaged, hostile, or with no timeline in it.
    """
    where = path.rsplit("/", 1)[-1] or "the document"
    root = document(text, where)
    builder = CutBuilder()
    tops = timelines_in(root, where)
    timelines = tuple(_timeline(node, builder, where) for node in tops)
    builder.lose_effects(where)
    return builder.cut(path, "OpenTimelineIO", timelines)


def _timeline(node: Node, builder: CutBuilder, where: str) -> ProbedTimeline:
    name = text_in(node, "name") or "untitled"
    stack = node.get("tracks")
    if schema_of(stack) != "Stack":
        raise TurnoverError(f"{where}: timeline {name[:60]!r} has no stack of tracks", hint=_AGAIN)
    assert isinstance(stack, dict)
    rate = sequence_rate(node, stack)
    if rate is None:
        builder.lose(where, f"timeline {name!r} holds nothing with a length", ODD)
        return ProbedTimeline(name, None)
    start = Fraction(0)
    begin = time_in(node.get("global_start_time"), name)
    if begin is not None:
        told = known_rate(begin[1])
        same = told is not None and counting_base(told) == counting_base(rate)
        start = begin[0] / rate if same else begin[0] / rate_of(begin[1])
        if told is not None and told != rate:
            builder.lose(
                name,
                f"starts at {float(begin[0]):g} of {told} fps, its clips run at {rate}; counted so",
                ODD,
            )
    else:
        builder.lose(name, "names no first timecode; counted from 00:00:00:00", ASSUMED)
    drop = drops_from(start * rate, rate)
    if rate in DROP_RATES:
        builder.lose(
            name,
            f".otio does not say whether timecode at {rate} fps drops; "
            f"shown {'drop' if drop else 'non-drop'}",
            ASSUMED,
        )
    shift, window = start, None
    span = span_in(stack.get("source_range"), name)
    if span is not None:
        shift, window = start - span[0], (start, start + span[1])
    place = _Place(name, rate, drop, AffineTime(shift=shift, window=window))
    _stack(stack, place, builder)
    _markers(stack, place, builder)
    length = extent_of(stack, name)[1]
    return ProbedTimeline(name, rate, start * rate, length * rate, drop)


def _stack(stack: Node, place: _Place, builder: CutBuilder) -> None:
    numbers: Counter[str] = Counter()
    for child in list_in(stack, "children"):
        sound = schema_of(child) in TRACKS and text_in(child, "kind") == "Audio"
        letter = "A" if sound else "V"
        numbers[letter] += 1
        label = f"{letter}{numbers[letter]}"
        inner = replace(
            place,
            track=f"{place.track}/{label}" if place.track else label,
            sound=sound or place.sound,
        )
        if schema_of(child) in TRACKS:
            _compound(child, inner, builder, Fraction(0), top=True)
        else:
            _item(child, inner, builder, Fraction(0))


def _compound(
    node: Node, place: _Place, builder: CutBuilder, at: Fraction, *, top: bool = False
) -> None:
    """The contents of a track or stack that begins at `at` of its parent's time."""
    if place.depth > DEEPEST:
        raise TurnoverError(f"{place.track} is nested more than {DEEPEST} deep", hint=_AGAIN)
    name = text_in(node, "name") or place.track
    start, length = extent_of(node, name)
    speed = _speed(node, builder, name)
    enabled = place.enabled and node.get("enabled", True) is not False
    shown = place.placing.shown(at, length)
    if shown is None and length > 0:
        return
    if speed is None or speed <= 0:
        builder.lose(
            place.track,
            f"{name!r} is nested and runs backwards or at a "
            "changing speed: its contents are not listed",
            LOST,
            "flatten it in the editing system",
        )
        return
    window = shown if node.get("source_range") or not top else place.placing.window
    inner = (
        place.placing.nested(at, start, speed, window)
        if window
        else AffineTime(
            place.placing.scale / speed,
            place.placing.scale * at + place.placing.shift - place.placing.scale / speed * start,
        )
    )
    deeper = replace(place, placing=inner, enabled=enabled, depth=place.depth + 1)
    if top:
        _markers(node, deeper, builder)
    if schema_of(node) in TRACKS:
        _row(node, deeper, builder)
    else:
        _stack(node, deeper, builder)


def _row(track: Node, place: _Place, builder: CutBuilder) -> None:
    at = Fraction(0)
    for child in list_in(track, "children"):
        if schema_of(child) == "Transition":
            _transition(child, place, builder, at)
            continue
        _item(child, place, builder, at)
        at += extent_of(child, place.track)[1]


def _transition(node: Node, place: _Place, builder: CutBuilder, at: Fraction) -> None:
    name = text_in(node, "name")
    before, after = (time_in(node.get(key), name) for key in ("in_offset", "out_offset"))
    head, tail = (t[0] / rate_of(t[1]) if t else Fraction(0) for t in (before, after))
    shown = place.placing.shown(at - head, head + tail)
    if shown is None:
        builder.lose(place.track, f"transition {name!r} has no length", ODD)
        return
    told = text_in(node, "transition_type")
    kind = next((k for k in ("dissolve", "wipe") if k in f"{told} {name}".lower()), "transition")
    record = probed_range(shown[0] * place.rate, shown[1] * place.rate, place.rate, place.drop)
    builder.events.append(
        ProbedEvent(
            (place.track,),
            name or told,
            kind,
            record,
            None,
            number=str(len(builder.events) + 1),
            transition=round(record.length or 0),
            timeline=place.timeline,
            enabled=place.enabled,
            where=place.track,
        )
    )


def _item(node: Any, place: _Place, builder: CutBuilder, at: Fraction) -> None:
    schema = schema_of(node)
    if not schema:
        raise TurnoverError(f"{place.track}: {node!s:.40} where a clip should be", hint=_AGAIN)
    if schema == "SerializableObjectRef":
        raise TurnoverError(f"{place.track} holds the same object twice, or a cycle", hint=_AGAIN)
    name = text_in(node, "name")
    start, length = extent_of(node, name)
    shown = place.placing.shown(at, length)
    if shown is None:
        return
    first, last = _gridded(shown, place, builder, name)
    record = probed_range(first * place.rate, last * place.rate, place.rate, place.drop)
    nested = schema in ("Stack", *TRACKS)
    kind = _kind(node, schema, place, builder)
    speed = _speed(node, builder, name)
    media = media_of(node)
    source = None
    if schema == "Clip":
        source = _source(node, shown, place, (at, start, length), speed, builder)
    if speed is not None:
        speed /= place.placing.scale
    if speed is not None and speed < 0 and schema == "Clip":
        builder.lose(
            place.track,
            f"{name!r} runs backwards; systems differ on which end its source range names",
            APPROXIMATE,
        )
    builder.events.append(
        ProbedEvent(
            tracks=(place.track,),
            name=name,
            kind=kind,
            record=record,
            source=source,
            reel=reel_of(node, media),
            speed=speed,
            media=path_of(media),
            number=str(len(builder.events) + 1),
            enabled=place.enabled and node.get("enabled", True) is not False,
            timeline=place.timeline,
            where=place.track,
            available=_available(node, source, name),
        )
    )
    _markers(
        node, replace(place, placing=place.placing.nested(at, start, Fraction(1), shown)), builder
    )
    if nested:
        _compound(node, place, builder, at)


def _gridded(
    shown: tuple[Fraction, Fraction], place: _Place, builder: CutBuilder, name: str
) -> tuple[Fraction, Fraction]:
    """Record seconds with a float's rounding taken off."""
    edges = []
    for edge in shown:
        frame, off = snapped(edge * place.rate)
        if off and not place.sound:
            builder.lose(
                place.track,
                f"{name!r} begins or ends between frames at {place.rate} fps; listed exactly",
                ODD,
            )
        edges.append(edge if off else frame / place.rate)
    return edges[0], edges[1]


def _kind(node: Node, schema: str, place: _Place, builder: CutBuilder) -> str:
    if schema in _GAPS:
        return "gap"
    if schema in ("Stack", *TRACKS):
        return "compound"
    if schema != "Clip":
        what = f"{text_in(node, 'name')!r} is a {schema[:40]}, which nobody here knows"
        builder.lose(place.track, what, LOST, "export it as an ordinary clip")
        return "unknown"
    media = media_of(node)
    if schema_of(media) == "GeneratorReference":
        told = text_in(media, "generator_kind")
        return told if told in ("title", "caption", "adjustment") else "generator"
    return "audio" if place.sound else "cut"


def _source(
    node: Node,
    shown: tuple[Fraction, Fraction],
    place: _Place,
    extent: tuple[Fraction, Fraction, Fraction],
    speed: Fraction | None,
    builder: CutBuilder,
) -> Any:
    """Source frames of a clip; its media is consumed from the start of its source range."""
    at, start, length = extent
    span = node.get("source_range") or available_in(node)
    told = time_in(span.get("start_time"), "") if isinstance(span, dict) else None
    if told is None:
        return None
    rate = rate_of(told[1])
    own = place.placing.own(shown, at, Fraction(0))
    if speed is None:
        return probed_range(start * rate, (start + length) * rate, rate)
    low, high = own if speed >= 0 else (length - own[1], length - own[0])
    first = start + low * abs(speed)
    last = start + high * abs(speed) if speed else first + 1 / rate
    edges = [snapped(edge * rate) for edge in (first, last)]
    exact = [
        edge * rate if off else Fraction(frame)
        for (frame, off), edge in zip(edges, (first, last), strict=True)
    ]
    return probed_range(exact[0], exact[1], rate, place.drop and rate in DROP_RATES)


def _available(node: Node, source: ProbedRange | None, name: str) -> ProbedRange | None:
    """Every frame a clip's media is said to have, at its source's rate."""
    span = span_in(available_in(node), name) if source is not None else None
    if span is None or source is None or source.rate is None or not span[1]:
        return None
    first, last = span[0] * source.rate, (span[0] + span[1]) * source.rate
    edges = [edge if off else Fraction(frame)
             for edge, (frame, off) in ((e, snapped(e)) for e in (first, last))]  # fmt: skip
    return probed_range(edges[0], edges[1], source.rate, ";" in source.text[0])


def _speed(node: Node, builder: CutBuilder, where: str) -> Fraction | None:
    """All speed effects of an item, multiplied; None where it changes."""
    speed: Fraction | None = Fraction(1)
    for effect in list_in(node, "effects"):
        schema = schema_of(effect)
        if schema in _WARPS:
            scalar = effect.get("time_scalar", 1.0) if schema == "LinearTimeWarp" else 0.0
            if not is_number(scalar) or abs(scalar) > 1000:
                raise TimecodeError(f"{where}: a speed of {scalar!s:.40} cannot exist")
            if speed is not None:
                speed *= Fraction(scalar).limit_denominator(1_000_000)
        elif any(word in schema for word in ("Time", "Speed", "Warp")) and schema != "Effect":
            speed = None
            builder.lose(where, f"a speed that changes ({schema[:40]}) is not listed")
        else:
            builder.effects[text_in(effect, "effect_name") or schema or "?"] += 1
    return speed


def _markers(node: Node, place: _Place, builder: CutBuilder) -> None:
    for marker in list_in(node, "markers"):
        name = text_in(marker, "name")
        span = (
            span_in(marker.get("marked_range"), f"marker {name}")
            if isinstance(marker, dict)
            else None
        )
        if span is None:
            builder.lose(place.track, f"marker {name!r} has no place", ODD)
            continue
        edges = place.placing.record(span[0], span[1])
        start, stop = _gridded(edges, replace(place, sound=True), builder, name)
        record = probed_range(start * place.rate, stop * place.rate, place.rate, place.drop)
        builder.markers.append(
            ProbedMarker(
                name,
                "marker",
                record,
                colour=text_in(marker, "color"),
                comment=text_in(marker, "comment"),
                track=place.track,
                timeline=place.timeline,
                where=place.track,
            )
        )
