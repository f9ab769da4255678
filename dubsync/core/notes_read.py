"""What came back from an editing system: answers to notes, moved notes, new notes."""

from __future__ import annotations

from dataclasses import dataclass

from dubsync.core.note import Note


@dataclass(frozen=True, slots=True)
class StrayMarker:
    """A marker from which nothing, or not everything, was taken; it is kept as it was.

    name, comment  its words in the file
    at             its record timecode, as the file has it; "" if it has none
    where          its place in the file, for messages
    why            what was not taken, and why, as a sentence
    """

    name: str
    comment: str
    at: str
    where: str
    why: str


@dataclass(frozen=True, slots=True)
class NotesRead:
    """The notes in the markers of a file, compared with the notes of the project.

    A note that is both answered and moved is in both, with all its changes.

    answered  notes whose answer, reply or severity is another than the project's
    moved     notes whose marker is at another record frame; `frame` is the new plate frame
    added     notes that somebody set in the host; their `name` is "", for the store to give
    unknown   markers that were not taken, or not wholly
    missing   names of notes that the project has and the file has not
    """

    answered: tuple[Note, ...] = ()
    moved: tuple[Note, ...] = ()
    added: tuple[Note, ...] = ()
    unknown: tuple[StrayMarker, ...] = ()
    missing: tuple[str, ...] = ()
