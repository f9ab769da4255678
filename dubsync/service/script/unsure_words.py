"""Marks the words that a transcriber is unsure of."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby

from dubsync.core.script import UNSURE
from dubsync.speech.transcription import HeardWord

LEAST_SURE = 0.5  #: confidence below which a word is marked
#: Scripts without blanks between words, by the first word of their letters' Unicode names.
_UNSPACED = {"CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR"}


def marked_words(words: Sequence[HeardWord]) -> tuple[str, list[tuple[str, float]]]:
    """The text of `words` with UNSURE after each unsure one, and (word, confidence) of these.

    A model may hear a word in parts ("C", "'est"): it is as sure as its least sure part.  In
    scripts without blanks, unsure words side by side have one mark.
    """
    text, unsure = "", []
    for is_unsure, units in groupby(_units(words), lambda unit: _sure(unit) < LEAST_SURE):
        run = list(units)
        if not is_unsure:
            text += "".join(word.text for unit in run for word in unit)
            continue
        for part in _joined(run):
            written = "".join(word.text for word in part)
            text += written
            if bare := _bare(written):
                text = f"{text.rstrip()} {UNSURE}"
                unsure.append((bare, _sure(part)))
    return text.strip(), unsure


def _units(words: Sequence[HeardWord]) -> Iterator[list[HeardWord]]:
    """The parts of each written word."""
    unit: list[HeardWord] = []
    for word in words:
        if unit and (word.text[:1].isspace() or _unspaced(word.text) or _unspaced(unit[-1].text)):
            yield unit
            unit = []
        unit.append(word)
    if unit:
        yield unit


def _joined(run: Sequence[list[HeardWord]]) -> Iterator[list[HeardWord]]:
    """Units side by side, those without blanks as one."""
    part: list[HeardWord] = []
    for unit in run:
        if part and not (_unspaced(part[-1].text) and _unspaced(unit[0].text)):
            yield part
            part = []
        part = [*part, *unit]
    if part:
        yield part


def _sure(unit: Sequence[HeardWord]) -> float:
    return min((word.sure for word in unit), default=1.0)


def _unspaced(text: str) -> bool:
    """Whether a word is of a script without blanks, and has none before it."""
    letters = [c for c in text if c.isalpha()]
    if not letters or text[:1].isspace():
        return False
    return unicodedata.name(letters[0], "").split(" ")[0] in _UNSPACED


def _bare(text: str) -> str:
    """A word without what is no letter or digit at its ends."""
    kept = [n for n, c in enumerate(text) if unicodedata.category(c)[0] in "LMN"]
    return text[kept[0] : kept[-1] + 1] if kept else ""
