"""What the FCPXML reader reads of one item: its times, its media, its markers, its contents."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from dubsync.core.errors import DubsyncError, TimecodeError, TurnoverError
from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED, LOST, ODD
from dubsync.core.timeline.probed import ProbedMarker, probed_range
from dubsync.core.timeline.runs import Keyframe, TimeMap
from dubsync.editorial.fcpxml.resources import (
    Resources,
    conform_pace,
    conform_rate,
    conform_source,
    seconds,
)
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
AGAIN = "export the project again"
#: Final Cut Pro counts the time inside a transition from here: it has no start attribute.
TRANSITION_START = Fraction(3600)
MARKERS = ("marker", "chapter-marker", "keyword", "rating", "analysis-marker")


@dataclass(slots=True)
class FcpxmlBuilder(CutBuilder):
    """The cut read so far, the resources of the document, and why items could not be read."""

    resources: Resources
    faults: list[DubsyncError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Context:
    """The context of an item in the walk.

    time    the map from the container's time to record time, in seconds
    inside  track label of the container; "" at the top level
    record  False in a bin, where items have no record time
    media   ids of the compounds around the item, outermost first
    depth   nesting depth, to limit it
    sound_only  whether only the sound of the container plays
    own     frame rate of the sequence around the item; None: `rate`
    anchor  (its start, its pace) of the conformed item that the item is connected to; None
            elsewhere.  Only offsets count in the own time of such an item, lengths do not.
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
    own: Fraction | None = None
    anchor: tuple[Fraction, Fraction] | None = None

    def placed(self, offset: Fraction) -> Fraction:
        """The offset of a connected item in seconds of the sequence."""
        if self.anchor is None:
            return offset
        start, pace = self.anchor
        return start + (offset - start) * pace

    @property
    def pace_rate(self) -> Fraction:
        """The rate that media around here is conformed to."""
        return self.own or self.rate


@dataclass(frozen=True, slots=True)
class Item:
    """The times of an item in seconds: `at` and `length` in its parent's time, `start` in its own.

    map   its own time to media time; None if it is not retimed
    pace  seconds of its parent per second of its own; not 1 where its frames are conformed to
          another rate (conform-rate)
    """

    element: Element
    at: Fraction
    start: Fraction
    length: Fraction
    map: TimeMap | None
    pace: Fraction = Fraction(1)

    @property
    def stop(self) -> Fraction:
        """The end of the item, in its own time."""
        return self.start + self.length / self.pace

    def own(self, time: Fraction) -> Fraction:
        """Its own time at a time of its parent."""
        return self.start + (time - self.at) / self.pace

    def outer(self, time: Fraction) -> Fraction:
        """Its parent's time at a time of its own."""
        return self.at + (time - self.start) * self.pace

    @property
    def where(self) -> str:
        return f"line {self.element.line}"

    def media(self, time: Fraction) -> Fraction:
        """Media time at a time of the item."""
        return self.map.at(time) if self.map else time


def lane_of(element: Element) -> int:
    """The lane of an item, 0 by default.  Raises TimecodeError if it is not a number."""
    text = element.get("lane", "0")
    if not re.fullmatch(r"-?[0-9]{1,4}", text):
        raise TimecodeError(f"line {element.line}: lane {text[:20]!r} is not a number", hint=AGAIN)
    return int(text)


_ALL = Fraction(10**9)


def visible_window(context: Context) -> tuple[Fraction, Fraction]:
    """The record seconds in which a container is visible."""
    return context.time.window or (-_ALL, _ALL)


def item_of(element: Element, builder: FcpxmlBuilder, rate: Fraction | None = None) -> Item:
    """The times of an item.

    Args:
        rate: of the sequence around it, to which its frames may be conformed.

    Raises:
        TimecodeError: an invalid time, or a negative duration.
    """
    where = f"line {element.line}"
    asset = builder.resources.assets.get(element.get("ref"))
    media = builder.resources.media.get(element.get("ref"))
    sequence = (
        next((e for e in media.children if e.tag in ("sequence", "multicam")), None)
        if media
        else None
    )
    default = TRANSITION_START if element.tag == "transition" else Fraction(0)
    if element.tag in ("asset-clip", "video", "audio") and asset:
        default = asset.start
    elif sequence is not None:
        default = seconds(sequence.get("tcStart", "0s"), where)
    if default and not element.get("start") and element.tag != "transition":
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
        what = f"{where}: {element.get('name')[:60]!r} has a negative duration"
        raise TimecodeError(what, hint=AGAIN)
    at = seconds(element.get("offset", "0s"), where)
    pace = Fraction(1)
    if rate is not None and (conform := conform_source(element)) and conform[1]:
        pace = conform_pace(conform_rate(conform[0]) or (asset.rate if asset else None), rate)
    return Item(element, at, start, length, time_map(element), pace)


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
        try:
            marker = _marker(element, item, context, builder)
            if marker is not None:
                builder.markers.append(marker)
        except TimecodeError as error:
            builder.lose(f"line {element.line}", f"a marker is not listed: {error}", LOST, AGAIN)


def _marker(
    element: Element, item: Item, context: Context, builder: FcpxmlBuilder
) -> ProbedMarker | None:
    """A marker; None in a part of a container that is not visible here."""
    where = f"line {element.line}"
    start = seconds(element.get("start", "0s"), where)
    length = seconds(element.get("duration", "0s"), where)
    name = element.get("value") or element.get("name")
    kind = {"chapter-marker": "chapter", "analysis-marker": "analysis"}.get(
        element.tag, element.tag
    )
    if element.get("completed"):
        kind = "to-do done" if element.get("completed") == "1" else "to-do"
    outside = not item.start <= start < item.stop and item.length > 0
    record = source = None
    if context.record:
        at = context.time.record(item.outer(start), length * item.pace)
        window = context.time.window
        if context.inside and window and not window[0] <= at[0] < window[1]:
            return None
        record = probed_range(
            at[0] * context.rate, at[1] * context.rate, context.rate, context.drop
        )
    else:
        source = probed_range(start * context.rate, (start + length) * context.rate, context.rate)
    if outside and element.tag not in ("keyword", "rating") and context.record:
        builder.lose(
            where,
            f"marker {name!r} is outside its clip's visible part; its position is extrapolated",
            ODD,
        )
    return ProbedMarker(
        name,
        kind,
        record,
        source,
        comment=element.get("note"),
        timeline=context.timeline,
        where=where,
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
    if conform := conform_source(item.element):
        rate = conform_rate(conform[0]) or rate
        if item.pace != 1 and item.map:
            builder.lose(
                item.where,
                f"{item.element.get('name')!r} is conformed to the sequence's rate and also "
                "retimed; its source is read as if the retime came first",
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
        speed = speed / item.pace / context.time.scale
    elif item.map and context.record:
        times = [own[0], *(t for t, _ in item.map.keyframes if own[0] < t < own[1]), own[1]]
        keyframes = simplified(tuple((_record_of(item, t, context), at(t) * rate) for t in times))
        low, high = (edge(at(t) for t in times) for edge in (min, max))
    return Source(probed_range(low * rate, high * rate, rate), speed, has, keyframes)


def _record_of(item: Item, time: Fraction, context: Context) -> Fraction:
    """The record frame of a time of an item."""
    return context.time.record(item.outer(time), Fraction(0))[0] * context.rate


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
