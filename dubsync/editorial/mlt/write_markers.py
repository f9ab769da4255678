"""Writes markers: guides of Kdenlive, markers of Shotcut.

Source: Kdenlive 22.12 (guides and their categories, as JSON); Shotcut, "MLT XML Annotations".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction

from dubsync.core.timeline.losses import APPROXIMATE, LOST
from dubsync.core.timeline.probed import ProbedMarker
from dubsync.editorial.files.xml_out import Node, legal
from dubsync.editorial.mlt.markers import CATEGORIES
from dubsync.editorial.mlt.write_media import prop
from dubsync.editorial.notes.colours import RGB, known_colour
from dubsync.editorial.timeline.cut_builder import LossNotes

#: The categories of a new project: Kdenlive's own first one, then the colours of notes.
_COLOURS = (CATEGORIES[0], *(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in RGB.values()))
_NAMES = ("Category 1", *(colour.title() for colour in RGB))


def categories() -> str:
    """Kdenlive's categories of guides: a name, a number and a colour each."""
    rows = [
        {"color": colour, "comment": name, "index": n}
        for n, (name, colour) in enumerate(zip(_NAMES, _COLOURS, strict=True))
    ]
    return json.dumps(rows)


def guides(markers: Sequence[ProbedMarker], zero: Fraction, notes: LossNotes) -> str:
    """Markers as Kdenlive's guides."""
    rows = []
    for marker, at, length in placed(markers, zero, notes):
        if length > 1:
            what = "a guide of Kdenlive has no length; a marker keeps its first frame"
            notes.lose("markers", what, APPROXIMATE)
        rows.append({"comment": words(marker), "pos": at, "type": category(marker)})
    return json.dumps(rows)


def category(marker: ProbedMarker) -> int:
    """The number of the category that has a marker's colour; 0 for any other colour."""
    colour = known_colour(marker.colour)
    return 1 + list(RGB).index(colour) if colour else 0


def shotcut_markers(
    markers: Sequence[ProbedMarker], zero: Fraction, notes: LossNotes
) -> Node | None:
    """Markers as Shotcut has them; None if there are none."""
    group = Node("properties", {"name": "shotcut:markers"})
    for n, (marker, at, length) in enumerate(placed(markers, zero, notes)):
        colour = known_colour(marker.colour)
        hexadecimal = "#{:02x}{:02x}{:02x}".format(*RGB[colour]) if colour else "#008000"
        one = Node("properties", {"name": str(n)}).add(prop("text", words(marker)))
        one.add(prop("start", at), prop("end", at + length), prop("color", hexadecimal))
        group.add(one)
    return group if group.children else None


def placed(
    markers: Sequence[ProbedMarker], zero: Fraction, notes: LossNotes
) -> list[tuple[ProbedMarker, int, int]]:
    """(marker, position, length) of the markers that have a place in the timeline."""
    result = []
    for marker in markers:
        record = marker.record
        if record is None or record.start is None or record.start < zero:
            what = f"{marker.kind} {marker.name!r} has no place in the timeline, and is not written"
            notes.lose(marker.where, what, LOST)
            continue
        length = round(record.length or 0) if marker.kind != "note" else 0
        result.append((marker, round(record.start - zero), max(length, 0)))
    return result


def words(marker: ProbedMarker) -> str:
    """A marker's name, and its comment on the lines after it."""
    name = " ".join(marker.name.split("\n"))
    return legal(f"{name}\n{marker.comment}" if marker.comment else name)
