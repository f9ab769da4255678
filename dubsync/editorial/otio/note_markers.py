"""Writes notes as markers into an .otio document, and takes them out again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from dubsync.core.timeline.probed import ProbedMarker
from dubsync.editorial.otio.references import span
from dubsync.editorial.otio.renders import NAMESPACE

#: `metadata.dubsync.schema` of a note's marker.
NOTE_SCHEMA = "dubsync.note_marker/1"


def note_marker(marker: ProbedMarker, zero: Fraction, rate: Fraction) -> otio.schema.Marker:
    """The marker of a note, on a stack whose time begins at record frame `zero`."""
    record = marker.record
    assert record is not None and record.start is not None
    made = otio.schema.Marker(
        marker.name,
        marked_range=span(record.start - zero, record.length or Fraction(0), rate),
        color=marker.colour.upper(),
    )
    made.comment = marker.comment
    made.metadata[NAMESPACE] = {"schema": NOTE_SCHEMA, "note": marker.where}
    return made


def add_notes(
    stack: dict[str, Any], markers: Sequence[ProbedMarker], zero: Fraction, rate: Fraction
) -> None:
    """Add the markers of notes to a stack of tracks, in place of those it has."""
    if not markers:
        return
    without_notes(stack)
    present = stack.get("markers")
    kept = present if isinstance(present, list) else []
    new = [json.loads(note_marker(m, zero, rate).to_json_string()) for m in markers]
    stack["markers"] = [*kept, *new]


def without_notes(stack: dict[str, Any]) -> None:
    """Take the markers of notes out of a stack of tracks."""
    present = stack.get("markers")
    if isinstance(present, list) and any(map(_is_note, present)):
        stack["markers"] = [marker for marker in present if not _is_note(marker)]


def _is_note(marker: Any) -> bool:
    metadata = marker.get("metadata") if isinstance(marker, dict) else None
    ours = metadata.get(NAMESPACE) if isinstance(metadata, dict) else None
    return isinstance(ours, dict) and ours.get("schema") == NOTE_SCHEMA
