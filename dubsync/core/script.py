"""A dub script: who says what, when, in which language, and whether the picture shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Literal

from dubsync.core.timeline.losses import LossReport

OnScreen = Literal["on", "off", "on_off", "off_on"]
#: As DAPT's daptm:onScreen has them: throughout, never, leaving, entering.
ON_SCREEN: tuple[OnScreen, ...] = ("on", "off", "on_off", "off_on")

ScriptKind = Literal["originalTranscript", "translatedTranscript", "preRecording", "asRecorded"]
#: Values of DAPT's daptm:scriptType.
SCRIPT_KINDS: tuple[ScriptKind, ...] = (
    "originalTranscript",
    "translatedTranscript",
    "preRecording",
    "asRecorded",
)
DIALOGUE = "audio.dialogue"


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """One line of a script.

    start, stop   record time in seconds since midnight, exact: a timecode's frame over the rate
    text          as it is to be said in the script's language; "\\n" between its printed lines
    original      what was said in the picture's own language, "" where the script has it not
    number        cue number as printed
    on_screen     whether the picture shows who speaks; None where the script does not say
    represents    what it stands for, a DAPT content descriptor; only speech moves lips
    reason        an ADR sheet's reason for recording it
    where         where in its file it stands, for messages
    """

    character: str
    text: str
    start: Fraction
    stop: Fraction
    number: str = ""
    original: str = ""
    language: str = ""
    on_screen: OnScreen | None = None
    performer: str = ""
    reason: str = ""
    notes: str = ""
    represents: str = DIALOGUE
    where: str = field(default="", compare=False)

    @property
    def spoken(self) -> bool:
        """Whether it is speech heard, and not a text seen or a sound described."""
        return self.represents in (DIALOGUE, "audio") or self.represents.startswith(DIALOGUE + ".")

    @property
    def words(self) -> str:
        """The words to be spoken: without (efforts) and [sounds], quotation marks taken off."""
        said = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", self.text)
        return " ".join(said.split()).strip('"\u201c\u201d\u201e\u00ab\u00bb ')

    @property
    def name(self) -> str:
        """What to call it in a message."""
        said = f"{self.number} " if self.number else ""
        return f"{self.character or 'somebody'}'s line {said}({self.where})"


@dataclass(frozen=True, slots=True)
class Script:
    """A whole script, its lines in order of time.

    language           of `text`, BCP-47; "" where nobody says
    original_language  of `original`, likewise
    rate, drop         that its timecodes are printed at; None where it prints none
    start              record time, in seconds, of the programme's first frame where the file
                       says or the reader was told; None where its times are since midnight and
                       nothing else is known
    from_start         its times count from that first frame, not from midnight
    """

    path: str
    format: str
    lines: tuple[ScriptLine, ...]
    language: str = ""
    original_language: str = ""
    rate: Fraction | None = None
    drop: bool = False
    start: Fraction | None = None
    from_start: bool = False
    kind: ScriptKind = "preRecording"
    losses: LossReport = field(default_factory=LossReport)

    @property
    def characters(self) -> tuple[str, ...]:
        """Who speaks, each once, in order of first word."""
        return tuple(dict.fromkeys(line.character for line in self.lines if line.character))


def kept_otherwise(wanted: Script, result: Script) -> dict[str, int]:
    """Field of a line -> in how many lines `result` has it otherwise than `wanted`.

    "lines" counts what one has more than the other.
    """
    changed: dict[str, int] = {}
    if len(wanted.lines) != len(result.lines):
        changed["lines"] = abs(len(wanted.lines) - len(result.lines))
    names = [f.name for f in fields(ScriptLine) if f.compare]
    for ours, theirs in zip(wanted.lines, result.lines, strict=False):
        for name in names:
            if getattr(ours, name) != getattr(theirs, name):
                changed[name] = changed.get(name, 0) + 1
    return changed
