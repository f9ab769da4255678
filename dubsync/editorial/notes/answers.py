"""What an editor says about a note in the words and the colour of its marker."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import cast

from dubsync.core.note import Answer, Note, Severity
from dubsync.editorial.notes.colours import answer_in, colour_of, known_colour
from dubsync.editorial.notes.words import (
    HEAD,
    MARK,
    Words,
    answer_line,
    is_shortened,
    own_line,
    parts,
    plain,
    unescaped,
)

#: An answer at the begin of a line.  "open" is a common word: it counts with a colon or alone.
_KEYWORD = re.compile(
    r"^[ \t\-*>]*(?:(?P<fix>fix)|(?P<creative>creative[\s_-]*intent)|"
    r"(?P<best>best[\s_-]*possible)|(?P<open>open(?=\s*:|\s*$)))\b[ \t]*[:.,;\u2013\u2014-]?[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_ANSWERS: dict[str, Answer] = {
    "fix": "fix", "creative": "creative intent", "best": "best possible", "open": "open",
}  # fmt: skip
#: What parts an editor's words from ours, on either side.
_EDGES = " \t\r\n-|:;,\u2013\u2014"


@dataclass(frozen=True, slots=True)
class Said:
    """What a marker says about a note; `doubts`: what was not taken, in sentences."""

    answer: Answer
    reply: str
    severity: Severity
    doubts: tuple[str, ...] = ()


def said_in(words: Words, colour: str, note: Note) -> Said:
    """What the marker of `note` says; what it does not change is as in `note`."""
    doubts: list[str] = []
    severity = _severity(words.together, note)
    theirs = _theirs(words.together, note, doubts)
    answer, reply = note.answer, note.reply
    ours = plain(unescaped(answer_line(note)))
    if theirs and plain(theirs) != ours and not _cut_off(plain(theirs), ours):
        if ours and plain(theirs).startswith(ours):  # our answer, and something below it
            theirs = _after(theirs, unescaped(answer_line(note)))
            spoken, words_of_it = _answer_in(theirs)
            answer = spoken or note.answer
            reply = words_of_it if spoken else "\n".join(filter(None, (note.reply, words_of_it)))
        else:
            spoken, reply = _answer_in(theirs)
            answer = spoken or note.answer
    shade = known_colour(colour)
    if answer == note.answer and shade and shade != colour_of(note):
        coloured = answer_in(shade)
        if coloured is not None:
            answer = coloured
        elif severity == note.severity and note.answer == "open":  # else as it was before
            doubts.append(f"its colour is now {shade}, which is no answer")
    elif answer == note.answer and not shade and colour.isalpha():
        doubts.append(f"its colour {colour!r} is no answer")
    return Said(answer, reply, severity, tuple(doubts))


def _severity(together: str, note: Note) -> Severity:
    head = next((m for m in HEAD.finditer(together) if m["name"] == note.name), None)
    stated = head["severity"] if head else None
    return cast("Severity", int(stated)) if stated else note.severity


def _theirs(together: str, note: Note, doubts: list[str]) -> str:
    """The words in a marker that dubsync did not write."""
    first, *rest = parts(together)
    head = next(m for m in HEAD.finditer(together) if m["name"] == note.name)
    if head.start() > len(first):  # somebody wrote the mark before our words
        doubts.append("its words are not as dubsync wrote them; only its colour was read")
        return ""
    line, _, below = first[head.start() :].partition("\n")
    found = [first[: head.start()].strip(_EDGES)]
    found.append(_beside_line(line, note, whole=bool(rest), doubts=doubts))
    text, told = plain(note.text), not is_shortened(note)
    for n, part in enumerate((below, *rest)):
        if n < len(rest) and plain(unescaped(part)).endswith(text) and is_shortened(note):
            found.append(_without_end(part, note.text))
            told = True
        elif n < len(rest) and n > 0:
            doubts.append(f"{plain(part)[:80]!r} before {MARK} is not the note's text")
        elif told or not _cut_off(plain(unescaped(part)).lstrip(_EDGES), text):
            found.append(part)
    return "\n".join(unescaped(w) for w in (one.lstrip(_EDGES).rstrip() for one in found) if w)


def _beside_line(line: str, note: Note, *, whole: bool, doubts: list[str]) -> str:
    """What somebody wrote into the line with the note's name, from its answer on.

    Args:
        whole: whether the mark follows, so that the line should be as dubsync wrote it.
    """
    left = HEAD.sub("", line, count=1).lstrip(_EDGES)
    found, wanted = (
        plain(HEAD.sub("", words, count=1)).lstrip(_EDGES) for words in (line, own_line(note))
    )
    if found == wanted or (not left and not whole):
        return ""
    if whole:
        doubts.append("its text was changed; the note keeps its own")
        return ""
    if _cut_off(found, f"{wanted} {MARK}"):
        return ""
    tail = _KEYWORD.search(left)
    if tail is None or tail.start() > 0:
        doubts.append(f"its words are not as dubsync wrote them: {plain(left)[:80]!r}")
    return left[tail.start() :] if tail else ""


def _cut_off(found: str, whole: str) -> bool:
    """Whether `found` is the begin of `whole`, cut off by a system with short fields."""
    start = found.removesuffix("...").rstrip()
    return len(start) >= 8 and whole.startswith(start)


def _without_end(part: str, text: str) -> str:
    """`part` without the note's text at its end; spaces and line ends do not count."""
    wanted = _letters(text)
    ends = range(len(part) + 1)
    after = bisect_right(ends, wanted, key=lambda n: _letters(unescaped(part[len(part) - n :])))
    return part[: len(part) - after + 1]


def _after(theirs: str, ours: str) -> str:
    """What follows our answer; spaces and line ends do not count."""
    ends = range(len(theirs) + 1)
    after = bisect_right(ends, _letters(ours), key=lambda end: _letters(theirs[:end]))
    return theirs[after - 1 :].lstrip(_EDGES).rstrip()


def _letters(text: str) -> int:
    """Number of characters that are kept by every format."""
    return len("".join(plain(text).split()))


def _answer_in(theirs: str) -> tuple[Answer | None, str]:
    """The answer in an editor's words, and the rest of them."""
    result = _KEYWORD.search(theirs)
    if result is None:
        return None, theirs.strip()
    name = next(name for name, value in result.groupdict().items() if value)
    before, after = theirs[: result.start()].strip(_EDGES), theirs[result.end() :].strip()
    return _ANSWERS[name], "\n".join(filter(None, (before, after)))
