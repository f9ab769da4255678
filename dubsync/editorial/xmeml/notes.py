"""Writes a note as a marker of a sequence, with its colour.

Source: Apple, "Final Cut Pro XML Interchange Format", version 5: marker, color.
"""

from __future__ import annotations

from dubsync.core.timeline.probed import ProbedMarker
from dubsync.editorial.files.xml_out import Node, leaf
from dubsync.editorial.notes.colours import RGB
from dubsync.editorial.xmeml.write_items import WriteContext


def note_node(marker: ProbedMarker, context: WriteContext) -> Node | None:
    """The marker of a note; None before the begin of the sequence, which is reported."""
    record = marker.record
    if record is None or record.start is None or record.start < context.zero:
        what = f"note {marker.name!r} is before the sequence, and is not written"
        context.table.layout.lose(marker.where, what)
        return None
    start = context.frame(record.start)
    node = Node("marker").add(leaf("name", marker.name), leaf("comment", marker.comment))
    node.add(leaf("in", start), leaf("out", start + 1))
    if marker.colour not in RGB:
        return node
    red, green, blue = RGB[marker.colour]
    colour = Node("color").add(leaf("alpha", 0), leaf("red", red), leaf("green", green))
    return node.add(colour.add(leaf("blue", blue)))
