"""What of a dub's sound a shot and each of its frames depend on: their part in cache keys."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubsync.core.digest import digest
from dubsync.core.shot import Shot, Stem
from dubsync.core.sound.audio import READING_RATE, Sound
from dubsync.media.sound.stem import read_sound
from dubsync.service.stems.lip_marks import marks_digest
from dubsync.service.stems.word_times import words_digest

ANALYSIS_RATE = 16000  #: Hz; dialogue above 8 kHz has no information about the mouth
MARGIN_S = 1.0  #: seconds analysed beyond a shot on either side

#: Readings (first, last + 1), READING_RATE a second from a stem's first sample, rising.
Rests = tuple[tuple[int, int], ...]


def window_digest(stem: Stem, shot: Shot) -> str:
    """Digest of the stem's samples under `shot`, with handles and margin, and of its words.

    It does not depend on the rest of the stem, so a retake of one line makes only its own shots
    stale.
    """
    first, seconds = _window(stem, shot)
    if seconds <= 0 or first * stem.sample_rate >= stem.n_samples:
        return digest("silence")
    sound = read_stem(stem, first, seconds, ANALYSIS_RATE)
    words = (*words_digest(shot.lines, stem), *marks_digest(shot.lines, stem))
    if stem.turns is None:
        return digest(sound.samples, stem.start, *words)
    end = float(first + seconds)
    turns = tuple(turn for turn in stem.turns if turn[1] > first and turn[0] < end)
    return digest(sound.samples, stem.start, turns, *words)


def rests_under(rests: Rests, stem: Stem, shot: Shot) -> Rests:
    """Those of `rests` that are under `shot`, with handles and margin, cut at its ends."""
    first, seconds = _window(stem, shot)
    begin, end = floor(first * READING_RATE), ceil((first + seconds) * READING_RATE)
    return tuple((max(a, begin), min(b, end)) for a, b in rests if a < end and b > begin)


def frame_digests(stem: Stem, shot: Shot, within_s: Fraction, rests: Rests = ()) -> tuple[str, ...]:
    """A digest for each frame of `shot.render`: sound, words and rests within `within_s` seconds.

    Computed at the stem's own rate and relative to the frame, so that sound that moved with its
    picture by whole samples has the same digest.
    """
    at = [shot.record_seconds(f) - stem.start for f in range(shot.render.start, shot.render.stop)]
    first = min(at) - within_s
    seconds = max(at) + within_s - first
    sound = read_stem(stem, first, seconds, stem.sample_rate)
    rate, begin = stem.sample_rate, ceil(first * stem.sample_rate)
    resting = [(Fraction(a, READING_RATE), Fraction(b, READING_RATE)) for a, b in rests]
    result = []
    for second in at:
        span = ceil((second - within_s) * rate), ceil((second + within_s) * rate)
        part = sound.samples[span[0] - begin : span[1] - begin]
        turns = [
            (Fraction(a) - second, Fraction(b) - second)
            for a, b in stem.turns or ()
            if b > second - within_s and a < second + within_s
        ]
        words = words_digest(shot.lines, stem, second, within_s)
        words += marks_digest(shot.lines, stem, second, within_s)
        near = [(a - second, b - second) for a, b in resting
                if b > second - within_s and a < second + within_s]  # fmt: skip
        shut = (("rests", near),) if near else ()
        result.append(digest(part, stem.turns is None, turns, *words, *shut))
    return tuple(result)


def runs(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(K, 2) first and last + 1 of each run of True in `mask` (N,).

    >>> runs(np.array([False, True, True, False, True])).tolist()
    [[1, 3], [4, 5]]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(mask, np.int8), [0]])))
    return np.asarray(edges.reshape(-1, 2), np.int64)


def read_stem(stem: Stem, first: Fraction, seconds: Fraction, rate: int) -> Sound:
    """`seconds` of a stem at `rate` by the channels heard, from `first` seconds of it on."""
    return read_sound(Path(stem.path), first=first, seconds=seconds, rate=rate, choice=stem.heard)


def _window(stem: Stem, shot: Shot) -> tuple[Fraction, Fraction]:
    """(first, length) in seconds from the stem's first sample: under the shot, with a margin."""
    ends = [shot.record_seconds(f) for f in (shot.render.start, shot.render.stop)]
    first = max(Fraction(0), min(ends) - stem.start - Fraction(MARGIN_S))
    return first, max(ends) - stem.start + Fraction(MARGIN_S) - first
