"""Reads AAF, as exported by Avid Media Composer and Premiere Pro: compositions, effects, locators.

Clips on both sides of a transition are listed with their overlap, as in AAF.  The source timecode
is found by following each clip to its tape or file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.losses import APPROXIMATE, BLOCKS, LOST, ODD, REFUSES, WARNS
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedTimeline,
    probed_range,
)
from dubsync.core.timeline.timecode import DROP_RATES
from dubsync.editorial.aaf.census import report_slots, report_unread
from dubsync.editorial.aaf.items import Item, list_item
from dubsync.editorial.aaf.motion import adds_to_speed, available_of, one_clip
from dubsync.editorial.aaf.parts import (
    MOST_FRAMES,
    AafBuilder,
    Context,
    code_rate,
    first_timecode,
    length_of,
    list_locators,
)
from dubsync.editorial.aaf.process import aaf_mobs
from dubsync.editorial.aaf.source import follow, motion_line, rate_of, speed_of

Node = Mapping[str, Any]
DEEPEST = 32
MOST_EVENTS = 200_000
_KINDS = {"Picture": "V", "Sound": "A", "LegacyPicture": "V", "LegacySound": "A"}


def read_aaf(path: str) -> ProbedCut:
    """The top-level compositions of an AAF file.

    Raises:
        TurnoverError: pyaaf2 is not installed, the file is damaged, or it exceeds the limits of
            time or memory.
    """
    where = path.rsplit("/", 1)[-1]
    dump = aaf_mobs(path, where)
    try:
        return _listed(dump, path, where)
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
        raise TurnoverError(
            f"{where} is damaged: its objects are not valid AAF ({error})",
            hint="export the sequence as AAF again, or as .otio or Final Cut Pro XML",
        ) from error


def _listed(dump: Node, path: str, where: str) -> ProbedCut:
    builder = AafBuilder(dump["mobs"])
    tops = [builder.mobs[key] for key in dump["top"] if key in builder.mobs]
    timelines = tuple(_composition(mob, builder) for mob in tops)
    if not tops:
        masters = [mob for mob in builder.mobs.values() if mob["type"] == "MasterMob"]
        if not masters:
            raise TurnoverError(
                f"{where} has no composition and no clip", hint="export the sequence as AAF"
            )
        timelines = (_bin(masters, builder),)
    builder.lose_effects(where)
    report_unread(dump, builder, where)
    return builder.cut(path, "AAF", timelines)


def _composition(mob: Node, builder: AafBuilder) -> ProbedTimeline:
    name = str(mob["name"] or "untitled")
    slots = [slot for slot in mob["slots"] if rate_of(slot) is not None]
    timed = [slot for slot in slots if slot["kind"] in _KINDS]
    report_slots(mob, name, builder, _KINDS)
    rate = _record_rate(slots, timed, name, builder)
    if rate is None:
        builder.lose(name, "the composition has no picture and no sound", ODD)
        return ProbedTimeline(name, None)
    start, drop = first_timecode(slots, rate, name, builder)
    context = Context(name, rate, drop, start, "")
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
            _walk(segment, replace(context, track=track), own, Fraction(0), builder)
    list_locators(mob, context, labels, builder)
    lengths = [
        (e.record.stop or start) - start
        for e in builder.events
        if e.timeline == name and e.record and e.record.stop is not None
    ]
    return ProbedTimeline(name, rate, start, max(lengths, default=Fraction(0)), drop)


def _record_rate(
    slots: list[Node], timed: list[Node], name: str, builder: AafBuilder
) -> Fraction | None:
    """The rate of the picture; of sound alone, that of the timecode. None without either."""
    picture = [slot for slot in timed if _KINDS[slot["kind"]] == "V"]
    if picture or not timed:
        return rate_of(picture[0]) if picture else None
    own = rate_of(timed[0])
    if own is not None and own <= MOST_FRAMES:
        return own
    codes = [slot for slot in slots if slot["segment"]["type"] == "Timecode"]
    stated = code_rate(codes[0]) if codes else None
    if stated is None:
        what = "has sound alone and no timecode: its times are counted in samples"
        builder.lose(name, what, ODD, "export it with timecode, or with a picture track")
    return stated or own


def _bin(masters: list[Node], builder: AafBuilder) -> ProbedTimeline:
    """List the clips of a file without a composition."""
    for mob in masters:
        for slot in mob["slots"]:
            rate, letter = rate_of(slot), _KINDS.get(slot["kind"])
            length = length_of(slot["segment"])
            if rate is None or letter is None or length is None:
                continue
            context = Context("bin", rate, False, Fraction(0), letter + str(slot["number"] or 1))
            _walk(slot["segment"], context, rate, Fraction(0), builder)
        for number, slot in enumerate(mob["slots"]):
            if slot["segment"]["type"] == "DescriptiveMarker" or slot["type"] == "EventMobSlot":
                context = Context(
                    "bin", rate_of(slot) or Fraction(24), False, Fraction(0), str(number)
                )
                list_locators({"slots": [slot]}, context, {}, builder)
    builder.events[:] = [replace(event, record=None) for event in builder.events]
    return ProbedTimeline("bin", None)


def _walk(
    segment: Node, context: Context, rate: Fraction, at: Fraction, builder: AafBuilder
) -> Fraction:
    """List a segment that begins at edit unit `at` of its slot; return its length."""
    if len(builder.events) > MOST_EVENTS or context.depth > DEEPEST:
        raise TurnoverError(
            f"{context.timeline}: over {MOST_EVENTS} events, or nested over {DEEPEST} deep",
            hint="flatten it in the editing system, and export again",
        )
    kind, length = segment["type"], length_of(segment)
    inner = replace(context, depth=context.depth + 1)
    if kind == "Sequence":
        return _sequence(segment, inner, rate, at, builder)
    if kind == "Damaged":
        what = f"an object at {at} is damaged ({segment.get('why', '')}): it is not listed, and "
        what += "what follows it may be misplaced"
        hint = "export the sequence as AAF again"
        builder.lose(context.track, what, LOST, hint, _picture(context, REFUSES))
        return Fraction(0)
    if length is None:
        builder.lose(context.track, f"a {kind} has no length", ODD, "", _picture(context, WARNS))
        return Fraction(0)
    record = context.record or (at, at + length)
    if kind in ("Filler", "ScopeReference"):
        list_item(Item("gap", "", record), context, rate, builder)
    elif kind == "SourceClip":
        _clip(segment, record, context, rate, builder)
    elif kind == "OperationGroup":
        _operation(segment, record, inner, rate, builder)
    elif kind == "NestedScope" and segment["parts"]:
        _layers("", segment["parts"], record, inner, rate, builder)
    elif kind in ("Selector", "EssenceGroup") and segment["parts"]:
        others = segment.get("alternates") or len(segment["parts"]) - 1
        if others:
            builder.lose(
                context.track, f"a {kind} at {record[0]}: {others} alternatives are not listed"
            )
        _walk(segment["parts"][0], replace(inner, record=record), rate, record[0], builder)
    else:
        what = f"a {kind} at {record[0]} is not listed"
        builder.lose(context.track, what, LOST, "", _picture(context, WARNS))
    return length


def _picture(context: Context, turnover: str) -> str:
    """The effect of a loss on turnover: none for sound."""
    return "" if context.track.rsplit("/", 1)[-1].startswith("A") else turnover


def _layers(
    name: str,
    parts: Sequence[Node],
    record: tuple[Fraction, Fraction],
    context: Context,
    rate: Fraction,
    builder: AafBuilder,
) -> None:
    """List collapsed layers, lowest first, as a compound: one track inside it for each."""
    list_item(Item("compound", name, record), context, rate, builder)
    if context.speed != 1:
        what = f"layers at {record[0]} are retimed: their contents are not listed"
        hint = "break them apart in the editing system"
        builder.lose(context.track, what, LOST, hint, _picture(context, BLOCKS))
        return
    letter = context.track.rsplit("/", 1)[-1][0]
    for n, part in enumerate(parts, start=1):
        inner = replace(context, track=f"{context.track}/{letter}{n}", record=record)
        _walk(part, inner, rate, record[0], builder)


def _sequence(
    sequence: Node, context: Context, rate: Fraction, at: Fraction, builder: AafBuilder
) -> Fraction:
    begin = at = context.record[0] if context.record else at
    whole = context.record
    parts = sequence["parts"]
    for part in parts:
        length = length_of(part)
        if part["type"] == "Transition" and length is not None:
            at -= length
            operation = str(part.get("operation", ""))
            words = operation.lower()
            kind = next((k for k in ("dissolve", "wipe") if k in words), "transition")
            item = Item(kind, operation, (at, at + length), transition=True)
            list_item(item, context, rate, builder)
            continue
        inner = replace(context, record=None)
        if whole and len(parts) == 1:
            # under a retime: the record's length, not the segment's own
            inner = replace(context, record=whole)
        at += _walk(part, inner, rate, at, builder)
    return at - begin


def _clip(
    clip: Node,
    record: tuple[Fraction, Fraction],
    context: Context,
    rate: Fraction,
    builder: AafBuilder,
) -> None:
    sound = context.track.rsplit("/", 1)[-1].startswith("A")
    mob = builder.mobs.get(clip["mob"])
    builder.used.add(clip["mob"])
    if mob is None:
        empty = set(clip["mob"].replace("urn:smpte:umid:", "").replace(".", "")) <= {"0"}
        if not empty:
            builder.lose(
                context.track,
                f"a clip at {record[0]} plays {clip['mob']}, which is not in the file",
                ODD,
                "relink it, and export again",
            )
        list_item(Item("gap" if empty else "unknown", "", record), context, rate, builder)
        return
    low = Fraction(int(clip["start"] or 0))
    length = length_of(clip) or Fraction(0)
    if mob["type"] == "CompositionMob":
        _nest(clip, mob, record, low, context, rate, builder)
        return
    if mob["type"] == "MasterMob" and clip["mob"] not in builder.marked:
        builder.marked.add(clip["mob"])
        _media_locators(mob, context, builder)
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
    item = Item(
        "audio" if sound else "cut",
        str(mob["name"]) or followed.reel,
        record,
        source,
        reel=followed.reel,
        media=followed.path,
        available=available_of(source, followed),
    )
    list_item(item, context, rate, builder)


def _media_locators(mob: Node, context: Context, builder: AafBuilder) -> None:
    """List the locators of a clip's media, which have no record time."""
    before = len(builder.markers)
    list_locators(mob, replace(context, start=Fraction(0)), {}, builder)
    builder.markers[before:] = [
        replace(marker, record=None, source=marker.record) for marker in builder.markers[before:]
    ]


def _nest(
    clip: Node,
    mob: Node,
    record: tuple[Fraction, Fraction],
    low: Fraction,
    context: Context,
    rate: Fraction,
    builder: AafBuilder,
) -> None:
    """List a clip that plays another composition (a subclip or a nest), and its contents."""
    name = str(mob["name"])
    slot = next((s for s in mob["slots"] if s["id"] == clip["slot"]), None)
    own = rate_of(slot) if slot else None
    list_item(Item("compound", name, record), context, rate, builder)
    if slot is None or own is None or clip["mob"] in context.mobs:
        builder.lose(
            context.track,
            f"{name!r} plays itself or a missing composition; its contents are not listed",
            ODD,
        )
        return
    if context.speed != 1:
        builder.lose(
            context.track,
            f"{name!r} is a retimed nest: its contents are not listed",
            LOST,
            "break it apart in the editing system",
        )
        return
    scale = context.rate / rate
    window = record[0] * scale, record[1] * scale
    if context.window:
        window = max(window[0], context.window[0]), min(window[1], context.window[1])
    letter = context.track.rsplit("/", 1)[-1][0]
    deeper = replace(
        context,
        track=f"{context.track}/{letter}1",
        window=window,
        record=None,
        mobs=(*context.mobs, clip["mob"]),
        depth=context.depth + 1,
    )
    begin = record[0] * own / rate - low * own / rate
    _walk(slot["segment"], deeper, own, begin, builder)


def _operation(
    group: Node,
    record: tuple[Fraction, Fraction],
    context: Context,
    rate: Fraction,
    builder: AafBuilder,
) -> None:
    name = str(group["operation"])
    parts = group["parts"]
    inner = replace(context, record=record)
    if "motion control" in name.lower() or "ratio" in group:
        line = motion_line(group)
        speed = speed_of(line, group)
        drawn = line if one_clip(parts) and context.speed == 1 else ()
        if not adds_to_speed(drawn, speed, parts):
            drawn = ()
        if speed is None and not (drawn and group.get("straight")):
            builder.lose(
                context.track,
                f"{name!r} at {record[0]}: a varying speed is listed "
                + ("with straight lines for its curves" if drawn else "without its curve"),
                APPROXIMATE,
            )
        both = None if speed is None or context.speed is None else context.speed * speed
        inner = replace(inner, speed=both, line=drawn)
    elif "submaster" not in name.lower():
        builder.effects[name] += 1
    if len(parts) > 1 and any(len(p.get("parts", ())) > 1 for p in parts):
        _layers(name, parts, record, inner, rate, builder)
        return
    if not parts:
        list_item(Item("generator", name, record), context, rate, builder)
        return
    for n, part in enumerate(parts):
        # a second input is above the first: on a track of its own inside the effect's
        track = context.track if n == 0 else f"{context.track}/{context.track[0]}{n + 1}"
        _walk(part, replace(inner, track=track), rate, record[0], builder)
