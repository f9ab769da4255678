"""What the FCPXML reader reads of one item: its times, its media, its markers, its contents."""

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
    """The cut read so far, and the resources of the document."""

    resources: Resources


@dataclass(frozen=True, slots=True)
class Context:
    """The context of an item in the walk.

    time    the map from the container's time to record time, in seconds
    inside  track label of the container; "" at the top level
    record  False in a bin, where items have no record time
    media   ids of the compounds around the item, outermost first
    depth   nesting depth, to limit it
    sound_only  whether only the sound of the container plays
    """

    timeline: str
    rate: Fraction
    drop: bool
    time: AffineTime = AffineTime()
    lane: int = 0
    inside: str = ""
    record: bool = True
    enabled: bool = True
    media: tuple[str, ...] = ()
    depth: int = 0
    sound_only: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """The times of an item in seconds: `at` in its parent's time, `start`, `length` in its own.

    map  its own time to media time; None if it is not retimed
    """

    element: Element
    at: Fraction
    start: Fraction
    length: Fraction
    map: TimeMap | None

    @property
    def where(self) -> str:
        return f"line {self.element.line}"

    def media(self, time: Fraction) -> Fraction:
        """Media time at a time of the item."""
        return self.map.at(time) if self.map else time


def lane_of(element: Element) -> int:
    """The lane of an item, 0 by default.  Raises TurnoverError if it is not a number."""
    text = element.get("lane", "0")
    if not re.fullmatch(r"-?[0-9]{1,4}", text):
        raise TurnoverError(
            f"line {element.line}: lane {text[:20]!r} is not a number",
            hint="export the project again",
        )
    return int(text)


_ALL = Fraction(10**9)


def visible_window(context: Context) -> tuple[Fraction, Fraction]:
    """The record seconds in which a container is visible."""
    return context.time.window or (-_ALL, _ALL)


def item_of(element: Element, builder: FcpxmlBuilder) -> Item:
    """The times of an item.

    Raises:
        TimecodeError: an invalid time.
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
            f"{element.get('name')!r} states no start; the first frame of its media is assumed",
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
        raise TurnoverError(
            f"{where}: {element.get('name')[:60]!r} has a negative duration",
            hint="export the project again",
        )
    at = seconds(element.get("offset", "0s"), where)
    return Item(element, at, start, length, time_map(element))


def remarks_of(element: Element) -> tuple[str, ...]:
    """The notes of an item, and the text of a title or caption."""
    notes = [e.text for e in element.all("note") if e.text]
    notes += [
        " ".join(e.text for e in text.descendants() if e.text) for text in element.all("text")
    ]
    return tuple(note for note in notes if note)


def media_of(element: Element, builder: FcpxmlBuilder) -> tuple[Element | None, bool]:
    """(the element that names the media of an item, whether it is sound only)."""
    if element.tag == "clip":
        inner = next(
            (e for e in element.all("video", "audio", "asset-clip") if not lane_of(e)), None
        )
        if inner is None:  # detached sound is connected to a gap inside a clip
            gap = next((e for e in element.all("gap") if not lane_of(e)), None)
            return None, gap is not None and bool(gap.all("audio"))
        return inner, inner.tag == "audio"
    if element.tag in ("asset-clip", "video", "audio"):
        asset = builder.resources.assets.get(element.get("ref"))
        sound_only = element.tag == "audio" or element.get("srcEnable") == "audio"
        return element, sound_only or (asset is not None and not asset.picture)
    return None, False


def list_markers(item: Item, context: Context, builder: FcpxmlBuilder) -> None:
    """List the markers and keywords of an item; their times are in the clip's own time."""
    for element in item.element.all(*MARKERS):
        if len(builder.markers) > MOST_MARKERS:
            raise TurnoverError(
                f"more than {MOST_MARKERS} markers",
                hint="break the compounds apart, and export again",
            )
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
        if context.record:
            at = context.time.record(item.at + start - item.start, length)
            record = probed_range(
                at[0] * context.rate, at[1] * context.rate, context.rate, context.drop
            )
        else:
            source = probed_range(
                start * context.rate, (start + length) * context.rate, context.rate
            )
        if outside and element.tag not in ("keyword", "rating") and context.record:
            builder.lose(
                where,
                f"marker {name!r} is outside its clip's visible part; its position is extrapolated",
                ODD,
            )
        builder.markers.append(
            ProbedMarker(
                name,
                kind,
                record,
                source,
                comment=element.get("note"),
                timeline=context.timeline,
                where=where,
            )
        )


def source_of(
    item: Item,
    own: tuple[Fraction, Fraction],
    media: Element,
    context: Context,
    builder: FcpxmlBuilder,
) -> Source:
    """Source frames and speed of an item that plays `media` over its visible seconds `own`."""
    asset = builder.resources.assets.get(media.get("ref"))
    if asset is None:
        return Source(None, Fraction(1))
    inner = item_of(media, builder) if media is not item.element else None

    def at(time: Fraction) -> Fraction:
        """Media seconds at a time of the item; `inner` is the media element of a <clip>."""
        mapped = item.media(time)
        return inner.media(mapped - inner.at + inner.start) if inner else mapped

    first, last = at(own[0]), at(own[1])
    rate = asset.rate or context.rate
    conform = conform_source(item.element)
    if conform:
        conformed = conform_rate(conform[0])
        rate = conformed or rate
        if conform[1]:
            builder.lose(
                item.where,
                f"{item.element.get('name')!r} is {conform[0]} fps, conformed to the sequence's "
                "rate (conform-rate); its source out does not include that",
                APPROXIMATE,
            )
    speed: Fraction | None = Fraction(1)
    if item.map:
        speeds = speeds_between(item.map, *own)
        speed = speeds.pop() if len(speeds) == 1 else None
        if len(item.map.keyframes) > 2 and smooth_points(item.element):
            builder.lose(
                item.where,
                f"{item.element.get('name')!r}: speed curves are read as straight lines",
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
        speed = speed / context.time.scale
    elif item.map and context.record:
        times = [own[0], *(t for t, _ in item.map.keyframes if own[0] < t < own[1]), own[1]]
        keyframes = simplified(tuple((_record_of(item, t, context), at(t) * rate) for t in times))
        low, high = (edge(at(t) for t in times) for edge in (min, max))
    return Source(probed_range(low * rate, high * rate, rate), speed, has, keyframes)


def _record_of(item: Item, time: Fraction, context: Context) -> Fraction:
    """The record frame of a time of an item."""
    return context.time.record(item.at + time - item.start, Fraction(0))[0] * context.rate


def contents_of(element: Element, builder: FcpxmlBuilder, where: str) -> list[tuple[Element, bool]]:
    """(element, whether only its sound plays) for the contents of a container.

    These are its own lane 0, the spine of its sequence, or its active angles.
    """
    sound_only = element.get("srcEnable") == "audio"
    if element.tag == "sync-clip":
        children = [e for e in element.children if e.tag in ITEMS and not lane_of(e)]
        return [
            (e, sound_only) for c in children for e in (c.children if c.tag == "spine" else [c])
        ]
    media = builder.resources.media.get(element.get("ref"))
    if media is None:
        builder.lose(
            where,
            f"{element.get('name')!r} plays {element.get('ref')!r}, which is not in the document",
            ODD,
        )
        return []
    if element.tag == "ref-clip":
        spines = (media.first("sequence") or media).all("spine")
        return [(e, sound_only) for spine in spines for e in spine.children]
    multicam = media.first("multicam") or media
    sources: dict[str, set[str]] = {}
    for e in element.all("mc-source"):
        sources.setdefault(e.get("angleID"), set()).add(e.get("srcEnable", "all"))
    on = {angle for angle, what in sources.items() if what != {"none"}}
    angles = multicam.all("mc-angle")
    playing = [angle for angle in angles if angle.get("angleID") in on] or angles[:1]
    if len(playing) < len(angles):
        others = ", ".join(repr(a.get("name")) for a in angles if a not in playing)
        builder.lose(
            where,
            f"multicam {element.get('name')!r}: inactive angles are not listed ({others[:200]})",
        )
    silent = {angle for angle in on if sources[angle] <= {"audio", "none"}}
    return [(e, sound_only or a.get("angleID") in silent) for a in playing for e in a.children]
