"""A dub script: its lines, with character, time, language and on-screen status."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Literal

from dubsync.core.timeline.losses import LossReport

OnScreen = Literal["on", "off", "on_off", "off_on"]
#: Values of DAPT's daptm:onScreen: throughout, never, leaving, entering.
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

#: Before the words of an unchecked machine-made line, where a format has no place for notes.
MACHINE_MADE = "[machine-made]"
#: After a word that the machine is unsure of.  As efforts in brackets, it is not spoken.
UNSURE = "(?)"
_MACHINE_WORDS = re.compile(r"machine-made words ([0-9a-f]{8})\b")

Lips = Literal["closed", "semi", "open"]
#: What a mark of a rythmo band states: lips meet (m, b, p); come near (f, v, w); are apart.
LIPS: tuple[Lips, ...] = ("closed", "semi", "open")


@dataclass(frozen=True, slots=True)
class LipMark:
    """The shape of the lips at one time, marked by hand.

    time  record time in seconds since midnight
    """

    time: Fraction
    lips: Lips


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """One line of a script.

    start, stop   record time in seconds since midnight, exact: a timecode's frame over the rate
    text          the words in the script's language; "\\n" between printed lines
    original      the words in the original language; "" if the script does not have them
    number        cue number as printed
    on_screen     whether the picture shows the speaker; None if the script does not say
    represents    a DAPT content descriptor; only speech moves lips
    reason        the reason for the recording, from an ADR sheet
    marks         shapes of the lips marked within the line, from a rythmo band
    where         its place in the file, for messages
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
    marks: tuple[LipMark, ...] = ()
    where: str = field(default="", compare=False)

    @property
    def spoken(self) -> bool:
        """Whether it is audible speech, and not on-screen text or a described sound."""
        return self.represents in (DIALOGUE, "audio") or self.represents.startswith(DIALOGUE + ".")

    @property
    def words(self) -> str:
        """The spoken words, without (efforts), [sounds] and outer quotation marks."""
        words = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", self.text)
        return " ".join(words.split()).strip('"\u201c\u201d\u201e\u00ab\u00bb ')

    @property
    def unchecked(self) -> bool:
        """Whether a machine wrote the words, and no person has changed them or cleared the mark.

        The mark in the notes holds a digest of the machine's words, see `machine_note`.
        """
        if self.text.lstrip().startswith(MACHINE_MADE):
            return True
        return words_digest(self.text) in _MACHINE_WORDS.findall(self.notes)

    @property
    def name(self) -> str:
        """How messages refer to it."""
        number = f"{self.number} " if self.number else ""
        return f"{self.character or 'an unnamed character'}'s line {number}({self.where})"


def words_digest(text: str) -> str:
    """Eight hex digits for the letters and digits of `text`.

    Case, punctuation, blanks and UNSURE do not count: a spreadsheet that makes quotation marks
    curly has corrected nothing.

    >>> words_digest("L\u2019ha (?) detto.") == words_digest("l'ha detto")
    True
    """
    plain = unicodedata.normalize("NFKC", text.replace(UNSURE, " ").casefold())
    kept = "".join(c for c in plain if unicodedata.category(c)[0] in "LMN")
    return hashlib.sha256(kept.encode()).hexdigest()[:8]


def marked_text(line: ScriptLine) -> str:
    """The text of a line, with MACHINE_MADE before it where nobody has checked it."""
    if not line.unchecked or line.text.lstrip().startswith(MACHINE_MADE):
        return line.text
    return f"{MACHINE_MADE} {line.text}".rstrip()


def machine_note(
    text: str, model: str, confidence: float | None, unsure: Sequence[tuple[str, float]] = ()
) -> str:
    """The note that marks `text` as words of a machine until a person has changed them.

    Args:
        model: digest of the model that wrote them.
        confidence: of the whole line, 0..1; None where speech is heard but not understood.
        unsure: words it is unsure of, and the confidence of each.
    """
    note = f"machine-made words {words_digest(text)}, model {model[:12]}, "
    if confidence is None:
        return note + "speech is heard but not understood: write the words"
    note += f"confidence {confidence:.2f}"
    if unsure:
        note += "; unsure: " + ", ".join(f"{word} {sure:.2f}" for word, sure in unsure)
    return note + ". Clear this note when the line is right"


@dataclass(frozen=True, slots=True)
class UntimedLine:
    """A line for which the file states no end, or no time at all; it has no place in the dub.

    begin  record time in seconds since midnight; None if not stated
    The other fields are those of ScriptLine.
    """

    character: str
    text: str
    begin: Fraction | None = None
    number: str = ""
    original: str = ""
    language: str = ""
    on_screen: OnScreen | None = None
    performer: str = ""
    reason: str = ""
    notes: str = ""
    represents: str = DIALOGUE
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Script:
    """A script, its lines in order of time.

    untimed            lines without an end or without times, in the order of the file
    language           of `text`, BCP-47; "" if not stated
    original_language  of `original`, BCP-47; "" if not stated
    rate, drop         of its printed timecode; `rate` is None if it prints none
    start              record time, in seconds, of the programme's first frame, as stated by the
                       file or the user; None if unknown
    from_start         whether its times count from that first frame, not from midnight
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
    untimed: tuple[UntimedLine, ...] = ()

    @property
    def characters(self) -> tuple[str, ...]:
        """The characters, each once, in order of their first line."""
        named = [line.character for line in self.lines]
        named += [line.character for line in self.untimed]
        return tuple(dict.fromkeys(name for name in named if name))


def kept_otherwise(wanted: Script, result: Script) -> dict[str, int]:
    """Field of a line -> the number of lines in which `result` differs from `wanted`.

    "lines" is the difference in the number of lines; "untimed" the number of untimed lines that
    differ.
    """
    changed: dict[str, int] = {}
    if wanted.untimed != result.untimed:
        sides = wanted.untimed, result.untimed
        same = sum(a == b for a, b in zip(*sides, strict=False))
        changed["untimed"] = max(map(len, sides)) - same
    if len(wanted.lines) != len(result.lines):
        changed["lines"] = abs(len(wanted.lines) - len(result.lines))
    names = [f.name for f in fields(ScriptLine) if f.compare]
    for ours, theirs in zip(wanted.lines, result.lines, strict=False):
        for name in names:
            if getattr(ours, name) != getattr(theirs, name):
                changed[name] = changed.get(name, 0) + 1
    return changed
