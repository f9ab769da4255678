"""Where a dub may be split between words: in pauses, and at dips in loudness between syllables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.sound.phones import PHONES

SPOKEN = 0.5
#: A pause of at least this length is a segment of its own; distance kept from the words.
PAUSE_S, BESIDE_S = 0.4, 0.1
#: Least length of a word; a dip counts when below this fraction of the lower peak beside it.
LEAST_S, DIP = 0.22, 0.55
#: Standard deviation of the window that smooths the loudness.
SMOOTH_S = 0.03
_SILENCE = PHONES.index("sil")


def cut_points(features: AudioFeatures) -> NDArray[np.float64]:
    """Instants between words, rising, on the sound's clock.

    Long pauses are segments of their own.  Within speech a cut lies where the voice is weakest:
    between words, or in the hold of a stop, where every speaker's mouth does much the same.
    """
    level = _level(features)
    spoken = np.concatenate([[False], np.asarray(features.speech) > SPOKEN, [False]])
    turns = np.flatnonzero(spoken[1:] != spoken[:-1])
    result: list[float] = []
    before: int | None = None
    for start, stop in turns.reshape(-1, 2).tolist():
        if before is None or start - before >= PAUSE_S * READING_RATE:
            ends = [] if before is None else [before + BESIDE_S * READING_RATE]
            result += [*ends, start - BESIDE_S * READING_RATE]
        else:
            result.append(before + int(np.argmin(level[before : start + 1])))
        result += _dips(level, start, stop)
        before = stop
    result += [] if before is None else [before + BESIDE_S * READING_RATE]
    return float(features.start) + np.array(result, np.float64) / READING_RATE


def _level(features: AudioFeatures) -> NDArray[np.float64]:
    """(N,) level of the voice, 0..1; silence by the phone network counts as none."""
    from scipy.ndimage import gaussian_filter1d  # half a second that opening a project saves

    loud = np.asarray(features.loudness, np.float64)
    voice = loud * (1 - np.asarray(features.phones[:, _SILENCE], np.float64))
    return np.asarray(gaussian_filter1d(voice, SMOOTH_S * READING_RATE, mode="nearest"), np.float64)


def _dips(level: NDArray[np.float64], start: int, stop: int) -> list[float]:
    """Readings strictly inside `start` to `stop` at which the level is low between two peaks."""
    least = int(LEAST_S * READING_RATE)
    result: list[int] = []
    inside = np.arange(start + least, stop - least)
    for n in inside[np.argsort(level[inside], kind="stable")].tolist():
        if any(abs(n - other) < least for other in result):
            continue
        left = level[max(start, n - 4 * least) : n].max()
        right = level[n + 1 : min(stop, n + 4 * least)].max()
        if level[n] <= DIP * min(left, right):
            result.append(n)
    return sorted(map(float, result))
