"""What a reviewer says about a shot: notes, answers to them, and judgements of versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: How much a note matters: 1 must be mended before delivery, 2 should be, 3 may stay.
Severity = Literal[1, 2, 3]
#: How a note was answered, in the words of Netflix's QC portal.
Answer = Literal["open", "fix", "creative intent", "best possible"]
ANSWERS: tuple[Answer, ...] = ("open", "fix", "creative intent", "best possible")
#: A reviewer's judgement of one version of a shot.
Judged = Literal["approved", "rejected"]


@dataclass(frozen=True, slots=True)
class Note:
    """One note on one shot.

    name      unique in the project, "N0007"; hosts carry it, so that an answer finds its note
    shot      the shot's name
    frame     the plate's frame (its timecode counted in frames), as renders and tweaks count
    text      what the reviewer says
    author    who said it
    severity  1 to 3
    answer    how it was answered; "open": not yet
    reply     the words of the answer
    version   the render it was said about, "v002"; "": the shot as a whole
    made      ISO 8601, UTC
    answered_by  who answered it; "": nobody yet
    """

    name: str
    shot: str
    frame: int
    text: str
    author: str
    severity: Severity = 2
    answer: Answer = "open"
    reply: str = ""
    version: str = ""
    made: str = ""
    answered_by: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What somebody decided about one version of a shot.

    version  the render it was decided about, "v002"
    """

    shot: str
    version: str
    judged: Judged
    by: str
    made: str = ""
    reason: str = ""


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
