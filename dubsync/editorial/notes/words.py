"""A note as the words of a marker, in a form that survives editing systems.

The name is one line; the comment has the whole text if the name had to shorten it, and the answer:

    N0007 [2] ELISE: lips should close (dubsync)
    BEST POSSIBLE: the plate is out of focus here

Everything up to the last "(dubsync)" is ours; what an editor writes after it, or before the
note's name, answers the note.  So it survives systems that have one field, or one line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from dubsync.core.note import Note

#: Ends the words that dubsync wrote itself.
MARK = "(dubsync)"
#: Longest text in a marker's name, in characters; the whole text is in its comment.
LONGEST_IN_NAME = 80
#: A note's name at the begin of a marker of ours, with its severity where nobody took it away.
HEAD = re.compile(r"\b(?P<name>N\d{4,9})\b\s*(?:\[(?P<severity>[123])\])?")
#: Typographic characters and the ASCII that says the same.
_PLAIN = str.maketrans({"«": '"', "»": '"', "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'",
                        "‚": "'", "–": "-", "—": "-", "…": "...", "|": "/"})  # fmt: skip
_ESCAPED = re.compile(r"\((\.*)dubsync\)")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a marker in their two fields."""

    name: str
    comment: str = ""

    @property
    def together(self) -> str:
        """Both fields, for systems with one."""
        return "\n".join(filter(None, (self.name, self.comment)))


def words_of(note: Note) -> Words:
    """The words of a note's marker.

    >>> words_of(Note("N0007", "SH010", 86423, "lips should close", "ELISE")).name
    'N0007 [2] ELISE: lips should close (dubsync)'
    """
    name = f"{own_line(note)} {MARK}"
    full = f"{escaped(note.text)} {MARK}" if is_shortened(note) else ""
    return Words(name, "\n".join(filter(None, (full, answer_line(note)))))


def own_line(note: Note) -> str:
    """The marker's name without the mark: note, severity, author, text."""
    author = f" {one_line(note.author)}" if note.author.strip() else ""
    text = one_line(note.text)
    if len(text) > LONGEST_IN_NAME:
        text = text[: LONGEST_IN_NAME - 3].rstrip() + "..."
    return escaped(f"{note.name} [{note.severity}]{author}: {text}")


def answer_line(note: Note) -> str:
    """The answer as an editor would write it; "" for a note without answer and reply."""
    if note.answer == "open" and not note.reply:
        return ""
    reply = escaped(note.reply)
    return f"{note.answer.upper()}: {reply}" if reply else note.answer.upper()


def is_shortened(note: Note) -> bool:
    """Whether the name does not hold the text as it is."""
    return one_line(note.text) != note.text or len(note.text) > LONGEST_IN_NAME


def one_line(text: str) -> str:
    """`text` with every run of spaces and line ends as one space."""
    return " ".join(text.split())


def plain(text: str) -> str:
    """`text` as the poorest format keeps it: ASCII, one line; "?" for other characters.

    "|" is "/", since "|C:" is one of Resolve's tags in a list.
    """
    letters = "".join(
        c
        for c in unicodedata.normalize("NFKD", text.translate(_PLAIN))
        if not unicodedata.combining(c)
    )
    return re.sub(r"[^\x20-\x7e]", "?", one_line(letters))


def names_one_of(text: str, notes: Collection[str]) -> bool:
    """Whether the words of a marker begin as dubsync writes those of one of `notes`, by name."""
    head = HEAD.match(text)
    return head is not None and bool(head["severity"]) and head["name"] in notes


def escaped(text: str) -> str:
    """`text` in which the mark cannot be mistaken for ours."""
    return _ESCAPED.sub(r"(.\1dubsync)", text)


def unescaped(text: str) -> str:
    """The text that was written as `text`."""
    return _ESCAPED.sub(lambda m: f"({m[1][1:]}dubsync)", text)


def parts(together: str) -> list[str]:
    """The words of a marker, parted at the marks."""
    return together.split(MARK)
