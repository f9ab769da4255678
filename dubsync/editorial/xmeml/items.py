"""What the FCP7 XML reader reads of one item of a track: its edges and its markers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.timeline.losses import LOST, ODD
from dubsync.core.timeline.probed import ProbedMarker, ProbedRange, probed_range
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.timeline.cut_builder import CutBuilder
from dubsync.editorial.timeline.nested_time import AffineTime
from dubsync.editorial.xmeml.parts import File, own_rate, whole_number

MOST_MARKERS = 500_000
AGAIN = "export the timeline again"


@dataclass(slots=True)
class XmemlBuilder(CutBuilder):
    """The cut read so far, and the files, sequences and multiclips of the document, by id."""

    files: Mapping[str, File]
    sequences: Mapping[str, Element]
    multiclips: Mapping[str, Element]


@dataclass(frozen=True, slots=True)
class Context:
    """The context of an item in the walk.

    own    rate at which start and end of the items count
    rate   record rate of the timeline
    time   the map from the sequence's time to record time, in seconds
    inside track label of the nest; "" at the top level
    nests  ids of the nests around the item, outermost first
    """

    timeline: str
    own: Fraction
    rate: Fraction
    drop: bool
    time: AffineTime
    inside: str = ""
    enabled: bool = True
    nests: tuple[str, ...] = ()


def edges_of(items: Sequence[Element], n: int) -> tuple[int | None, int | None]:
    """First and past-the-last frame of an item; for -1, the edge of the transition beside it."""
    start, end = whole_number(items[n], "start"), whole_number(items[n], "end")
    if start == -1 and n and items[n - 1].tag == "transitionitem":
        start = whole_number(items[n - 1], "start")
    if end == -1 and n + 1 < len(items) and items[n + 1].tag == "transitionitem":
        end = whole_number(items[n + 1], "end")
    return (None if start is None or start < 0 else start), end


def touches_black(items: Sequence[Element], n: int) -> bool:
    """Whether a transition is a fade to or from black next to a clip that it does not join.

    The clip it joins has -1 on that side; the clip beyond the black states its own edge.
    """
    start, end = whole_number(items[n], "start"), whole_number(items[n], "end")
    before = whole_number(items[n - 1], "end") if n else None
    after = whole_number(items[n + 1], "start") if n + 1 < len(items) else None
    alignment = items[n].text_at("alignment")
    to_black = after == end and (before == -1 or alignment == "end-black")
    from_black = before == start and (after == -1 or alignment == "start-black")
    return to_black or from_black


def shown_of(edges: tuple[int, int], context: Context) -> ProbedRange | None:
    """Record frames in which an item is visible; None if it is not."""
    start, length = edges[0] / context.own, (edges[1] - edges[0]) / context.own
    shown = context.time.shown(start, length)
    if shown is None:
        return None
    return probed_range(
        shown[0] * context.rate, shown[1] * context.rate, context.rate, context.drop
    )


def list_markers(
    element: Element, context: Context, builder: XmemlBuilder, edges: tuple[int, int] | None
) -> None:
    """List the markers of a sequence, in record frames, or of a clip, in the clip's frames.

    Args:
        edges: start and end of the clip; None for a sequence.
    """
    rate = (own_rate(element) or context.own) if edges else context.own
    for marker in element.all("marker"):
        if len(builder.markers) > MOST_MARKERS:
            raise TurnoverError(
                f"more than {MOST_MARKERS} markers", hint="break the nests apart, and export again"
            )
        where = f"line {marker.line}"
        try:
            _marker(marker, element, rate, context, builder, edges)
        except TimecodeError as error:
            what = f"marker {marker.text_at('name')!r} is not listed: {error}"
            builder.lose(where, what, LOST, AGAIN)


def _marker(
    marker: Element,
    element: Element,
    rate: Fraction,
    context: Context,
    builder: XmemlBuilder,
    edges: tuple[int, int] | None,
) -> None:
    """List one marker of `element`; see `list_markers`."""
    where = f"line {marker.line}"
    low, high = whole_number(marker, "in"), whole_number(marker, "out")
    if low is None or low < 0:
        builder.lose(where, f"marker {marker.text_at('name')!r} has no position", ODD)
        return
    length = Fraction(high - low if high is not None and high > low else 0) / rate
    at = low / rate
    if edges:
        start = Fraction(max(whole_number(element, "in") or 0, 0)) / rate
        at = edges[0] / context.own + at - start
    span = context.time.record(at, length)
    window = context.time.window
    if window and not edges and not window[0] <= span[0] < window[1]:
        return  # a marker of a nest, outside its visible part
    record = probed_range(
        span[0] * context.rate, span[1] * context.rate, context.rate, context.drop
    )
    if edges and not edges[0] <= at * context.own < edges[1]:
        builder.lose(
            where,
            f"marker {marker.text_at('name')!r} is outside its clip's visible part; "
            "its position is extrapolated",
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
            timeline=context.timeline,
            where=where,
        )
    )
