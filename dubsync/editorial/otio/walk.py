"""Walks the tracks of a document from the top down, and computes every item's exact record time.

Times are fractions of a second: OpenTimelineIO's own flatten and transform lose nested stacks,
retimes and the speed of a parent (OpenTimelineIO#353, #1464).  A container with a constant
forward speed is an affine map of time; the contents of any other are not listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED, BLOCKS, LOST, ODD, REFUSES, WARNS
from dubsync.core.timeline.probed import ProbedEvent, probed_range
from dubsync.editorial.otio.clip import (
    GAPS,
    ItemSpan,
    available_of,
    identity_of,
    kind_of,
    source_of,
    speed_of,
)
from dubsync.editorial.otio.markers import gridded, list_markers
from dubsync.editorial.otio.nodes import (
    Node,
    available_in,
    list_in,
    media_of,
    path_of,
    reel_of,
    schema_of,
    text_in,
    time_in,
)
from dubsync.editorial.otio.place import Place
from dubsync.editorial.otio.renders import is_own_track
from dubsync.editorial.otio.time import rate_of
from dubsync.editorial.otio.timelines import TRACKS, Keys, contents_of, displaced, extent_of
from dubsync.editorial.timeline.cut_builder import CutBuilder
from dubsync.editorial.timeline.nested_time import AffineTime

#: Most levels of nesting; real programmes have fewer.
DEEPEST = 60
_AGAIN = "export the timeline again"


@dataclass(frozen=True, slots=True)
class _Item:
    """An item of a track: its number there, and its place, for messages."""

    number: str
    where: str


def list_timeline(stack: Node, place: Place, builder: CutBuilder) -> None:
    """List every item of a timeline's stack of tracks, and the markers of the timeline.

    Raises:
        TimecodeError: an invalid time.
        TurnoverError: damaged, a cycle, or nested too deep.
    """
    _stack(stack, place, builder)
    list_markers(stack, place, builder)


def list_bin(clips: Sequence[tuple[Node, Keys]], place: Place, builder: CutBuilder) -> None:
    """List the clips of a collection and their markers, which have media time only.

    Raises:
        TurnoverError: damaged, a cycle, or nested too deep.
    """
    events, markers = len(builder.events), len(builder.markers)
    for n, (node, keys) in enumerate(clips, start=1):
        inner = replace(place, track="V1", label="V1", keys=keys)
        at = extent_of(node, text_in(node, "name"))[0]
        _item(node, inner, builder, at, _Item(str(n), f"clip {n}"))
    builder.events[events:] = [replace(one, record=None) for one in builder.events[events:]]
    builder.markers[markers:] = [
        replace(one, record=None, source=one.record) for one in builder.markers[markers:]
    ]


def _stack(stack: Node, place: Place, builder: CutBuilder) -> None:
    numbers: Counter[str] = Counter()
    offsets = _displaced_in(stack, place, builder) if place.depth else place.offsets
    for n, child in enumerate(list_in(stack, "children")):
        if is_own_track(child):
            continue
        kind = text_in(child, "kind")
        if schema_of(child) in TRACKS and kind not in ("", "Video", "Audio"):
            items = len(list_in(child, "children"))
            what = f"track {text_in(child, 'name')[:60]!r} of kind {kind[:40]!r} is not listed; "
            builder.lose(place.timeline, f"{what}number of its items: {items}")
            continue
        sound = schema_of(child) in TRACKS and text_in(child, "kind") == "Audio"
        letter = "A" if sound else "V"
        numbers[letter] += 1
        name = f"{letter}{numbers[letter]}"
        label = f"{place.label}/{name}" if place.label else name
        inner = replace(
            place.child(n),
            track=f"{place.track}/{name}" if place.track else name,
            label=place.label if place.label and name == "V1" else label,
            sound=sound or place.sound,
        )
        if schema_of(child) in TRACKS:
            here = _Item(inner.number or "1", f"{inner.inside}{inner.label}")
            at = offsets.get(n)
            inner = replace(inner, offsets={})
            _compound(
                child, inner, builder, at or Fraction(0), here, top=True, whole=at is not None
            )
        else:
            here = _Item(inner.numbered(1), f"{inner.inside}{inner.label} item 1")
            _item(child, inner, builder, Fraction(0), here)


def _displaced_in(stack: Node, place: Place, builder: CutBuilder) -> dict[int, Fraction]:
    """Index of a nest's track whose range lies outside its contents -> where the track begins.

    Such a range states record time (a list through OpenTimelineIO's own EDL adapter), and a nest
    has none: its tracks keep their distance, and the first begins with the nest.
    """
    moved: dict[int, Fraction] = {}
    for n, child in enumerate(list_in(stack, "children")):
        at = displaced(child, place.track) if schema_of(child) in TRACKS else None
        if at is not None:
            moved[n] = at
    if moved:
        what = "the range of a nested track lies outside its contents, which are listed from the "
        hint = "compare the first frame of the nest with the editing system"
        turnover = "" if place.sound else WARNS
        builder.lose(
            place.inside.removesuffix(" / "), f"{what}nest's start", ASSUMED, hint, turnover
        )
    return {n: at - min(moved.values()) for n, at in moved.items()}


def _compound(
    node: Node,
    place: Place,
    builder: CutBuilder,
    at: Fraction,
    here: _Item,
    *,
    top: bool = False,
    whole: bool = False,
) -> None:
    """List the contents of a track or stack that begins at `at` of its parent's time.

    Args:
        top: it is a track of a stack, and no item of a track.
        whole: list all of its contents, whatever its range.
    """
    if place.depth > DEEPEST:
        raise TurnoverError(f"{place.track} is nested more than {DEEPEST} levels deep", hint=_AGAIN)
    name = text_in(node, "name") or place.track
    start, length = (Fraction(0), contents_of(node, name)) if whole else extent_of(node, name)
    speed = speed_of(node, builder, here.where)
    enabled = place.enabled and node.get("enabled", True) is not False
    shown = place.placing.shown(at, length)
    if shown is None and length > 0:
        return
    if speed is None or speed <= 0:
        if top and shown is not None:
            _list_unopened(node, place, builder, shown, here)
        builder.lose(
            here.where,
            f"{name!r} is nested and runs backwards or at a varying speed: its contents are not "
            "listed",
            LOST,
            "flatten it in the editing system",
            "" if place.sound else BLOCKS,
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
    if not top:
        deeper = replace(deeper, number=here.number, inside=f"{here.where} / ")
    if top:
        list_markers(node, deeper, builder)
    if schema_of(node) in TRACKS:
        _track(node, deeper, builder)
    else:
        _stack(node, deeper, builder)


def _list_unopened(
    track: Node,
    place: Place,
    builder: CutBuilder,
    shown: tuple[Fraction, Fraction],
    here: _Item,
) -> None:
    """List a whole track as one event, because its contents cannot be listed."""
    if place.sound:
        return
    record = probed_range(shown[0] * place.rate, shown[1] * place.rate, place.rate, place.drop)
    name = text_in(track, "name")
    builder.events.append(
        ProbedEvent(
            (place.track,),
            name,
            "compound",
            record,
            None,
            speed=None,
            number=str(len(builder.events) + 1),
            enabled=place.enabled and track.get("enabled", True) is not False,
            timeline=place.timeline,
            where=here.where,
            identity=identity_of(track, None, place.label, place.keys, here.where),
        )
    )


def _track(track: Node, place: Place, builder: CutBuilder) -> None:
    at, number = Fraction(0), 0
    for n, child in enumerate(list_in(track, "children")):
        if schema_of(child) == "Transition":
            _transition(child, place, builder, at)
            continue
        number += schema_of(child) not in GAPS
        here = _Item(place.numbered(number), f"{place.inside}{place.label} clip {number}")
        if schema_of(child) in GAPS:
            here = replace(here, where=f"{place.inside}{place.label}")
        _item(child, place.child(n), builder, at, here)
        at += extent_of(child, place.track)[1]


def _transition(node: Node, place: Place, builder: CutBuilder, at: Fraction) -> None:
    name = text_in(node, "name")
    before, after = (time_in(node.get(key), name) for key in ("in_offset", "out_offset"))
    head, tail = (t[0] / rate_of(t[1]) if t else Fraction(0) for t in (before, after))
    shown = place.placing.shown(at - head, head + tail)
    if shown is None:
        builder.lose(place.track, f"transition {name!r} has no length", ODD)
        return
    stated = text_in(node, "transition_type")
    kind = next((k for k in ("dissolve", "wipe") if k in f"{stated} {name}".lower()), "transition")
    record = probed_range(shown[0] * place.rate, shown[1] * place.rate, place.rate, place.drop)
    builder.events.append(
        ProbedEvent(
            (place.track,),
            name or stated,
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


def _item(node: Any, place: Place, builder: CutBuilder, at: Fraction, here: _Item) -> None:
    schema = schema_of(node)
    if not schema:
        what = f"{node!s:.40} is not a clip: it has no schema"
        builder.lose(here.where, what, LOST, _AGAIN, "" if place.sound else REFUSES)
        return
    if schema == "SerializableObjectRef":
        raise TurnoverError(f"{place.track} holds the same object twice, or a cycle", hint=_AGAIN)
    start, length = extent_of(node, text_in(node, "name"))
    _note_damage(node, place, builder, here.where)
    shown = place.placing.shown(at, length)
    if shown is None:
        return
    nested = schema in ("Stack", *TRACKS)
    listed = len(builder.events)
    builder.events.append(
        _event(node, place, builder, ItemSpan(at, start, length, shown), here, nested)
    )
    list_markers(
        node, replace(place, placing=place.placing.nested(at, start, Fraction(1), shown)), builder
    )
    if nested:
        losses = len(builder.losses)
        _compound(node, place, builder, at, here)
        if len(builder.events) == listed + 1:
            _note_empty(node, place, builder, here.where, start, length)
        if len(builder.events) == listed + 1 and len(builder.losses) == losses:
            # Nothing in it is visible, and nothing in it was lost.
            builder.events[listed] = replace(builder.events[listed], kind="gap")


def _note_empty(
    node: Node, place: Place, builder: CutBuilder, where: str, start: Fraction, length: Fraction
) -> None:
    """Report a nest whose range lies outside its contents, so that nothing of it is shown."""
    contents = contents_of(node, where)
    if contents and (start >= contents or start + length <= 0):
        what = f"{text_in(node, 'name')!r}: its range lies outside its contents, which are not "
        hint = "flatten it in the editing system, and export again"
        builder.lose(where, f"{what}listed", LOST, hint, "" if place.sound else BLOCKS)


def _event(
    node: Node, place: Place, builder: CutBuilder, span: ItemSpan, here: _Item, nested: bool
) -> ProbedEvent:
    """An item as an event, without its contents."""
    name, where = text_in(node, "name"), here.where
    first, last = gridded(span.shown, place, builder, name, where)
    record = probed_range(first * place.rate, last * place.rate, place.rate, place.drop)
    kind = kind_of(node, where, place.sound, builder)
    # The losses of a compound's speed are reported with its contents.
    notes = CutBuilder() if nested else builder
    speed = speed_of(node, notes, where, "" if place.sound else BLOCKS)
    source = None
    if schema_of(node) == "Clip":
        source = source_of(node, span, place.placing, place.drop, speed, where, builder)
    if speed is not None:
        speed /= place.placing.scale
        if speed < 0 and schema_of(node) == "Clip":
            what = f"{name!r} runs backwards; systems differ on which end its source range names"
            turnover = "" if place.sound else WARNS
            builder.lose(where, what, APPROXIMATE, "check its first and last frame", turnover)
    media, label = media_of(node), f"{where}, {name!r}"
    return ProbedEvent(
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
        where=where,
        available=available_of(media, source, label),
        identity=identity_of(node, source, f"{place.label}{here.number}", place.keys, label),
    )


def _note_damage(node: Node, place: Place, builder: CutBuilder, where: str) -> None:
    """Report damage to a clip that makes a turnover impossible: no length or no references."""
    if schema_of(node) != "Clip" or place.sound:
        return
    name = text_in(node, "name")
    if node.get("source_range") is None and available_in(node) is None:
        what = f"{name!r} has no length: neither a source range nor media with an available range"
        hint = "relink the clip in the editing system and export again"
        builder.lose(where, what, LOST, hint, REFUSES)
    references = node.get("media_references")
    if references is not None and not isinstance(references, dict):
        what = f"{name!r}: its media references are damaged, and not listed"
        builder.lose(where, what, LOST, _AGAIN, REFUSES)
