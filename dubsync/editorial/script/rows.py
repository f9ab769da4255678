"""Common to all script readers: collects lines, and reports all invalid rows at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from dubsync.core.errors import TurnoverError
from dubsync.core.script import OnScreen, ScriptLine, UntimedLine
from dubsync.core.timeline.losses import ASSUMED, ODD
from dubsync.editorial.timeline.cut_builder import LossNotes

#: Hint for a document without a line.
NO_TEXT = "export it as text: pictures of subtitles, and empty documents, hold no lines"
MOST_LINES = 100_000
LONGEST_TEXT = 20_000  #: characters of one line
_MOST_REPORTED = 12  #: invalid rows listed; the rest are counted
#: Words of cue sheets; _ and - are replaced by spaces.
_WORDS: dict[OnScreen, str] = {
    "on": "on, on screen, onscreen, on camera, yes, y, sync, lip sync, 1, true, x",
    "off": "off, off screen, offscreen, off camera, os, o.s., o/s, vo, v.o., voice over, no, n, 0, "
    "false",
    "on_off": "on/off, on off, on to off, on>off",
    "off_on": "off/on, off on, off to on, off>on",
}
_ON_SCREEN = {word: says for says, words in _WORDS.items() for word in words.split(", ")}


@dataclass(slots=True)
class ScriptBuilder(LossNotes):
    """The lines and losses read so far, and the invalid rows."""

    where: str
    lines: list[ScriptLine] = field(default_factory=list)
    untimed: list[UntimedLine] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def refuse(self, row: str, what: str) -> None:
        """Note an invalid row; `finish` reports it."""
        self.wrong.append(f"{row}: {what}")

    def add(self, line: ScriptLine) -> None:
        """Add a line, or note why it is invalid."""
        if line.stop <= line.start:
            how = "ends before it begins" if line.stop < line.start else "has no duration"
            self.refuse(line.where, how)
        elif len(line.text) > LONGEST_TEXT or len(line.original) > LONGEST_TEXT:
            self.refuse(line.where, f"has more than {LONGEST_TEXT} characters")
        elif len(self.lines) >= MOST_LINES:
            raise TurnoverError(f"{self.where} has over {MOST_LINES} lines", hint="is it a script?")
        else:
            self.lines.append(line)

    def add_untimed(self, line: UntimedLine) -> None:
        """Add a line for which the file states no end, or no time."""
        if len(line.text) > LONGEST_TEXT or len(line.original) > LONGEST_TEXT:
            self.refuse(line.where, f"has more than {LONGEST_TEXT} characters")
        elif len(self.untimed) >= MOST_LINES:
            raise TurnoverError(f"{self.where} has over {MOST_LINES} lines", hint="is it a script?")
        else:
            self.untimed.append(line)

    def finish(self, hint: str, *, may_be_empty: bool = False) -> tuple[ScriptLine, ...]:
        """All lines in order of time; overlaps, missing names and missing times are reported.

        Args:
            may_be_empty: whether the format allows a script without lines.

        Raises:
            TurnoverError: there are invalid rows, which are listed, or no lines.
        """
        if self.wrong:
            reported = "; ".join(self.wrong[:_MOST_REPORTED])
            more = len(self.wrong) - _MOST_REPORTED
            rest = f"; and {more} more" if more > 0 else ""
            raise TurnoverError(f"{self.where}: {reported}{rest}", hint=hint)
        if not (self.lines or self.untimed):
            if not may_be_empty:
                raise TurnoverError(f"{self.where} has no lines", hint=hint)
            self.lose(self.where, "the script has no lines yet", ODD)
        self._without_times()
        lines = sorted(self.lines, key=lambda line: (line.start, line.stop))
        self._overlaps(lines)
        nameless = sum(not line.character for line in lines)
        if nameless:
            self.lose(
                self.where,
                f"lines without a character: {nameless} of {len(lines)}",
                ODD,
                "such a line is used only where a single character's stem is heard",
            )
        return tuple(lines)

    def _without_times(self) -> None:
        if not self.untimed:
            return
        total = len(self.lines) + len(self.untimed)
        begun = sum(line.begin is not None for line in self.untimed)
        lacking = "an end" if begun == len(self.untimed) else "times"
        self.lose(
            self.where,
            f"lines without {lacking}: {len(self.untimed)} of {total}; kept, but not placed in the "
            "dub",
            ODD,
            "give each line a begin and an end in the program that wrote the script",
        )

    def _overlaps(self, lines: list[ScriptLine]) -> None:
        last: dict[str, ScriptLine] = {}
        for line in lines:
            before = last.get(line.character)
            if line.character and before is not None and before.stop > line.start:
                self.lose(
                    line.where,
                    f"{line.character} speaks here before {before.where} has ended",
                    ODD,
                )
            if before is None or line.stop > before.stop:
                last[line.character] = line

    def assume(self, what: str, hint: str = "") -> None:
        """Report an assumption about the whole file."""
        self.lose(self.where, what, ASSUMED, hint)


def on_screen(text: str) -> OnScreen | None:
    """The on-screen status for a word of a sheet.  Raises KeyError for an unknown word."""
    word = re.sub(r"[\s_-]+", " ", text.strip().lower())
    word = re.sub(r"\s*(/|>)\s*", r"\1", word)
    return _ON_SCREEN[word] if word else None


def decimal(text: str) -> Fraction:
    """A decimal number with a point or a comma.  Raises ValueError."""
    if not re.fullmatch(r"\d{1,9}(?:[.,]\d{1,12})?", text):
        raise ValueError(text)
    return Fraction(text.replace(",", "."))
