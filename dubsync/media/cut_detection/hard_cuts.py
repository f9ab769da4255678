"""Hard cuts: where the pictures before are unlike the pictures after, and each side like itself.

A flash comes back to what was before it, a whip is unlike itself for many frames, and motion can
be found again in the next picture; of a cut none of that is so.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.media.cut_detection.breaks import NEAR, Break, likely_steps, measured
from dubsync.media.cut_detection.distances import SIDE, Distances
from dubsync.media.cut_detection.small_pictures import Small
from dubsync.media.cut_detection.steps import Steps

#: Steps of 0..255 that noise and coding make of the same picture: in the mean; and after motion is
#: taken out, in the mean and in one place.
_NOISE, _NOISE_MOVED = 0.4, (0.1, 1.0)
#: Joins that are less unlike than this are no cuts, whatever the motion; nor those whose two sides
#: are nearly the same.
_LEAST_RATIO, _LEAST_AWAY = 0.9, 0.5
#: Log odds of a cut by both ratios of a Join alone: constant, log of each.
_PLAIN = (-3.83, 2.72, 4.76)
#: From this probability a join limits what those beside it are compared with.
_LIMIT = 0.95
#: Both ratios of joins whose sides are hardly unlike.
_HARDLY = (0.5, 0.37)
#: Log odds of a cut: constant, log of both ratios of a Join, measures of its Break.  Fitted to the
#: joins of the tuned reels of benchmarks/flat_reel and of 328 jump cuts more of their takes, half
#: of the reels troubled and at a low bit rate, so that key frames that jump are known
#: (`python -m benchmarks.flat_reel.fit`).
_ODDS = (-1.36, 0.19, 0.42, 0.09, 0.14, 1.54, 1.29, 0.47, 1.2, 0.73, 0.34, 0.65, -0.85)
#: Steps by which coding changes the part of a picture that it changes most, in dark pictures and in
#: those with samples of _BRIGHT; and how likely at most a cut is that changes less.  Nobody is
#: asked, as a small file has such a join every other second.
_CODED, _BRIGHT, _UNCLEAR = (3.0, 8.0), 200.0, 0.2
#: Probability from which a join is a cut, and outside of which nothing is doubtful.
CUT, DOUBTFUL = 0.5, (0.25, 0.8)


#: Frames of a flash, at most; how much lighter it is at least (0..255); and the distance of the
#: picture after it from the one before, at most, as a share of the flash's own.
_LONGEST_FLASH, _LIT, _BACK = 8, 12.0, 0.35
#: Deviation of a picture that is white all over; least correlation of a flash with its shot.
_WHITE, _LIKE = 8.0, 0.5
#: A lamp makes the picture lighter or darker by this factor at least; it stays as like as this.
_RELIT, _SAME = 1.2, 0.94


@dataclass(frozen=True, slots=True)
class Join:
    """What was measured between picture `at - 1` and picture `at`.

    ratio    distance across over the largest distance on one side
    moved    the same after motion is taken out: in the mean, or where the picture changes most,
             whichever is less.  A key frame jumps in the mean, a blink in one place
    stands   how far the step stands out from those around it
    clear    whether any part changes by more than coding changes it: a key frame of a small file
             changes a still picture a little, everywhere at once
    """

    at: int
    ratio: float
    moved: float
    stands: Break
    clear: bool

    @property
    def measures(self) -> tuple[float, ...]:
        """What tells a cut: the logs of both ratios, and those of its Break."""
        return *_logs(self.ratio, self.moved), *self.stands.values

    @property
    def probability(self) -> float:
        """Of a cut, 0..1."""
        likely = _share(_ODDS[0] + float(np.array(self.measures) @ np.array(_ODDS[1:])))
        return likely if self.clear else min(likely, _UNCLEAR)


def joins(distances: Distances, steps: Steps, kept: NDArray[np.intp]) -> list[Join]:
    """Every join of the pictures `kept` that might be a cut, measured; in order.

    Args:
        distances: of the pictures that are kept.
        steps: between them.
        kept: their numbers; those between are repeats.
    """
    count = len(kept)
    if count < 2:
        return []
    across, within = _across(distances, count), _within(distances, count)
    ratio = across / (within + _NOISE)
    unlike = np.flatnonzero((ratio > _LEAST_RATIO) & (across > _LEAST_AWAY))
    moved = {int(n): _moved(distances, int(n), count) for n in unlike}
    plain = [n for n in moved if _share(_PLAIN[0] + float(
        np.array(_logs(float(ratio[n]), moved[n])) @ np.array(_PLAIN[1:]))) > _LIMIT]  # fmt: skip
    found = []
    for at in sorted({*moved, *(int(n) + 1 for n in likely_steps(steps))}):
        before, after = _sides(at - 1, len(steps), plain)
        if before or after:
            pair = (float(ratio[at]), moved[at]) if at in moved else _HARDLY
            frames = np.diff(kept[max(0, before.start) : after.stop + 1])
            more = max(float((kept[at] - kept[at - 1]) / np.median(frames)), 1.0)
            stands = measured(steps, at - 1, before, after)
            found.append(
                Join(
                    int(kept[at]),
                    pair[0] / more,
                    pair[1] / more,
                    stands,
                    _clear(distances, steps, at),
                )
            )
    return found


def _clear(distances: Distances, steps: Steps, at: int) -> bool:
    """Whether a part of the picture changes at join `at` by more than coding changes it."""
    least = _CODED[1] * min(distances.brightest(at) / _BRIGHT, 1)
    return bool(steps.changed[at - 1].max() >= max(least, _CODED[0]))


def _sides(step: int, count: int, limits: Sequence[int]) -> tuple[range, range]:
    """The steps near `step` on both sides, up to the next join that is a cut in any case."""
    place = bisect.bisect_left(limits, step + 1)
    first = limits[place - 1] if place else 0
    later = [at for at in limits[place : place + 2] if at > step + 1]
    stop = later[0] - 1 if later else count
    return range(max(first, step - NEAR), step), range(step + 1, min(stop, step + NEAR + 1))


def _logs(ratio: float, moved: float) -> tuple[float, float]:
    return float(np.log(ratio)), float(np.log(max(moved, 1e-3)))


def _share(odds: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(odds, -50, 50))))


def _moved(distances: Distances, at: int, count: int) -> float:
    """The ratio of join `at` with motion taken out."""

    def away(pairs: list[tuple[int, int]]) -> NDArray[np.float64]:
        found = [distances.moved(a, b) for a, b in pairs if a >= 0 and b < count]
        return np.array(found).reshape(-1, 2)

    across = away([(at - 1, at), (at - 2, at), (at - 1, at + 1)]).min(axis=0)
    within = away(
        [(at - 2, at - 1), (at - 3, at - 2), (at, at + 1), (at + 1, at + 2), (at - 3, at - 1),
         (at, at + 2)]
    ).max(axis=0, initial=0.0)  # fmt: skip
    moved = np.maximum(across, 1e-3) / (within + np.array(_NOISE_MOVED))
    return float(moved.min())


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
    """`cuts` without the beginnings and the ends of flashes, and without lamps switched on or off.

    The pictures of a flash are those around it, brighter; before and after it the shot is the same.
    """
    light = luma.reshape(len(luma), -1).mean(axis=1)
    return [
        cut
        for cut in cuts
        if not _is_flash(cut.at, luma, light, distances)
        and not _is_lamp(luma[cut.at - 1], luma[cut.at])
    ]


def _is_lamp(before: Small, after: Small) -> bool:
    """Whether two pictures are one in another light."""
    a, b = (each.astype(np.float64).ravel() for each in (before, after))
    gain = (b.mean() + 1) / (a.mean() + 1)
    if 1 / _RELIT < gain < _RELIT or min(a.std(), b.std()) < 1:
        return False
    return float(np.corrcoef(a, b)[0, 1]) > _SAME


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
