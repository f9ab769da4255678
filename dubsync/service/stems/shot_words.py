"""The words that are heard in a shot: a script's words where there are any, else stretches of
speech between two dips of the voice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.shot import Shot, Stem
from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.sound.cut_points import cut_points
from dubsync.core.tweak.take_comp import ShotWord
from dubsync.speech.forced_alignment import AlignedWord

#: Confidence from which an aligned word counts as spoken there.
SURE = 0.5
SPOKEN = 0.3  #: least share of a stretch in which somebody speaks


@dataclass(frozen=True, slots=True)
class _Heard:
    """A word, or a stretch of speech without text: record time in seconds."""

    text: str
    line: str
    begin: float
    end: float


def words_in_shot(
    shot: Shot,
    stem: Stem,
    features: AudioFeatures,
    spoken: Mapping[str, Sequence[AlignedWord]],
) -> tuple[ShotWord, ...]:
    """The words of `stem` in `shot.render`, numbered in the order in which they are heard.

    Args:
        features: of the whole stem, on record time.
        spoken: name of a line -> its words, on record time; lines without a script are left out.
    """
    rate = float(shot.render.rate)
    frames = np.arange(shot.render.start, shot.render.stop)
    times = np.array([float(shot.record_seconds(int(frame))) for frame in frames]) + 0.5 / rate
    sure = [
        _Heard(word.written, line, word.begin, word.end)
        for line, words in spoken.items()
        for word in words
        if word.confidence >= SURE
    ]
    every = sorted([*sure, *_stretches(shot, stem, features, sure)], key=lambda word: word.begin)
    places: Counter[str] = Counter()
    result: list[ShotWord] = []
    for word in every:
        places[word.line] += 1
        here = _frames(word, frames, times, 0.5 / rate)
        if here is not None:
            number, place = len(result) + 1, places[word.line]
            result.append(ShotWord(number, word.text, word.line, place, *here))
    return tuple(result)


def _frames(
    word: _Heard, frames: NDArray[np.intp], times: NDArray[np.float64], half: float
) -> tuple[int, int] | None:
    """First and last frame in which the word is heard; None where it is not in the shot."""
    inside = frames[(times >= word.begin) & (times < word.end)]
    if len(inside):
        return int(inside.min()), int(inside.max())
    middle = (word.begin + word.end) / 2  # shorter than a frame
    nearest = int(np.abs(times - middle).argmin())
    return (int(frames[nearest]),) * 2 if abs(times[nearest] - middle) <= half else None


def _stretches(
    shot: Shot, stem: Stem, features: AudioFeatures, words: Sequence[_Heard]
) -> list[_Heard]:
    """The stretches of speech under the character's lines in which no word of a script is heard."""
    told = {word.line for word in words}
    own = [ln for ln in shot.lines if ln.character == stem.character and ln.name not in told]
    if not own:
        return []
    rate = own[0].record.rate
    near = min(ln.record.start for ln in own) / rate, max(ln.record.stop for ln in own) / rate
    edges = cut_points(features, (float(near[0]), float(near[1])))
    at = np.asarray(
        float(features.start) + np.arange(len(features.speech)) / READING_RATE, np.float64
    )
    talk = np.asarray(features.speech) > 0.5
    result = []
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        middle = (begin + end) / 2
        lines = [
            line.name for line in own
            if float(line.record.start / line.record.rate) <= middle
            < float(line.record.stop / line.record.rate)
        ]  # fmt: skip
        if not lines:
            continue
        here = talk[slice(*np.searchsorted(at, [begin, end]).tolist())]
        if not len(here) or here.mean() < SPOKEN:
            continue
        result.append(_Heard("", lines[0], begin, end))
    return result
