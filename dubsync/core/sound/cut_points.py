"""Where a dub may be split between words: in pauses, and at dips in loudness between syllables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.sound.long_rows import stretches
from dubsync.core.sound.phones import PHONES

SPOKEN = 0.5
#: A pause of at least this length is a segment of its own; distance kept from the words.
PAUSE_S, BESIDE_S = 0.4, 0.1
#: Least length of a word; a dip counts when below this fraction of the lower peak beside it.
LEAST_S, DIP = 0.22, 0.55
#: Standard deviation of the window that smooths the loudness.
SMOOTH_S = 0.03
#: Runs of speech before and after those near a moment that say where its words are cut.
BESIDE = 2
_SILENCE = PHONES.index("sil")
_REACH = 12  #: readings that the window looks beyond its middle


def cut_points(
    features: AudioFeatures, near: tuple[float, float] | None = None
) -> NDArray[np.float64]:
    """Instants between words, rising, on the sound's clock.

    Args:
        near: seconds on that clock; those between them are exact, and some beyond.  None: all.

    Long pauses are segments of their own.  Within speech a cut lies where the voice is weakest:
    between words, or in the hold of a stop, where every speaker's mouth does much the same.
    """
    spoken = np.concatenate([[False], np.asarray(features.speech) > SPOKEN, [False]])
    turns = np.flatnonzero(spoken[1:] != spoken[:-1]).reshape(-1, 2)
    if near is not None:
        low, high = features.places(np.array(near, np.float64))
        first, last = np.searchsorted(turns[:, 1], low), np.searchsorted(turns[:, 0], high)
        turns = turns[max(int(first) - BESIDE, 0) : int(last) + BESIDE]
    if not len(turns):
        return np.zeros(0)
    origin = int(turns[0, 0])
    level = _level(features, origin, int(turns[-1, 1]) + 1)
    result: list[float] = []
    before: int | None = None
    for start, stop in (turns - origin).tolist():
        if before is None or start - before >= PAUSE_S * READING_RATE:
            ends = [] if before is None else [before + BESIDE_S * READING_RATE]
            result += [*ends, start - BESIDE_S * READING_RATE]
        else:
            result.append(before + int(np.argmin(level[before : start + 1])))
        result += _dips(level, start, stop)
        before = stop
    result += [] if before is None else [before + BESIDE_S * READING_RATE]
    return float(features.start) + (origin + np.array(result, np.float64)) / READING_RATE


def _level(features: AudioFeatures, first: int, stop: int) -> NDArray[np.float64]:
    """Level of the voice in those readings, 0..1; silence by the phone network counts as none."""
    from scipy.ndimage import gaussian_filter1d  # half a second that opening a project saves

    begin, end = max(first - _REACH, 0), min(stop + _REACH, len(features.loudness))
    loud = np.asarray(features.loudness[begin:end], np.float64)
    silence = [features.phones[begin + at.start : begin + at.stop][:, _SILENCE]
               for at in stretches(end - begin)]  # fmt: skip
    voice = loud * (1 - np.asarray(np.concatenate(silence), np.float64))
    smooth = gaussian_filter1d(voice, SMOOTH_S * READING_RATE, mode="nearest")
    return np.asarray(smooth[first - begin :][: stop - first], np.float64)


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
