"""Writes markers as Avid locators: DescriptiveMarkers in event slots, one slot per track."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from importlib import import_module
from typing import Any

from dubsync.core.timeline.losses import APPROXIMATE, LOST, Loss
from dubsync.core.timeline.probed import ProbedCut, ProbedMarker, ProbedTimeline
from dubsync.editorial.aaf.effects import rational

#: First id of event slots, as in Avid's files.
FIRST_SLOT = 1000
_COLOURS = {
    "red": (52428, 13107, 13107),
    "green": (13107, 52428, 13107),
    "blue": (13107, 13107, 52428),
    "cyan": (13107, 52428, 52428),
    "magenta": (52428, 13107, 52428),
    "yellow": (52428, 52428, 13107),
    "black": (0, 0, 0),
    "white": (65534, 65534, 65534),
}


def write_markers(
    file: Any,
    mob: Any,
    cut: ProbedCut,
    timeline: ProbedTimeline,
    rate: Fraction,
    first: int,
    labels: Mapping[str, int],
) -> list[Loss]:
    """Write the markers of a timeline as locators; return what could not be written.

    Args:
        first: record frame of the start of the composition.
        labels: track label -> the id of its slot.
    """
    losses = []
    by_slot: dict[int, list[tuple[int, ProbedMarker]]] = defaultdict(list)
    for marker in cut.markers:
        if marker.timeline != timeline.name:
            continue
        record = marker.record
        if record is None or record.start is None:
            losses.append(
                Loss(
                    marker.where,
                    f"marker {marker.name!r} has no record time, and is not written",
                    LOST,
                )
            )
            continue
        slot = next((labels[t] for t in marker.track.split("+") if t in labels), None)
        if slot is None and not labels:
            what = f"marker {marker.name!r} is on a track that is not written, and is not written"
            losses.append(Loss(marker.where, what, LOST))
            continue
        if slot is None:
            slot = next(iter(labels.values()))
            if marker.track:
                what = f"marker {marker.name!r} is moved to the first track"
                losses.append(Loss(marker.where, what, APPROXIMATE))
        by_slot[slot].append((round(record.start) - first, marker))
    free = max([FIRST_SLOT - 1, *(slot.slot_id for slot in mob.slots)]) + 1
    for number, (described, marks) in enumerate(sorted(by_slot.items())):
        slot = file.create.EventMobSlot(free + number)
        slot.edit_rate = rational(rate)
        slot["PhysicalTrackNumber"].value = 1
        sequence = file.create.Sequence("DescriptiveMetadata")
        for position, marker in sorted(marks, key=lambda one: one[0]):
            sequence["Components"].append(_marker(file, position, marker, described))
        slot.segment = sequence
        mob.slots.append(slot)
    return losses


def _marker(file: Any, position: int, marker: ProbedMarker, described: int) -> Any:
    misc: Any = import_module("aaf2.misc")
    made = file.create.DescriptiveMarker()
    text = marker.name or marker.comment
    made["Position"].value = position
    made["Comment"].value = text
    made["DescribedSlots"].value = {described}
    length = marker.record.length if marker.record else None
    if length is not None and length > 1:
        made["Length"].value = round(length)
    tags = misc.TaggedValueHelper(made["CommentMarkerAttributeList"])
    colour = (marker.colour or "red").lower()
    tags["_ATN_CRM_COLOR"] = colour.capitalize()
    tags["_ATN_CRM_COM"] = text
    if marker.name and marker.comment:
        tags["_ATN_CRM_USER"] = marker.comment
    if colour in _COLOURS:
        red, green, blue = _COLOURS[colour]
        made["CommentMarkerColor"].value = {"red": red, "green": green, "blue": blue}
    return made
