"""Colours of notes' markers, which every editing system has under some name.

Open notes are red (must be mended), yellow (should be) or cyan (may stay); answered ones are blue
(fix), green (creative intent) or magenta (best possible).  Avid has no orange and no pink, Resolve
no magenta, Premiere neither magenta nor pink: purple, violet, fuchsia and pink are read as magenta.
"""

from __future__ import annotations

from typing import Final

from dubsync.core.note import Answer, Note

_OPEN: Final = {1: "red", 2: "yellow", 3: "cyan"}
_ANSWERED: Final[dict[Answer, str]] = {
    "fix": "blue", "creative intent": "green", "best possible": "magenta",
}  # fmt: skip
_SAME: Final = dict.fromkeys(("fuchsia", "pink", "purple", "violet", "lavender"), "magenta")
#: Red, green and blue of 255, for formats that write colours as numbers.
RGB: Final[dict[str, tuple[int, int, int]]] = {
    "red": (255, 0, 0), "yellow": (255, 255, 0), "cyan": (0, 255, 255),
    "blue": (0, 0, 255), "green": (0, 255, 0), "magenta": (255, 0, 255),
}  # fmt: skip
_NUMBERS: Final = {f"red {r} green {g} blue {b}": name for name, (r, g, b) in RGB.items()} | {
    f"#{r:02x}{g:02x}{b:02x}": name for name, (r, g, b) in RGB.items()
}


def colour_of(note: Note) -> str:
    """The colour of a note's marker, in small letters."""
    return _ANSWERED.get(note.answer) or _OPEN[note.severity]


def known_colour(colour: str) -> str:
    """A colour as a file has it, in the words of this module; "" if it is none of them."""
    colour = colour.strip().lower().removeprefix("resolvecolor")
    colour = _NUMBERS.get(colour, _SAME.get(colour, colour))
    return colour if colour in RGB else ""


def answer_in(colour: str) -> Answer | None:
    """The answer that a known colour stands for; None for colours of open notes."""
    return next((answer for answer, name in _ANSWERED.items() if name == colour), None)
