"""Walks through the items of an FCPXML document: spines, lanes, compounds, connected clips."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.timeline.losses import APPROXIMATE, LOST, ODD, WARNS
from dubsync.core.timeline.probed import (
    ProbedEvent,
    probed_range,
)
from dubsync.editorial.fcpxml.census import effect_of, lose_split
from dubsync.editorial.fcpxml.parts import (
    AGAIN,
    ITEMS,
    Context,
    FcpxmlBuilder,
    Item,
    contents_of,
    item_of,
    lane_of,
    list_markers,
    media_of,
    remarks_of,
    source_of,
    visible_window,
)
from dubsync.editorial.fcpxml.resources import (
    reel_in,
    seconds,
)
from dubsync.editorial.fcpxml.time import smooth_points
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.timeline.cut_builder import Source
from dubsync.editorial.timeline.time_maps import simplified

#: Limits of nesting depth and of events.
DEEPEST = 100
MOST_EVENTS = 200_000
#: Lower limits inside compounds, whose events multiply.
MOST_NESTED = 20_000
DEEPEST_NEST = 12
_CONTAINERS = {"ref-clip": "compound", "mc-clip": "multicam", "sync-clip": "sync"}


def own_rate(clip: Element, builder: FcpxmlBuilder) -> Fraction | None:
    """The frame rate of a clip's own media or contents; None if the document states none."""
    asset = builder.resources.assets.get(clip.get("ref"))
    inner = clip.first("video") or clip.first("asset-clip")
    rate = builder.resources.rates.get(clip.get("format")) or (asset.rate if asset else None)
    media = builder.resources.media.get(clip.get("ref"))
    for child in media.children if media else ():
        rate = rate or builder.resources.rates.get(child.get("format"))
    return rate or (own_rate(inner, builder) if inner else None)


def contents(spines: list[Element], context: Context, builder: FcpxmlBuilder) -> None:
    """List the items of spines."""
    for spine in spines:
        for element in spine.children:
            walk(element, context, builder)


def walk(element: Element, context: Context, builder: FcpxmlBuilder) -> None:
    """List an item of a spine, lane or bin, and everything connected to it.

    An item with an invalid time or lane is a loss, with everything connected to it.
    """
    if element.tag not in ITEMS:
        return  # reported by the census if it is not known
    try:
        _listed(element, context, builder)
    except TimecodeError as error:
        what = f"{element.get('name')!r} and what is connected to it are not listed: {error}"
        builder.lose(f"line {element.line}", what, LOST, AGAIN, WARNS)
        builder.faults.append(error)


def _listed(element: Element, context: Context, builder: FcpxmlBuilder) -> None:
    most = MOST_NESTED if context.inside else MOST_EVENTS
    deep = context.depth > DEEPEST or len(context.media) > DEEPEST_NEST
    if len(builder.events) > most or deep:
        raise TurnoverError(
            f"line {element.line}: more than {most} events, or nested more than {DEEPEST} deep",
            hint="break the compounds apart, and export again",
        )
    enabled = context.enabled and element.get("enabled", "1") != "0"
    lane = context.lane + lane_of(element)
    beside = context.enabled  # connected clips stay enabled when their parent is disabled
    placed = context.placed
    context = replace(context, enabled=enabled, lane=lane, depth=context.depth + 1, anchor=None)
    if element.tag == "audition":
        _audition(element, context, builder)
    elif element.tag == "spine":
        at = placed(seconds(element.get("offset", "0s"), f"line {element.line}"))
        inner = context.time.nested(at, Fraction(0), Fraction(1), visible_window(context))
        contents([element], replace(context, time=inner), builder)
    else:
        item = item_of(element, builder, context.pace_rate)
        item = replace(item, at=placed(item.at))
        for child in element.children:
            if effect := effect_of(child, element):
                builder.effects[effect] += 1
        lose_split(element, builder)
        _event(item, context, builder)
        _connected(item, context, builder, beside)


def _audition(element: Element, context: Context, builder: FcpxmlBuilder) -> None:
    """List the first clip of an audition: the one that plays."""
    picks = [child for child in element.children if child.tag in ITEMS]
    if not picks:
        builder.lose(f"line {element.line}", "an audition has no clip", ODD)
        return
    pick = picks[0]
    for name in ("offset", "lane"):
        if element.get(name) and name not in pick.attributes:
            pick.attributes[name] = element.get(name)
    for other in picks[1:]:
        builder.lose(
            f"line {other.line}",
            f"audition of {pick.get('name')!r}: the "
            f"alternative {other.get('name')!r} is not listed",
        )
    walk(
        pick,
        replace(
            context, lane=context.lane - lane_of(pick) if element.get("lane") else context.lane
        ),
        builder,
    )


def _event(item: Item, context: Context, builder: FcpxmlBuilder) -> None:
    element = item.element
    name = element.get("name")
    media, sound_only = media_of(element, builder)
    record, own = None, (item.start, item.stop)
    if context.record:
        shown = context.time.shown(item.at, item.length)
        if shown is None:
            return
        start, stop = (edge * context.rate for edge in shown)
        record = probed_range(start, stop, context.rate, context.drop)
        outer = context.time.own(shown, item.at, item.at)
        own = item.own(outer[0]), item.own(outer[1])
        if not record.whole and not sound_only and element.tag != "gap":
            what = f"{name!r} begins or ends between frames at {context.rate} fps; listed exactly"
            builder.lose(item.where, what, ODD)
    kind = _kind(element, sound_only or context.sound_only)
    if kind == "cut" and media is not None and media.get("ref") in builder.resources.effects:
        kind = "generator"
    played = Source(None, Fraction(1))
    if media is not None:
        played = source_of(item, own, media, context, builder)
    asset = builder.resources.assets.get(media.get("ref")) if media is not None else None
    outgoing = next((e.get("name") for e in element.all("filter-video")), "")
    builder.events.append(
        ProbedEvent(
            tracks=(_track(context, kind),),
            name=name or (asset.name if asset else ""),
            kind=kind,
            record=record,
            source=played.frames,
            reel=reel_in(element) or (asset.reel if asset else ""),
            speed=played.speed,
            media=asset.src if asset else "",
            number=str(len(builder.events) + 1),
            enabled=context.enabled,
            transition=round(item.length * context.rate) if element.tag == "transition" else None,
            timeline=context.timeline,
            where=item.where,
            remarks=remarks_of(element)
            + ((outgoing,) if element.tag == "transition" and outgoing else ()),
            available=played.available,
            keyframes=played.keyframes,
        )
    )
    if (
        asset is None
        and media is not None
        and kind not in ("title", "generator", "gap")
        and media.get("ref")
        and media.get("ref") not in builder.resources.effects
    ):
        what = f"{name!r} plays {media.get('ref')!r}, which is not in the document"
        builder.lose(item.where, what, ODD, "relink it, and export again")


def _track(context: Context, kind: str) -> str:
    lane = context.lane
    if kind == "audio":
        label = f"A{-lane}" if lane < 0 else "A0" if lane == 0 else f"A+{lane}"
    else:
        label = f"V{lane + 1}" if lane >= 0 else f"V{lane}"
    return f"{context.inside}/{label}" if context.inside else label


def _kind(element: Element, sound_only: bool) -> str:
    if element.tag in _CONTAINERS:
        return _CONTAINERS[element.tag]
    if element.tag == "transition":
        name = element.get("name").lower()
        return next((k for k in ("dissolve", "wipe") if k in name), "transition")
    if element.tag in ("title", "caption", "gap"):
        return element.tag
    if element.tag == "live-drawing":
        return "generator"
    return "audio" if sound_only else "cut"


def _connected(item: Item, context: Context, builder: FcpxmlBuilder, enabled: bool) -> None:
    """List the markers and connected clips of an item, and the contents of a container."""
    element = item.element
    list_markers(item, context, builder)
    window = visible_window(context)
    connected = context.time.nested(item.at, item.start, Fraction(1), window)
    anchor = None if item.pace == 1 else (item.start, item.pace)
    beside = replace(context, time=connected, enabled=enabled, anchor=anchor)
    own = media_of(element, builder)[0] if element.tag == "clip" else None
    if element.tag in _CONTAINERS:
        _container(item, context, builder)
    for child in element.children:
        if child is own:
            _inside_clip(item, child, context, builder)
        elif child.tag in ITEMS and (element.tag != "sync-clip" or lane_of(child)):
            walk(child, beside, builder)


def _inside_clip(item: Item, own: Element, context: Context, builder: FcpxmlBuilder) -> None:
    """List what is connected to the media inside a <clip>: mostly its own sound."""
    inner = item_of(own, builder)
    shown = context.time.shown(item.at, item.length)
    if not shown or item.map:
        if any(child.tag in ITEMS for child in own.children):
            builder.lose(
                item.where,
                f"{item.element.get('name')!r}: clips on its retimed media are not listed",
            )
        return
    local = context.time.nested(item.at, item.start, Fraction(1), visible_window(context))
    anchor = None if item.pace == 1 else (inner.start, item.pace)
    inner = replace(inner, at=item.outer(inner.at) - item.at + item.start, pace=item.pace)
    connected = local.nested(inner.at, inner.start, Fraction(1), shown)
    for child in own.children:
        if child.tag in ITEMS:
            walk(child, replace(context, time=connected, anchor=anchor), builder)
    list_markers(inner, replace(context, time=replace(local, window=shown)), builder)


def _container(item: Item, context: Context, builder: FcpxmlBuilder) -> None:
    """List the contents of a compound, multicam or synchronised clip, in record time."""
    element, name = item.element, item.element.get("name")
    if not context.record:
        return  # the contents of a compound in a bin are in no timeline
    contents, media = contents_of(element, builder, item.where), element.get("ref")
    if not contents:
        return
    if media and media in context.media:
        builder.lose(item.where, f"{name!r} contains itself; its contents are not listed", ODD)
        return
    pieces = _pieces(item)
    if any(speed <= 0 for *_, speed in pieces):
        what = f"{name!r} runs backwards or stands still: its contents are not listed"
        builder.lose(item.where, what, LOST, "break it apart in the editing system")
        return
    if len(pieces) > 1 and smooth_points(element):
        what = f"{name!r}: speed curves are read as straight lines"
        builder.lose(item.where, what, APPROXIMATE)
    deeper = replace(context, inside=_track(context, "cut"), lane=0,
                     media=(*context.media, media), own=own_rate(element, builder))  # fmt: skip
    for start, stop, speed in pieces:
        at = item.outer(start)
        shown = context.time.shown(at, (stop - start) * item.pace)
        if shown is None:
            continue
        inner = context.time.nested(at, item.media(start), speed / item.pace, shown)
        for child, sound_only in contents:
            if child.tag in ITEMS:
                only = context.sound_only or sound_only
                walk(child, replace(deeper, time=inner, sound_only=only), builder)


def _pieces(item: Item) -> list[tuple[Fraction, Fraction, Fraction]]:
    """(start, stop, speed) of each part of a container at one speed, in its own time."""
    if item.map is None:
        return [(item.start, item.stop, Fraction(1))]
    inner = [t for t, _ in item.map.keyframes if item.start < t < item.stop]
    edges = [(t, item.media(t)) for t in (item.start, *inner, item.stop)]
    kept = simplified(tuple(edges))
    return [
        (a[0], b[0], (b[1] - a[1]) / (b[0] - a[0])) for a, b in zip(kept, kept[1:], strict=False)
    ]
