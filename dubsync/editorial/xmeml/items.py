"""Where an FCP7 XML walk stands, and what a single item of a track says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.losses import APPROXIMATE, LOST, ODD
from dubsync.core.timeline.probed import ProbedMarker, ProbedRange, probed_range
from dubsync.core.timeline.runs import Keyframe
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.timeline.cut_builder import CutBuilder, Source
from dubsync.editorial.timeline.nested_time import AffineTime
from dubsync.editorial.timeline.time_maps import simplified, speeds_between
from dubsync.editorial.xmeml.parts import File, Remap, rate_in, whole

MOST_MARKERS = 500_000


@dataclass(slots=True)
class XmemlBuilder(CutBuilder):
    """What the walk has found so far, and what it looks things up in."""

    files: Mapping[str, File]
    sequences: Mapping[str, Element]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands.

    own    rate that start and end of the items here count at
    rate   record rate of the timeline, which `placing` leads to, in seconds
    """

    timeline: str
    own: Fraction
    rate: Fraction
    drop: bool
    placing: AffineTime
    inside: str = ""
    enabled: bool = True
    nests: tuple[str, ...] = ()


def edges_of(items: Sequence[Element], n: int) -> tuple[int | None, int | None]:
    """An item's first and last record frame; -1 stands for a transition's own."""
    start, end = whole(items[n], "start"), whole(items[n], "end")
    if start == -1 and n and items[n - 1].tag == "transitionitem":
        start = whole(items[n - 1], "start")
    if end == -1 and n + 1 < len(items) and items[n + 1].tag == "transitionitem":
        end = whole(items[n + 1], "end")
    return (None if start is None or start < 0 else start), end


def touches_black(items: Sequence[Element], n: int) -> bool:
    """Whether a transition fades to or from black right beside what it does not join.

    Its own clip has -1 on its side; what the black ends at states its own edge.
    """
    start, end = whole(items[n], "start"), whole(items[n], "end")
    before = whole(items[n - 1], "end") if n else None
    after = whole(items[n + 1], "start") if n + 1 < len(items) else None
    alignment = items[n].text_at("alignment")
    to_black = after == end and (before == -1 or alignment == "end-black")
    from_black = before == start and (after == -1 or alignment == "start-black")
    return to_black or from_black


def shown_of(edges: tuple[int, int], place: Place) -> ProbedRange | None:
    """Record frames in which an item shows; None when it does not."""
    start, length = edges[0] / place.own, (edges[1] - edges[0]) / place.own
    shown = place.placing.shown(start, length)
    if shown is None:
        return None
    return probed_range(shown[0] * place.rate, shown[1] * place.rate, place.rate, place.drop)


def source_of(
    item: Element,
    edges: tuple[int, int],
    record: ProbedRange,
    file: File | None,
    remap: Remap | None,
    place: Place,
    builder: XmemlBuilder,
) -> Source:
    """Source frames and speed of a clipitem, for as much of it as shows."""
    rate = rate_in(item) or place.own
    where, name = f"line {item.line}", item.text_at("name")
    low = whole(item, "in")
    if low is None or low < 0 or record.start is None or record.stop is None:
        return Source(None, Fraction(1))
    at = edges[0] / place.own
    own = place.placing.own((record.start / place.rate, record.stop / place.rate), at, low / rate)
    frames = own[0] * rate, own[1] * rate
    line, speed = _played(remap, frames)
    if remap and remap.curved:
        builder.lose(
            where, f"{name!r}: a speed ramp's curves are read as straight lines", APPROXIMATE
        )
    if not line:
        what = f"{name!r} runs backwards, and the document does not draw from which frame"
        builder.lose(where, what, LOST)
        return Source(None, speed)
    first = file.first if file else None
    if first is not None and first.warning:
        builder.lose(where, f"{name!r}: {first.warning}; the frame is taken", ODD)
    begin = Fraction(first.frame) * rate / (first.rate or rate) if first else Fraction(0)
    start, stop = min(v for _, v in line), max(v for _, v in line)
    keyframes: tuple[Keyframe, ...] = ()
    if speed is None:
        pace = place.placing.scale * place.rate / rate
        first_own = own[0] * rate
        keyframes = simplified(
            tuple((record.start + (t - first_own) * pace, begin + v) for t, v in line)
        )
    if speed == 0 or stop == start:
        stop = start + 1
    has = None
    if file and file.length:
        has = probed_range(begin, begin + file.length * rate / (file.rate or rate), rate)
    drop = first.drop if first else False
    return Source(probed_range(begin + start, begin + stop, rate, drop), speed, has, keyframes)


def _played(
    remap: Remap | None, frames: tuple[Fraction, Fraction]
) -> tuple[list[Keyframe], Fraction | None]:
    """The line of (own, media) frames over an item's own `frames`, none where the document does
    not draw it; and its speed, None where that changes.
    """
    if remap is None:
        return [(t, t) for t in frames], Fraction(1)
    speed = remap.speed
    if remap.map:
        speeds = speeds_between(remap.map, *frames)
        if speed is None and len(speeds) == 1:
            speed = speeds.pop()
        points = [t for t, _ in remap.map.keyframes if frames[0] < t < frames[1]]
        line = [(t, remap.map.at(t)) for t in (frames[0], *points, frames[1])]
    elif speed is not None and not remap.reverse:
        return [(t, t * speed) for t in frames], speed
    else:
        line = []
    if speed is not None and speed > 0 and (remap.reverse or not line):
        speed = -speed
    return line, speed


def list_markers(
    element: Element, place: Place, builder: XmemlBuilder, edges: tuple[int, int] | None
) -> None:
    """Markers of a sequence, in record frames, or of a clip, in its own."""
    rate = (rate_in(element) or place.own) if edges else place.own
    for marker in element.all("marker"):
        if len(builder.markers) > MOST_MARKERS:
            raise TurnoverError(f"more than {MOST_MARKERS} markers", hint="break nests apart")
        where = f"line {marker.line}"
        low, high = whole(marker, "in"), whole(marker, "out")
        if low is None or low < 0:
            builder.lose(where, f"marker {marker.text_at('name')!r} has no place", ODD)
            continue
        length = Fraction(high - low if high is not None and high > low else 0) / rate
        at = low / rate
        if edges:
            start = Fraction(max(whole(element, "in") or 0, 0)) / rate
            at = edges[0] / place.own + at - start
        span = place.placing.record(at, length)
        window = place.placing.window
        if window and not edges and not window[0] <= span[0] < window[1]:
            continue  # a nest's own marker, where the nest does not show
        record = probed_range(span[0] * place.rate, span[1] * place.rate, place.rate, place.drop)
        if edges and not edges[0] <= at * place.own < edges[1]:
            builder.lose(
                where,
                f"marker {marker.text_at('name')!r} stands outside what "
                "its clip shows; listed where it would be",
                ODD,
            )
        colour = (
            marker.text_at("pproColor")
            or "".join(
                f"{c.tag} {c.text} "
                for c in (marker.first("color") or marker).children
                if c.tag in ("red", "green", "blue")
            ).strip()
        )
        builder.markers.append(
            ProbedMarker(
                marker.text_at("name"),
                "marker",
                record,
                colour=colour,
                comment=marker.text_at("comment"),
                timeline=place.timeline,
                where=where,
            )
        )
