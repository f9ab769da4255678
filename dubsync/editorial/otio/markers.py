"""Reads markers, and places items on whole record frames."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from dubsync.core.timeline.losses import ODD
from dubsync.core.timeline.probed import ProbedMarker, probed_range
from dubsync.editorial.otio.nodes import Node, is_number, list_in, span_in, text_in
from dubsync.editorial.otio.place import Place
from dubsync.editorial.otio.time import snapped
from dubsync.editorial.timeline.cut_builder import CutBuilder


def gridded(
    shown: tuple[Fraction, Fraction], place: Place, builder: CutBuilder, name: str, where: str
) -> tuple[Fraction, Fraction]:
    """Record seconds with the rounding of floats removed."""
    edges = []
    for edge in shown:
        frame, off = snapped(edge * place.rate)
        if off and not place.sound:
            builder.lose(
                where,
                f"{name!r} begins or ends between frames at {place.rate} fps; listed exactly",
                ODD,
            )
        edges.append(edge if off else frame / place.rate)
    return edges[0], edges[1]


def _colour(marker: Node) -> str:
    """The colour of a marker: a name, or an object with a name or with red, green and blue."""
    colour = marker.get("color")
    if not isinstance(colour, dict):
        return text_in(marker, "color")
    parts = [part for key in "rgb" if is_number(part := colour.get(key))]
    if text_in(colour, "name") or len(parts) < len("rgb"):
        return text_in(colour, "name").lower()
    return "#" + "".join(f"{min(max(round(part * 255), 0), 255):02x}" for part in parts)


def list_markers(node: Node, place: Place, builder: CutBuilder) -> None:
    """List the markers of an item, a track or a stack, at record time."""
    for marker in list_in(node, "markers"):
        name = text_in(marker, "name")
        span = (
            span_in(marker.get("marked_range"), f"marker {name}")
            if isinstance(marker, dict)
            else None
        )
        if span is None:
            builder.lose(place.track, f"marker {name!r} has no position", ODD)
            continue
        edges = place.placing.record(span[0], span[1])
        start, stop = gridded(edges, replace(place, sound=True), builder, name, place.track)
        record = probed_range(start * place.rate, stop * place.rate, place.rate, place.drop)
        builder.markers.append(
            ProbedMarker(
                name,
                "marker",
                record,
                colour=_colour(marker),
                comment=text_in(marker, "comment"),
                track=place.track,
                timeline=place.timeline,
                where=place.track,
            )
        )
