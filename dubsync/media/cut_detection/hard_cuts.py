"""Hard cuts: where the pictures before are unlike the pictures after, and each side like itself.

A flash comes back to what was before it, a whip is unlike itself for many frames, and motion can
be found again in the next picture; of a cut none of that is so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.media.cut_detection.distances import SIDE, Distances
from dubsync.media.cut_detection.small_pictures import Small

#: Steps of 0..255 that noise and coding make of the same picture: in the mean; and after motion is
#: taken out, in the mean and in one place.
_NOISE, _NOISE_MOVED = 0.4, (0.1, 1.0)
#: Joins that are less unlike than this are no cuts, whatever the motion; nor those whose two sides
#: are nearly the same.
_LEAST_RATIO, _LEAST_AWAY = 0.9, 0.5
#: Log odds of a cut: constant, log of both ratios of a Join.  Fitted to the joins of the tuned reel
#: of benchmarks/flat_reel, and to the same reel at a low bit rate, whose key frames jump.
_ODDS = (-3.83, 2.72, 4.76)
#: Probability from which a join is a cut, and outside of which nothing is doubtful.
CUT, DOUBTFUL = 0.5, (0.25, 0.9)


#: Frames of a flash, at most; how much lighter it is at least (0..255); and the distance of the
#: picture after it from the one before, at most, as a share of the flash's own.
_LONGEST_FLASH, _LIT, _BACK = 8, 12.0, 0.35
#: Deviation of a picture that is white all over; least correlation of a flash with its shot.
_WHITE, _LIKE = 8.0, 0.5


@dataclass(frozen=True, slots=True)
class Join:
    """What was measured between picture `at - 1` and picture `at`.

    ratio    distance across over the largest distance on one side
    moved    the same after motion is taken out: in the mean, or where the picture changes most,
             whichever is less.  A key frame jumps in the mean, a blink in one place
    """

    at: int
    ratio: float
    moved: float

    @property
    def probability(self) -> float:
        """Of a cut, 0..1."""
        constant, ratio, moved = _ODDS
        odds = constant + ratio * np.log(self.ratio) + moved * np.log(self.moved)
        return float(1 / (1 + np.exp(-np.clip(odds, -50, 50))))


def joins(distances: Distances, count: int) -> list[Join]:
    """Every join of `count` pictures that might be a cut, measured; in order."""
    if count < 2:
        return []
    across, within = _across(distances, count), _within(distances, count)
    ratio = across / (within + _NOISE)
    peaks = np.flatnonzero((ratio > _LEAST_RATIO) & (across > _LEAST_AWAY))
    return [_measured(distances, int(n), float(ratio[n]), count) for n in peaks]


def _measured(distances: Distances, at: int, ratio: float, count: int) -> Join:
    """Join `at` with motion taken out."""

    def away(pairs: list[tuple[int, int]]) -> NDArray[np.float64]:
        found = [distances.moved(a, b) for a, b in pairs if a >= 0 and b < count]
        return np.array(found).reshape(-1, 2)

    across = away([(at - 1, at), (at - 2, at), (at - 1, at + 1)]).min(axis=0)
    within = away(
        [(at - 2, at - 1), (at - 3, at - 2), (at, at + 1), (at + 1, at + 2), (at - 3, at - 1),
         (at, at + 2)]
    ).max(axis=0, initial=0.0)  # fmt: skip
    moved = np.maximum(across, 1e-3) / (within + np.array(_NOISE_MOVED))
    return Join(at, ratio, float(moved.min()))


def _across(distances: Distances, count: int) -> NDArray[np.float32]:
    """(count,) the least distance from one of SIDE pictures before to one of SIDE from there on."""
    result = np.full(count, np.inf, np.float32)
    for before in range(SIDE):
        for after in range(SIDE):
            lag = distances.lag(before + after + 1)
            first = before + 1  # join n compares n - 1 - before with n + after
            span = slice(first, first + len(lag))
            result[span] = np.minimum(result[span], lag)
    result[0] = 0
    return result


def _within(distances: Distances, count: int) -> NDArray[np.float32]:
    """(count,) the largest distance of two pictures on the same side, one or two frames apart."""
    result = np.zeros(count, np.float32)
    for frames in (1, 2):
        lag = distances.lag(frames)
        for start in (*range(-SIDE, -frames), *range(SIDE - frames)):
            # join n compares n + start with n + start + frames
            joins = np.arange(max(0, -start), min(count, len(lag) - start))
            if len(joins):
                result[joins] = np.maximum(result[joins], lag[joins + start])
    return result


def without_flashes(cuts: Sequence[Join], luma: Small, distances: Distances) -> list[Join]:
    """`cuts` without the beginnings and the ends of flashes.

    The pictures of a flash are those around it, brighter; before and after it the shot is the same.
    """
    light = luma.reshape(len(luma), -1).mean(axis=1)
    return [cut for cut in cuts if not _is_flash(cut.at, luma, light, distances)]


def _is_flash(at: int, luma: Small, light: NDArray[np.float32], distances: Distances) -> bool:
    """Whether a flash begins with picture `at`, or ended before it."""
    away = distances.moved(at - 1, at)[0]
    for frames in range(1, _LONGEST_FLASH + 1):
        for before, after in ((at - 1, at + frames), (at - 1 - frames, at)):
            if before < 0 or after >= len(luma):
                continue
            around = max(float(light[before]), float(light[after]))
            if float(light[before + 1 : after].max()) < around + _LIT:
                continue
            lit = before + 1 + int(light[before + 1 : after].argmax())
            if not _same_but_lighter(luma[before], luma[lit]):
                continue
            if distances.moved(before, after)[0] < _BACK * away:
                return True
    return False


def _same_but_lighter(picture: Small, lit: Small) -> bool:
    """Whether `lit` can be `picture` in a flash: as it was, or white."""
    a, b = (each.astype(np.float64).ravel() for each in (picture, lit))
    if b.std() < _WHITE:
        return True
    return float(np.corrcoef(a, b)[0, 1]) > _LIKE if a.std() > 0 else False
