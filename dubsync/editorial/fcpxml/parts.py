"""The parts of an FCPXML walk: where it stands, an item's own numbers, its media, its markers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED, ODD
from dubsync.core.timeline.probed import ProbedMarker, probed_range
from dubsync.core.timeline.runs import Keyframe, TimeMap
from dubsync.editorial.fcpxml.resources import Resources, conform_rate, conform_source, seconds
from dubsync.editorial.fcpxml.time import smooth_points, time_map
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.timeline.cut_builder import CutBuilder, Source
from dubsync.editorial.timeline.nested_time import AffineTime
from dubsync.editorial.timeline.time_maps import simplified, speeds_between

ITEMS = (
    "asset-clip",
    "clip",
    "video",
    "audio",
    "title",
    "gap",
    "ref-clip",
    "mc-clip",
    "sync-clip",
    "audition",
    "transition",
    "caption",
    "spine",
    "live-drawing",
)
MOST_MARKERS = 500_000
MARKERS = ("marker", "chapter-marker", "keyword", "rating", "analysis-marker")


@dataclass(slots=True)
class FcpxmlBuilder(CutBuilder):
    """What the walk has found so far, and what it looks things up in."""

    resources: Resources


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands: the timeline, its rate, how a container's time becomes record time.

    record  False in a bin, where nothing has record time
    heard   whether of all that is in it only the sound plays
    """

    timeline: str
    rate: Fraction
    drop: bool
    placing: AffineTime = AffineTime()
    lane: int = 0
    inside: str = ""
    record: bool = True
    enabled: bool = True
    media: tuple[str, ...] = ()
    depth: int = 0
    heard: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """An item's own numbers: `at` in its parent's time, `start` and `length` in its own."""

    element: Element
    at: Fraction
    start: Fraction
    length: Fraction
    map: TimeMap | None

    @property
    def where(self) -> str:
        return f"line {self.element.line}"

    def media(self, time: Fraction) -> Fraction:
        """Media time at a moment of the item's own time."""
        return self.map.at(time) if self.map else time


def lane_of(element: Element) -> int:
    """The lane an item names, 0 without one.  Raises TurnoverError when it is no number."""
    text = element.get("lane", "0")
    if not re.fullmatch(r"-?[0-9]{1,4}", text):
        raise TurnoverError(f"line {element.line}: lane {text[:20]!r} is no number")
    return int(text)


_ALL = Fraction(10**9)


def everything(place: Place) -> tuple[Fraction, Fraction]:
    """The record seconds that show where a walk stands."""
    return place.placing.window or (-_ALL, _ALL)


def item_of(element: Element, builder: FcpxmlBuilder) -> Item:
    """The numbers of an item.

    Raises:
        TimecodeError: a time that cannot exist.
        TurnoverError: a negative duration.
    """
    where = f"line {element.line}"
    asset = builder.resources.assets.get(element.get("ref"))
    media = builder.resources.media.get(element.get("ref"))
    sequence = (
        next((e for e in media.children if e.tag in ("sequence", "multicam")), None)
        if media
        else None
    )
    default = Fraction(0)
    if element.tag in ("asset-clip", "video", "audio") and asset:
        default = asset.start
    elif sequence is not None:
        default = seconds(sequence.get("tcStart", "0s"), where)
    if default and not element.get("start"):
        builder.lose(
            where,
            f"{element.get('name')!r} names no start; its media's own first frame is taken",
            ASSUMED,
        )
    start = seconds(element.get("start"), where) if element.get("start") else default
    length = seconds(element.get("duration", "0s"), where)
    if not element.get("duration") and (asset or sequence is not None):
        length = (
            asset.length
            if asset
            else seconds(sequence.get("duration", "0s") if sequence is not None else "0s", where)
        )
    if length < 0:
        raise TurnoverError(f"{where}: {element.get('name')[:60]!r} has a negative duration")
    at = seconds(element.get("offset", "0s"), where)
    return Item(element, at, start, length, time_map(element))


def remarks_of(element: Element) -> tuple[str, ...]:
    """An item's notes, and the words of a title or caption."""
    notes = [e.text for e in element.all("note") if e.text]
    notes += [
        " ".join(e.text for e in text.descendants() if e.text) for text in element.all("text")
    ]
    return tuple(note for note in notes if note)


def media_of(element: Element, builder: FcpxmlBuilder) -> tuple[Element | None, bool]:
    """(the element that names the media of an item, whether it is sound alone)."""
    if element.tag == "clip":
        inner = next(
            (e for e in element.all("video", "audio", "asset-clip") if not lane_of(e)), None
        )
        if inner is None:  # sound taken off its picture hangs on a gap inside a clip
            gap = next((e for e in element.all("gap") if not lane_of(e)), None)
            return None, gap is not None and bool(gap.all("audio"))
        return inner, inner.tag == "audio"
    if element.tag in ("asset-clip", "video", "audio"):
        asset = builder.resources.assets.get(element.get("ref"))
        sounding = element.tag == "audio" or element.get("srcEnable") == "audio"
        return element, sounding or (asset is not None and not asset.picture)
    return None, False


def list_markers(item: Item, place: Place, builder: FcpxmlBuilder) -> None:
    """Markers, keywords and the like, which stand in their clip's own time."""
    for element in item.element.all(*MARKERS):
        if len(builder.markers) > MOST_MARKERS:
            raise TurnoverError(f"more than {MOST_MARKERS} markers", hint="break compounds apart")
        where = f"line {element.line}"
        start = seconds(element.get("start", "0s"), where)
        length = seconds(element.get("duration", "0s"), where)
        name = element.get("value") or element.get("name")
        kind = {"chapter-marker": "chapter", "analysis-marker": "analysis"}.get(
            element.tag, element.tag
        )
        if element.get("completed"):
            kind = "to-do done" if element.get("completed") == "1" else "to-do"
        outside = not item.start <= start < item.start + item.length and item.length > 0
        record = source = None
        if place.record:
            at = place.placing.record(item.at + start - item.start, length)
            record = probed_range(at[0] * place.rate, at[1] * place.rate, place.rate, place.drop)
        else:
            source = probed_range(start * place.rate, (start + length) * place.rate, place.rate)
        if outside and element.tag not in ("keyword", "rating") and place.record:
            builder.lose(
                where,
                f"marker {name!r} stands outside what its clip shows; listed where it would be",
                ODD,
            )
        builder.markers.append(
            ProbedMarker(
                name,
                kind,
                record,
                source,
                comment=element.get("note"),
                timeline=place.timeline,
                where=where,
            )
        )


def source_of(
    item: Item, own: tuple[Fraction, Fraction], media: Element, place: Place, builder: FcpxmlBuilder
) -> Source:
    """Source frames and speed of an item that plays `media` over its `own` seconds shown."""
    asset = builder.resources.assets.get(media.get("ref"))
    if asset is None:
        return Source(None, Fraction(1))
    inner = item_of(media, builder) if media is not item.element else None

    def at(time: Fraction) -> Fraction:
        """Media seconds; a clip around its media keeps the time of the media's parent."""
        mapped = item.media(time)
        return inner.media(mapped - inner.at + inner.start) if inner else mapped

    first, last = at(own[0]), at(own[1])
    rate = asset.rate or place.rate
    conform = conform_source(item.element)
    if conform:
        told = conform_rate(conform[0])
        rate = told or rate
        if conform[1]:
            builder.lose(
                item.where,
                f"{item.element.get('name')!r} is {conform[0]} fps played at the "
                f"sequence's pace (conform-rate): its source out is counted without that",
                APPROXIMATE,
            )
    speed: Fraction | None = Fraction(1)
    if item.map:
        speeds = speeds_between(item.map, *own)
        speed = speeds.pop() if len(speeds) == 1 else None
        if len(item.map.keyframes) > 2 and smooth_points(item.element):
            builder.lose(
                item.where,
                f"{item.element.get('name')!r}: a speed ramp's curves are read as straight lines",
                APPROXIMATE,
            )
    has = None
    if asset.length:
        has = probed_range(asset.start * rate, (asset.start + asset.length) * rate, rate)
    keyframes: tuple[Keyframe, ...] = ()
    low, high = min(first, last), max(first, last)
    if speed == 0:
        high = low + 1 / rate
    if speed is not None:
        speed = speed / place.placing.scale
    elif item.map and place.record:
        times = [own[0], *(t for t, _ in item.map.keyframes if own[0] < t < own[1]), own[1]]
        keyframes = simplified(tuple((_record_of(item, t, place), at(t) * rate) for t in times))
        low, high = (edge(at(t) for t in times) for edge in (min, max))
    return Source(probed_range(low * rate, high * rate, rate), speed, has, keyframes)


def _record_of(item: Item, time: Fraction, place: Place) -> Fraction:
    """The record frame at which a moment of an item's own time plays."""
    return place.placing.record(item.at + time - item.start, Fraction(0))[0] * place.rate


def held_in(element: Element, builder: FcpxmlBuilder, where: str) -> list[tuple[Element, bool]]:
    """What a container plays: its own lane 0, its sequence's spine, or its active angles; and
    whether only the sound of it plays.
    """
    heard = element.get("srcEnable") == "audio"
    if element.tag == "sync-clip":
        children = [e for e in element.children if e.tag in ITEMS and not lane_of(e)]
        return [(e, heard) for c in children for e in (c.children if c.tag == "spine" else [c])]
    media = builder.resources.media.get(element.get("ref"))
    if media is None:
        builder.lose(
            where,
            f"{element.get('name')!r} plays {element.get('ref')!r}, "
            "which the document does not hold",
            ODD,
        )
        return []
    if element.tag == "ref-clip":
        spines = (media.first("sequence") or media).all("spine")
        return [(e, heard) for spine in spines for e in spine.children]
    multicam = media.first("multicam") or media
    told: dict[str, set[str]] = {}
    for e in element.all("mc-source"):
        told.setdefault(e.get("angleID"), set()).add(e.get("srcEnable", "all"))
    on = {angle for angle, what in told.items() if what != {"none"}}
    angles = multicam.all("mc-angle")
    shown = [angle for angle in angles if angle.get("angleID") in on] or angles[:1]
    if len(shown) < len(angles):
        others = ", ".join(repr(a.get("name")) for a in angles if a not in shown)
        builder.lose(
            where,
            f"multicam {element.get('name')!r}: angles that do not "
            f"play are not listed ({others[:200]})",
        )
    silent = {angle for angle in on if told[angle] <= {"audio", "none"}}
    return [(e, heard or a.get("angleID") in silent) for a in shown for e in a.children]
