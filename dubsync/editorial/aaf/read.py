"""AAF in, as Avid Media Composer and Premiere Pro export it: compositions, effects, locators.

Clips on either side of a transition are listed with the overlap that it shows of them, as AAF
keeps them.  Source timecode is found by following each clip down to the tape or file it was
loaded from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.losses import APPROXIMATE, LOST, ODD
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedEvent,
    ProbedRange,
    ProbedTimeline,
    probed_range,
)
from dubsync.core.timeline.timecode import DROP_RATES
from dubsync.editorial.aaf.motion import available_of, line_keyframes, needed, one_clip
from dubsync.editorial.aaf.parts import (
    AafBuilder,
    Place,
    first_of,
    length_of,
    list_locators,
    trimmed,
)
from dubsync.editorial.aaf.process import aaf_mobs
from dubsync.editorial.aaf.source import follow, motion, rate_of, speed_of

Node = Mapping[str, Any]
DEEPEST = 32
MOST_EVENTS = 200_000
_KINDS = {"Picture": "V", "Sound": "A", "LegacyPicture": "V", "LegacySound": "A"}


def read_aaf(path: str) -> ProbedCut:
    """Every top composition of an AAF file.

    Raises:
        TurnoverError: pyaaf2 is not installed, the file is damaged, or it needs more time or
            memory than a composition can.
    """
    where = path.rsplit("/", 1)[-1]
    told = aaf_mobs(path, where)
    try:
        return _listed(told, path, where)
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
        raise TurnoverError(
            f"{where} is damaged: its objects do not hold what AAF asks of them ({error})",
            hint="export the sequence as AAF again, or as .otio or Final Cut Pro XML",
        ) from error


def _listed(told: Node, path: str, where: str) -> ProbedCut:
    builder = AafBuilder(told["mobs"])
    tops = [builder.mobs[key] for key in told["top"] if key in builder.mobs]
    timelines = tuple(_composition(mob, builder) for mob in tops)
    if not tops:
        masters = [mob for mob in builder.mobs.values() if mob["type"] == "MasterMob"]
        if not masters:
            raise TurnoverError(
                f"{where} holds no composition and no clip", hint="export the sequence as AAF"
            )
        timelines = (_bin(masters, builder),)
    builder.lose_effects(where)
    return builder.cut(path, "AAF", timelines)


def _composition(mob: Node, builder: AafBuilder) -> ProbedTimeline:
    name = str(mob["name"] or "untitled")
    slots = [slot for slot in mob["slots"] if rate_of(slot) is not None]
    timed = [slot for slot in slots if slot["kind"] in _KINDS]
    picture = [slot for slot in timed if _KINDS[slot["kind"]] == "V"] or timed
    rate = rate_of(picture[0]) if picture else None
    if rate is None:
        builder.lose(name, "the composition has no picture and no sound", ODD)
        return ProbedTimeline(name, None)
    start, drop = first_of(slots, rate, name, builder)
    place = Place(name, rate, drop, start, "")
    numbers: Counter[str] = Counter()
    labels: dict[int, str] = {}
    for slot in timed:
        letter = _KINDS[slot["kind"]]
        layers = [slot["segment"]]
        if slot["segment"]["type"] == "NestedScope":
            layers = slot["segment"]["parts"]
        for segment in layers:
            numbers[letter] += 1
            track = f"{letter}{numbers[letter]}"
            labels.setdefault(slot["id"], track)
            own = rate_of(slot) or rate
            _walk(segment, replace(place, track=track), own, Fraction(0), builder)
    list_locators(mob, place, labels, builder)
    lengths = [
        (e.record.stop or start) - start
        for e in builder.events
        if e.timeline == name and e.record and e.record.stop is not None
    ]
    return ProbedTimeline(name, rate, start, max(lengths, default=Fraction(0)), drop)


def _bin(masters: list[Node], builder: AafBuilder) -> ProbedTimeline:
    """A file of clips and no composition: each is listed by itself."""
    for mob in masters:
        for slot in mob["slots"]:
            rate, letter = rate_of(slot), _KINDS.get(slot["kind"])
            length = length_of(slot["segment"])
            if rate is None or letter is None or length is None:
                continue
            place = Place("bin", rate, False, Fraction(0), letter + str(slot["number"] or 1))
            _walk(slot["segment"], place, rate, Fraction(0), builder)
        for number, slot in enumerate(mob["slots"]):
            if slot["segment"]["type"] == "DescriptiveMarker" or slot["type"] == "EventMobSlot":
                place = Place("bin", rate_of(slot) or Fraction(24), False, Fraction(0), str(number))
                list_locators({"slots": [slot]}, place, {}, builder)
    builder.events[:] = [replace(event, record=None) for event in builder.events]
    return ProbedTimeline("bin", None)


def _walk(
    segment: Node, place: Place, rate: Fraction, at: Fraction, builder: AafBuilder
) -> Fraction:
    """List a segment that begins at edit unit `at` of its slot; how long it is."""
    if len(builder.events) > MOST_EVENTS or place.depth > DEEPEST:
        raise TurnoverError(
            f"{place.timeline}: more than {MOST_EVENTS} events, or nested more than {DEEPEST} deep",
            hint="flatten it in the editing system",
        )
    kind, length = segment["type"], length_of(segment)
    inner = replace(place, depth=place.depth + 1)
    if kind == "Sequence":
        return _sequence(segment, inner, rate, at, builder)
    if length is None:
        builder.lose(place.track, f"a {kind} without a length", ODD)
        return Fraction(0)
    record = place.record or (at, at + length)
    if kind in ("Filler", "ScopeReference"):
        _list(segment, "gap", "", record, None, place, rate, builder)
    elif kind == "SourceClip":
        _clip(segment, record, place, rate, builder)
    elif kind == "OperationGroup":
        _operation(segment, record, inner, rate, builder)
    elif kind in ("Selector", "EssenceGroup", "NestedScope") and segment["parts"]:
        others = segment.get("alternates") or len(segment["parts"]) - 1
        if others:
            builder.lose(
                place.track,
                f"a {kind} at {record[0]}: {others} alternatives "
                "or layers that do not show are not listed",
            )
        chosen = segment["parts"][-1 if kind == "NestedScope" else 0]
        _walk(chosen, replace(inner, record=record), rate, record[0], builder)
    else:
        builder.lose(place.track, f"a {kind} at {record[0]} is not listed")
    return length


def _sequence(
    sequence: Node, place: Place, rate: Fraction, at: Fraction, builder: AafBuilder
) -> Fraction:
    begin = at = place.record[0] if place.record else at
    whole = place.record
    parts = sequence["parts"]
    for part in parts:
        length = length_of(part)
        if part["type"] == "Transition" and length is not None:
            at -= length
            told = str(part.get("operation", ""))
            kind = next((k for k in ("dissolve", "wipe") if k in told.lower()), "transition")
            _list(part, kind, told, (at, at + length), None, place, rate, builder, transition=True)
            continue
        inner = replace(place, record=None)
        if whole and len(parts) == 1:
            inner = replace(place, record=whole)  # under a retime: the record's length, not its own
        at += _walk(part, inner, rate, at, builder)
    return at - begin


def _list(
    segment: Node,
    kind: str,
    name: str,
    record: tuple[Fraction, Fraction],
    source: ProbedRange | None,
    place: Place,
    rate: Fraction,
    builder: AafBuilder,
    *,
    reel: str = "",
    media: str = "",
    transition: bool = False,
    available: ProbedRange | None = None,
) -> None:
    scale = place.rate / rate
    shown = record[0] * scale, record[1] * scale
    if place.window:
        shown = max(shown[0], place.window[0]), min(shown[1], place.window[1])
    if shown[1] <= shown[0]:
        return
    keyframes = line_keyframes(source, record, place, rate)
    if not keyframes:
        source = trimmed(source, record, (shown[0] / scale, shown[1] / scale), rate, place, builder)
    length = round(shown[1] - shown[0])
    builder.events.append(
        ProbedEvent(
            tracks=(place.track,),
            name=name,
            kind=kind,
            record=probed_range(
                place.start + shown[0], place.start + shown[1], place.rate, place.drop
            ),
            source=source,
            reel=reel,
            speed=place.speed,
            media=media,
            number=str(len(builder.events) + 1),
            transition=length if transition else None,
            timeline=place.timeline,
            where=f"{place.track} at {record[0]}",
            available=available,
            keyframes=keyframes,
        )
    )


def _clip(
    clip: Node, record: tuple[Fraction, Fraction], place: Place, rate: Fraction, builder: AafBuilder
) -> None:
    sound = place.track.rsplit("/", 1)[-1].startswith("A")
    mob = builder.mobs.get(clip["mob"])
    if mob is None:
        empty = set(clip["mob"].replace("urn:smpte:umid:", "").replace(".", "")) <= {"0"}
        if not empty:
            builder.lose(
                place.track,
                f"a clip at {record[0]} plays {clip['mob']}, which the file does not hold",
                ODD,
                "relink it",
            )
        _list(clip, "gap" if empty else "unknown", "", record, None, place, rate, builder)
        return
    low = Fraction(int(clip["start"] or 0))
    length = length_of(clip) or Fraction(0)
    if mob["type"] == "CompositionMob":
        _nest(clip, mob, record, low, place, rate, builder)
        return
    if mob["type"] == "MasterMob" and clip["mob"] not in builder.marked:
        builder.marked.add(clip["mob"])
        _media_locators(mob, place, builder)
    followed = follow(clip, rate, builder.mobs)
    source = None
    if followed.rate is not None:
        first = followed.frame
        source = probed_range(
            first,
            first + length * followed.rate / rate,
            followed.rate,
            followed.drop and followed.rate in DROP_RATES,
        )
    _list(
        clip,
        "audio" if sound else "cut",
        str(mob["name"]) or followed.reel,
        record,
        source,
        place,
        rate,
        builder,
        reel=followed.reel,
        media=followed.path,
        available=available_of(source, followed),
    )


def _media_locators(mob: Node, place: Place, builder: AafBuilder) -> None:
    """Locators that stand in a clip's media: they have no record time of their own."""
    before = len(builder.markers)
    list_locators(mob, replace(place, start=Fraction(0)), {}, builder)
    builder.markers[before:] = [
        replace(marker, record=None, source=marker.record) for marker in builder.markers[before:]
    ]


def _nest(
    clip: Node,
    mob: Node,
    record: tuple[Fraction, Fraction],
    low: Fraction,
    place: Place,
    rate: Fraction,
    builder: AafBuilder,
) -> None:
    """A clip that plays another composition: a subclip or a nest."""
    name = str(mob["name"])
    slot = next((s for s in mob["slots"] if s["id"] == clip["slot"]), None)
    own = rate_of(slot) if slot else None
    _list(clip, "compound", name, record, None, place, rate, builder)
    if slot is None or own is None or clip["mob"] in place.mobs:
        builder.lose(place.track, f"{name!r} plays nothing that can be found, or itself", ODD)
        return
    if place.speed != 1:
        builder.lose(
            place.track,
            f"{name!r} is a retimed nest: its contents are not listed",
            LOST,
            "break it apart in the editing system",
        )
        return
    scale = place.rate / rate
    window = record[0] * scale, record[1] * scale
    if place.window:
        window = max(window[0], place.window[0]), min(window[1], place.window[1])
    letter = place.track.rsplit("/", 1)[-1][0]
    deeper = replace(
        place,
        track=f"{place.track}/{letter}1",
        window=window,
        record=None,
        mobs=(*place.mobs, clip["mob"]),
        depth=place.depth + 1,
    )
    begin = record[0] * own / rate - low * own / rate
    _walk(slot["segment"], deeper, own, begin, builder)


def _operation(
    group: Node,
    record: tuple[Fraction, Fraction],
    place: Place,
    rate: Fraction,
    builder: AafBuilder,
) -> None:
    name = str(group["operation"])
    parts = group["parts"]
    inner = replace(place, record=record)
    if "motion control" in name.lower() or "ratio" in group:
        line = motion(group)
        speed = speed_of(line, group)
        drawn = line if one_clip(parts) and place.speed == 1 else ()
        if not needed(drawn, speed, parts):
            drawn = ()
        if speed is None and not (drawn and group.get("straight")):
            builder.lose(
                place.track,
                f"{name!r} at {record[0]}: a speed that changes is listed "
                + ("with straight lines for its curves" if drawn else "without its curve"),
                APPROXIMATE,
            )
        both = None if speed is None or place.speed is None else place.speed * speed
        inner = replace(inner, speed=both, line=drawn)
    else:
        builder.effects[name] += 1
    if not parts:
        _list(group, "generator", name, record, None, place, rate, builder)
        return
    for n, part in enumerate(parts):
        # a second input lies over the first: a track of its own, within the effect's
        track = place.track if n == 0 else f"{place.track}/{place.track[0]}{n + 1}"
        _walk(part, replace(inner, track=track), rate, record[0], builder)
