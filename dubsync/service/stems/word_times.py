"""When the words of a script are heard in a stem; the result is cached line by line."""

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
from dubsync.core.sound.tracks import WHOLE
from dubsync.service.store.folder import Arrays, Store
from dubsync.speech.audio_features import VERSION as FEATURES_VERSION
from dubsync.speech.forced_alignment import VERSION as ALIGNED_VERSION
from dubsync.speech.forced_alignment import AlignedWord, aligned
from dubsync.speech.pronounce import VERSION as PRONOUNCE_VERSION
from dubsync.speech.pronounce import Word, lacking, pronounced
from dubsync.speech.text_guided import VERSION as SHARPENED_VERSION

_log = logging.getLogger(__name__)

MARGIN_S = Fraction(3, 10)  #: seconds either side of a line in which its words are searched


def usable_lines(lines: Sequence[Line], stem: Stem) -> tuple[Line, ...]:
    """The lines of `stem` that have text which this installation can pronounce."""
    return tuple(
        line for line in _with_text(lines, stem) if not lacking(_language(line, stem), line.text)
    )


def words_warnings(lines: Sequence[Line], stems: Sequence[Stem]) -> tuple[ProjectWarning, ...]:
    """A warning for each stem whose script cannot be used, with the package to install."""
    warnings = []
    for stem in stems:
        texts = _with_text(lines, stem)
        extras = {extra for ln in texts if (extra := lacking(_language(ln, stem), ln.text))}
        if extras:
            warnings.append(
                ProjectWarning(
                    Path(stem.path).name,
                    "the words of its script are not used: the sound alone drives the lips",
                    f"pip install 'dubsync[{extras.pop()}]'",
                )
            )
    return tuple(warnings)


def words_digest(
    lines: Sequence[Line], stem: Stem, at: Fraction = Fraction(0), within_s: Fraction | None = None
) -> tuple[str, ...]:
    """Digest of what the script adds to the sound of `stem`; empty where it adds nothing.

    Args:
        at: seconds from the stem's first sample; the lines' times are counted from there.
        within_s: only lines within so many seconds of `at`; None: all.
    """
    words = []
    for line in usable_lines(lines, stem):
        begin, end = (time - stem.start - at for time in _window(line))
        if within_s is None or (begin < within_s and end > -within_s):
            words.append((line.text, _language(line, stem), begin, end))
    versions = (PRONOUNCE_VERSION, ALIGNED_VERSION, SHARPENED_VERSION)
    return (digest("words", versions, words),) if words else ()


def spoken_words(
    store: Store, stem: Stem, lines: Sequence[Line], features: Callable[[], AudioFeatures]
) -> tuple[AlignedWord, ...]:
    """The words of `lines` where they are heard, on record time, in the order of the lines.

    Args:
        lines: see `usable_lines`.
        features: returns those of the stem on record time; called only for a line not cached.
    """
    out: list[AlignedWord] = []
    pronunciations = _Pronunciations(lines, stem)
    for line in lines:
        window = tuple(time - stem.start for time in _window(line))
        key = digest(
            "words", FEATURES_VERSION, PRONOUNCE_VERSION, ALIGNED_VERSION,
            store.file_digest(Path(stem.path)), stem.turns, line.text, _language(line, stem),
            window, *([] if stem.heard == WHOLE else [stem.heard]),
        )  # fmt: skip

        def make(line: Line = line) -> dict[str, np.ndarray]:
            begin, end = (float(time) for time in _window(line))
            words = aligned(features(), pronunciations.of(line), (begin, end))
            return _to_arrays(words, float(stem.start))

        try:
            out += _from_arrays(store.arrays("words", key, make), float(stem.start))
        except ModelError:
            _log.warning("the words of %s are not used", line.name, exc_info=True)
    return tuple(out)


class _Pronunciations:
    """Pronunciations of lines; espeak-ng runs once for all lines, and only when one is new."""

    def __init__(self, lines: Sequence[Line], stem: Stem) -> None:
        self._lines, self._stem = lines, stem
        self._known: dict[tuple[str, str], tuple[Word, ...]] = {}

    def of(self, line: Line) -> tuple[Word, ...]:
        """The words of `line` with their phones.  Raises ModelError where espeak-ng fails."""
        language = _language(line, self._stem)
        if (language, line.text) not in self._known:
            texts = [ln.text for ln in self._lines if _language(ln, self._stem) == language]
            words = zip(texts, pronounced(texts, language), strict=True)
            self._known |= {(language, text): spoken for text, spoken in words}
        return self._known[language, line.text]


def _to_arrays(words: Sequence[AlignedWord], clock: float) -> dict[str, np.ndarray]:
    """Words as arrays, with times in seconds from the stem's first sample."""
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


def _from_arrays(arrays: Arrays, clock: float) -> list[AlignedWord]:
    names = json.loads(arrays["written"].tobytes())
    phones: list[list[tuple[int, float, float]]] = [[] for _ in names]
    for n, phone, begin, end in arrays["phones"].tolist():
        phones[int(n)].append((int(phone), begin + clock, end + clock))
    return [
        AlignedWord(name, tuple(spans), float(confidence))
        for name, spans, confidence in zip(
            names, phones, arrays["confidence"].tolist(), strict=True
        )
    ]


def _with_text(lines: Sequence[Line], stem: Stem) -> list[Line]:
    """The lines of `stem` and its character that have text which a person wrote or checked."""
    own = (ln for ln in lines if ln.path == stem.path and ln.character == stem.character)
    return [line for line in own if line.text and not line.unchecked]


def _language(line: Line, stem: Stem) -> str:
    return line.language or stem.language


def _window(line: Line) -> tuple[Fraction, Fraction]:
    """Record time, in seconds, in which the line's words are searched."""
    rate = line.record.rate
    return line.record.start / rate - MARGIN_S, line.record.stop / rate + MARGIN_S
