"""One task of a reel, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from dubsync.core.errors import SettingsError
from dubsync.core.result import Status

#: hear    the whole sound of a character's dub is analysed; the turnover needs it, so it is no task
#:         of a turnover
#: look    the faces in one shot's frames are tracked, and the sounds under them analysed
#: learn   a character's actor is learnt, and trained and given a head where that is asked for
#: shot    one shot is rendered in one language, the render measured, and its edit media made where
#:         the settings ask for them; sync and check: the first or the second alone
#: finish  the report is put together, and the corrected cut delivered
Kind = Literal["hear", "look", "learn", "shot", "sync", "check", "finish"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Task:
    """One task of a reel in one language; two tasks of a reel may be done at the same time.

    name        of the shot or the character; "" of "finish"
    language    the dub's
    waits_for   ids of the tasks that must have ended before: done or not, since one bad shot
                stops no other
    frames      pictures that are gone through, for an estimate; of a dub to hear, those of 25 a
                second that last as long
    spoken      of those, pictures in which the dub is heard, which are drawn
    pixels      of one of these pictures
    characters  whose faces it is about
    trained     whether a network is trained for it, or draws in it
    train_s     seconds that an actor's training may take by the clock; 0: none is to be made
    """

    kind: Kind
    name: str
    language: str
    waits_for: tuple[str, ...] = ()
    frames: int = 0
    spoken: int = 0
    pixels: int = 0
    characters: tuple[str, ...] = ()
    trained: bool = False
    train_s: float = 0.0

    @property
    def id(self) -> str:
        """Its name among the tasks of the reel in this language: "shot:SH010", "finish"."""
        return f"{self.kind}:{self.name}" if self.name else self.kind


@dataclass(frozen=True, slots=True)
class TaskResult:
    """How a task ended.

    status  "done"; "unchanged": its result was there; "skipped", "blocked" or "failed", and why
    made    the folder that it made or found: of a render, an actor, a delivery; "" where there is
            no such one
    verdict what the check said of a render: "pass", "review" or "fail"; "": not measured
    seconds that it took
    face_px of a look: the largest side of a face that is dubbed there; 0: not known
    spoken_s of a dub that is heard: seconds of speech in it
    """

    task: Task
    status: Status
    reason: str = ""
    hint: str = ""
    made: str = ""
    verdict: str = ""
    seconds: float = 0.0
    face_px: float = 0.0
    spoken_s: float = 0.0

    @property
    def ended_well(self) -> bool:
        """Whether nothing is left for a person to do."""
        return self.status in ("done", "unchanged", "skipped")


def parse_id(text: str) -> tuple[Kind, str]:
    """Kind and name of a task by its id, as "shot:SH010".

    Raises:
        SettingsError: there is no such kind, or its name is missing.
    """
    kind, _, name = text.partition(":")
    for known in KINDS:
        if kind == known and bool(name) == (known != "finish"):
            return known, name
    raise SettingsError(
        f"{text!r} is not the name of a task", hint="as look:SHOT, learn:CHARACTER, shot:SHOT, "
        "finish; dubsync task REEL lists them",
    )  # fmt: skip
