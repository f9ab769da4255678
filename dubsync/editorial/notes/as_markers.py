"""Notes as markers of a cut, at the record frames that show their plate frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from dubsync.core.note import Note
from dubsync.core.shot import Shot
from dubsync.core.timeline.losses import APPROXIMATE, LOST, Loss
from dubsync.core.timeline.probed import ProbedMarker, ProbedTimeline, probed_range
from dubsync.editorial.notes.colours import colour_of
from dubsync.editorial.notes.record_frames import record_of, shows
from dubsync.editorial.notes.words import words_of

#: `ProbedMarker.kind` of a note's marker that is to be written.
NOTE = "note"
#: How a format holds a marker: name, comment and colour; the same without colour; or all words in
#: one field, with the author in the other, as Avid's locators.
Style = Literal["fields", "colourless", "locator"]


@dataclass(frozen=True, slots=True)
class PlacedNote:
    """A note and the record frame of its marker.

    track   the track of its shot
    record  a frame of the timeline
    """

    note: Note
    record: int
    track: str


def placed_notes(
    notes: Sequence[Note], shots: Sequence[Shot]
) -> tuple[tuple[PlacedNote, ...], tuple[Loss, ...]]:
    """The notes in record order, and those that the cut cannot show where they are."""
    by_name = {shot.name: shot for shot in shots}
    placed, losses = [], []
    for note in notes:
        shot = by_name.get(note.shot)
        if shot is None:
            what = f"its shot {note.shot} is not in this cut, and it is not written"
            losses.append(Loss(note.name, what, LOST))
            continue
        record = record_of(shot, note.frame)
        if not shows(shot, note.frame):
            what = f"the cut does not show its frame; its marker is at {note.shot}'s nearest frame"
            losses.append(Loss(note.name, what, APPROXIMATE))
        placed.append(PlacedNote(note, record, shot.event.track))
    placed.sort(key=lambda one: (one.record, one.note.name))
    return tuple(placed), tuple(losses)


def note_markers(
    placed: Sequence[PlacedNote], timeline: ProbedTimeline, style: Style = "fields"
) -> tuple[ProbedMarker, ...]:
    """The markers of a timeline; none if it states no rate."""
    rate = timeline.rate
    if rate is None:
        return ()
    markers = []
    for one in placed:
        words = words_of(one.note)
        at = Fraction(one.record)
        markers.append(
            ProbedMarker(
                words.together if style == "locator" else words.name,
                NOTE,
                probed_range(at, at + 1, rate, timeline.drop),
                colour="" if style == "colourless" else colour_of(one.note),
                comment=one.note.author if style == "locator" else words.comment,
                track=one.track,
                timeline=timeline.name,
                where=one.note.name,
            )
        )
    return tuple(markers)
