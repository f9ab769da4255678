"""When the words of a script are heard in a stem, each line worked out once."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from dubsync.core.digest import digest
from dubsync.core.errors import ModelError
from dubsync.core.shot import Line, ProjectWarning, Stem
from dubsync.core.sound.audio import AudioFeatures
from dubsync.service.store.folder import Arrays, Store
from dubsync.speech.audio_features import VERSION as FEATURES_VERSION
from dubsync.speech.forced_alignment import VERSION as ALIGNED_VERSION
from dubsync.speech.forced_alignment import AlignedWord, aligned
from dubsync.speech.pronounce import VERSION as PRONOUNCE_VERSION
from dubsync.speech.pronounce import Word, lacking, pronounced
from dubsync.speech.text_guided import VERSION as SHARPENED_VERSION

_log = logging.getLogger(__name__)

MARGIN_S = Fraction(3, 10)  #: seconds either side of a line in which its words are looked for


def worded(lines: Sequence[Line], stem: Stem) -> tuple[Line, ...]:
    """The lines of `stem` whose words a script gives and this installation can say."""
    mine = [ln for ln in lines if ln.text and ln.path == stem.path and _owner(ln, stem)]
    return tuple(line for line in mine if not lacking(_language(line, stem), line.text))


def words_warnings(lines: Sequence[Line], stems: Sequence[Stem]) -> tuple[ProjectWarning, ...]:
    """Why a script's words say nothing about lips, once for each stem where that is so."""
    warnings = []
    for stem in stems:
        said = [ln for ln in lines if ln.text and ln.path == stem.path and _owner(ln, stem)]
        extras = {extra for ln in said if (extra := lacking(_language(ln, stem), ln.text))}
        if extras:
            warnings.append(
                ProjectWarning(
                    Path(stem.path).name,
                    "its script's words are not used for the lips: the sound alone moves them",
                    f"pip install 'dubsync[{extras.pop()}]'",
                )
            )
    return tuple(warnings)


def words_digest(
    lines: Sequence[Line], stem: Stem, at: Fraction = Fraction(0), reach_s: Fraction | None = None
) -> tuple[str, ...]:
    """Digest of what a script adds to what is heard of `stem`; nothing where it adds nothing.

    Args:
        at: seconds from the stem's first sample, from which the lines' times count.
        reach_s: only lines within so many seconds of it; None: all.
    """
    said = []
    for line in worded(lines, stem):
        begin, end = (time - stem.start - at for time in _window(line))
        if reach_s is None or (begin < reach_s and end > -reach_s):
            said.append((line.text, _language(line, stem), begin, end))
    versions = (PRONOUNCE_VERSION, ALIGNED_VERSION, SHARPENED_VERSION)
    return (digest("words", versions, said),) if said else ()


def said_words(
    store: Store, stem: Stem, lines: Sequence[Line], hearing: Callable[[], AudioFeatures]
) -> tuple[AlignedWord, ...]:
    """The words of `lines` where they are heard, on record time, in order of their lines.

    Args:
        lines: see `worded`.
        hearing: gives the stem on record time; asked only where a line is new.
    """
    out: list[AlignedWord] = []
    ways = _Ways(lines, stem)
    for line in lines:
        window = tuple(time - stem.start for time in _window(line))
        key = digest(
            "words", FEATURES_VERSION, PRONOUNCE_VERSION, ALIGNED_VERSION,
            store.file_digest(Path(stem.path)), stem.turns, line.text, _language(line, stem),
            window,
        )  # fmt: skip

        def make(line: Line = line) -> dict[str, np.ndarray]:
            begin, end = (float(time) for time in _window(line))
            return _kept(aligned(hearing(), ways.of(line), (begin, end)), float(stem.start))

        try:
            out += _spoken(store.arrays("words", key, make), float(stem.start))
        except ModelError:
            _log.warning("the words of %s are not used", line.name, exc_info=True)
    return tuple(out)


class _Ways:
    """How lines are said; espeak-ng is asked once for all of them, and only when one is new."""

    def __init__(self, lines: Sequence[Line], stem: Stem) -> None:
        self._lines, self._stem = lines, stem
        self._known: dict[tuple[str, str], tuple[Word, ...]] = {}

    def of(self, line: Line) -> tuple[Word, ...]:
        """Raises ModelError where espeak-ng does not answer."""
        language = _language(line, self._stem)
        if (language, line.text) not in self._known:
            texts = [ln.text for ln in self._lines if _language(ln, self._stem) == language]
            said = pronounced(texts, language)
            self._known |= {(language, t): words for t, words in zip(texts, said, strict=True)}
        return self._known[language, line.text]


def _kept(words: Sequence[AlignedWord], clock: float) -> dict[str, np.ndarray]:
    """Words as arrays, their times counted from the stem's first sample."""
    written = json.dumps([word.written for word in words]).encode()
    phones = [
        (n, phone, begin - clock, end - clock)
        for n, word in enumerate(words)
        for phone, begin, end in word.phones
    ]
    return {
        "written": np.frombuffer(written, np.uint8),
        "confidence": np.array([word.confidence for word in words], np.float64),
        "phones": np.array(phones, np.float64).reshape(-1, 4),
    }


def _spoken(kept: Arrays, clock: float) -> list[AlignedWord]:
    names = json.loads(kept["written"].tobytes())
    phones: list[list[tuple[int, float, float]]] = [[] for _ in names]
    for n, phone, begin, end in kept["phones"].tolist():
        phones[int(n)].append((int(phone), begin + clock, end + clock))
    return [
        AlignedWord(name, tuple(said), float(sure))
        for name, said, sure in zip(names, phones, kept["confidence"].tolist(), strict=True)
    ]


def _owner(line: Line, stem: Stem) -> bool:
    return line.character == stem.character


def _language(line: Line, stem: Stem) -> str:
    return line.language or stem.language


def _window(line: Line) -> tuple[Fraction, Fraction]:
    """Record time, in seconds, in which the line's words are looked for."""
    rate = line.record.rate
    return line.record.start / rate - MARGIN_S, line.record.stop / rate + MARGIN_S
