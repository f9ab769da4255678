"""Where a dub may be cut: in its pauses, and where its sound dips between syllables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.sound.phones import PHONES

SPOKEN = 0.5
#: A pause as long as this is a stretch of its own, and begins and ends so far from the words.
PAUSE_S, BESIDE_S = 0.4, 0.1
#: Words are at least so long; loudness dips count when this deep under the lower peak beside them.
LEAST_S, DIP = 0.22, 0.55
#: Deviation of the window that loudness is judged in.
SMOOTH_S = 0.03
_SILENCE = PHONES.index("sil")


def cuts(hearing: AudioFeatures) -> NDArray[np.float64]:
    """Instants between words, rising, on the hearing's clock.

    Long pauses stand alone.  Within speech a cut lies where the voice is weakest: between words,
    or in the hold of a stop, where every speaker's mouth does much the same.
    """
    level = _level(hearing)
    spoken = np.concatenate([[False], np.asarray(hearing.speech) > SPOKEN, [False]])
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
    return float(hearing.start) + np.array(result, np.float64) / READING_RATE


def _level(hearing: AudioFeatures) -> NDArray[np.float64]:
    """(N,) how much voice there is, 0..1; where phones are told apart a silence is none."""
    loud = np.asarray(hearing.loudness, np.float64)
    voice = loud * (1 - np.asarray(hearing.phones[:, _SILENCE], np.float64))
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
