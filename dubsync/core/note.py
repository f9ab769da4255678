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
