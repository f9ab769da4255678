"""Dissolves and fades: frames that lie on the way from one picture to another.

A frame of a dissolve is a share of the later picture and the rest of the earlier one, and the share
rises evenly.  A fade is a dissolve to or from a flat field.  A pan or a turned head goes
from one picture to another too, but its frames do not lie between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dubsync.media.cut_detection.distances import Distances
from dubsync.media.cut_detection.small_pictures import HIGH, WIDE, Small

Values = NDArray[np.float32]
Kind = Literal["dissolve", "fade in", "fade out"]

#: Lengths that are tried, in frames; what is found is then measured to the frame.
_LENGTHS = (5, 8, 12, 18, 26, 38, 54)
#: Pictures on both sides are at most this alike (correlation), and at least so far apart (rms).
_ALIKE, _APART = 0.75, 4.0
#: How far frames may be from the way between both sides, as a share of its length: the worst at
#: most, and the mean of a join that is sure.  Whole dissolves of the tuned reels reach .26.
_ASTRAY, _SURELY_ASTRAY = 0.55, 0.28
#: The largest step of the share from one frame to the next, as parts of an even step, and the
#: largest step back.
_STEP, _BACK = 3.0, 0.06
#: Deviation of the share from an even rise, at most.
_UNEVEN = 0.09
#: What motion does not explain of the difference, less what is astray: dissolves of the tuned reels
#: have 0.33 and more, turned heads and pans at most 0.14.
SURELY_MIXED, _LEAST_MIXED = 0.3, 0.17
#: Share of the picture (without bars) that changes by _CHANGE steps: dissolves of the tuned reels
#: have .6 and more; something that moves in a still room has less.
_SURELY_CHANGED, _LEAST_CHANGED, _CHANGE = 0.5, 0.4, 5
#: Parts of a picture, across and down, that change or not.
_PARTS = (10, 9)
_SHORTEST = 4
_LUMA = (WIDE // 2) * (HIGH // 2)  #: the first values of a picture here; the rest is colour
#: Below this deviation (0..255) a picture is a flat field.
_FLAT = 2.5
#: Luma up to which samples are black, and the share of a picture that must not be.
_BLACK, _LEAST_SEEN = 24, 0.2


@dataclass(frozen=True, slots=True)
class Gradual:
    """Frames `start` up to `stop` mix two pictures.

    apart    rms difference of the pictures on both sides, in steps of 0..255
    unmoved  share of their difference that motion between them does not explain
    changed  share of the picture in which they differ
    astray   how far the frames are from the way between both, as a share of it: the mean
    uneven   deviation of the share from an even rise
    """

    start: int
    stop: int
    kind: Kind
    apart: float
    unmoved: float
    changed: float
    astray: float
    uneven: float

    @property
    def mixed(self) -> float:
        """How surely two pictures are mixed, and none moves: above SURELY_MIXED, or hardly."""
        return self.unmoved - self.astray

    @property
    def sure(self) -> bool:
        """Whether it can be nothing else."""
        return (
            self.mixed > SURELY_MIXED
            and self.changed > _SURELY_CHANGED
            and self.astray < _SURELY_ASTRAY
        )


def gradual_joins(
    luma: Small, colour: Small, cuts: Sequence[int], distances: Distances
) -> list[Gradual]:
    """Dissolves and fades between hard `cuts` (the first picture after each), in order."""
    pictures = _smaller(luma, colour)
    edges = [0, *sorted(cuts), len(pictures)]
    found: list[Gradual] = []
    for first, stop in zip(edges, edges[1:], strict=False):
        if stop - first > _SHORTEST:
            found += [
                replace(one, start=one.start + first, stop=one.stop + first)
                for one in _between(pictures[first:stop])
            ]
    found = [
        replace(one, unmoved=_unmoved(one, luma, distances), changed=_changed(one, luma))
        for one in found
    ]
    return [one for one in found if one.mixed > _LEAST_MIXED and one.changed > _LEAST_CHANGED]


def _unmoved(one: Gradual, luma: Small, distances: Distances) -> float:
    """The share of the difference of both sides that motion does not explain; of a fade all."""
    if one.kind != "dissolve":
        return 1.0
    before, after = one.start - 1, min(one.stop, len(luma) - 1)
    plain = float(np.abs(luma[after].astype(np.int16) - luma[before]).mean())
    return distances.moved(before, after)[0] / max(plain, 0.1)


def _changed(one: Gradual, luma: Small) -> float:
    """The share of the picture in which both sides of a join differ."""
    across, down = _PARTS
    sides = [
        luma[n].reshape(down, HIGH // down, across, WIDE // across).mean(axis=(1, 3))
        for n in (one.start - 1, min(one.stop, len(luma) - 1))
    ]
    seen = np.maximum(*sides) > _BLACK
    differ = np.abs(sides[0] - sides[1]) > _CHANGE
    return float(differ[seen].mean()) if seen.any() else 0.0


def _smaller(luma: Small, colour: Small) -> Values:
    """(N, S) luma averaged over 2 by 2 samples, and colour differences."""
    even = luma[:, : luma.shape[1] // 2 * 2].astype(np.float32)
    quarter = (
        even[:, ::2, ::2] + even[:, 1::2, ::2] + even[:, ::2, 1::2] + even[:, 1::2, 1::2]
    ) / 4
    count = len(luma)
    return np.concatenate(
        [quarter.reshape(count, -1), colour.reshape(count, -1).astype(np.float32)], axis=1
    )


def _between(pictures: Values) -> list[Gradual]:
    """Of pictures without a hard cut."""
    found = [
        _measured(pictures, first, first + length)
        for length in _LENGTHS
        for first in _candidates(pictures, length)
    ]
    best: list[Gradual] = []
    for one in sorted(
        (f for f in found if f is not None), key=lambda f: -f.apart * (1 - f.astray - 2 * f.uneven)
    ):
        if all(one.stop <= other.start or other.stop <= one.start for other in best):
            best.append(one)
    return sorted(best, key=lambda one: one.start)


def _weight(one: Gradual) -> float:
    """Which of overlapping joins is the whole one: its sides are farthest apart."""
    return one.apart * (1 - one.astray - 2 * one.uneven)


def _candidates(pictures: Values, length: int) -> list[int]:
    """First frames of windows over `length` steps that may hold a gradual join, the best of each
    run of them."""
    count = len(pictures) - length
    if count < 1:
        return []
    scores = np.full(count, np.inf)
    for first in range(count):
        score = _astray(pictures, first, first + length)
        if score is not None:
            scores[first] = score
    kept = []
    reach = max(2, length // 3)
    for place in np.flatnonzero(np.isfinite(scores)).tolist():
        if scores[place] <= scores[max(0, place - reach) : place + reach + 1].min():
            kept.append(place)
    return kept


def _astray(pictures: Values, first: int, last: int) -> float | None:
    """How far pictures `first` to `last` are from the way between both ends; None: no join."""
    way = pictures[last] - pictures[first]
    apart = float(np.sqrt(way @ way / len(way)))
    if apart < _APART or _correlation(pictures[first], pictures[last]) > _ALIKE:
        return None
    inside = pictures[first : last + 1] - pictures[first]
    share = inside @ way / float(way @ way)
    steps = np.diff(share)
    if steps.max() > max(_STEP / (last - first), 0.12) + 0.05 or steps.min() < -_BACK:
        return None
    off = np.linalg.norm(inside - share[:, None] * way, axis=1) / np.linalg.norm(way)
    worst = float(off.max())
    return worst if worst < _ASTRAY else None


def _measured(pictures: Values, first: int, last: int) -> Gradual | None:
    """The join in window `first` to `last`, measured to the frame; None if there is none."""
    start, stop = first + 1, last
    for _ in range(3):
        length = stop - start
        low = max(0, start - 1 - max(6, length // 2))
        high = min(len(pictures), stop + max(6, length // 2) + 1)
        before, after = pictures[max(start - 1, 0)], pictures[min(stop, len(pictures) - 1)]
        way = after - before
        share = (pictures[low:high] - before) @ way / max(float(way @ way), 1e-6)
        fitted = _ramp(share, start - low, stop - low)
        if (start, stop) == (fitted[0] + low, fitted[1] + low):
            break
        start, stop = fitted[0] + low, fitted[1] + low
        if stop - start < 1:
            return None
    start, stop = _from_flat(pictures, start, stop)
    if stop - start < _SHORTEST or stop > len(pictures) or start < 1:
        return None
    before, after = pictures[start - 1], pictures[min(stop, len(pictures) - 1)]
    way = after - before
    inside = pictures[start:stop] - before
    shares = inside @ way / max(float(way @ way), 1e-6)
    off = np.linalg.norm(inside - shares[:, None] * way, axis=1) / max(np.linalg.norm(way), 1e-6)
    uneven = float(np.sqrt(np.mean((shares - _even(stop - start)) ** 2)))
    if uneven > _UNEVEN or off.max() > _ASTRAY:
        return None
    apart = float(np.sqrt(way @ way / len(way)))
    return Gradual(start, stop, _kind(before, after), apart, 1, 1, float(off.mean()), uneven)


def _from_flat(pictures: Values, start: int, stop: int) -> tuple[int, int]:
    """A fade from or to a flat field just outside of it begins or ends there."""
    for more in (1, 2):
        if start - 1 - more >= 0 and _flat(pictures[start - 1 - more]):
            if not _flat(pictures[start - 1]):
                start -= more
            break
    for more in (1, 2):
        if stop + more < len(pictures) and _flat(pictures[stop + more]):
            if not _flat(pictures[stop]):
                stop += more
            break
    return start, stop


def _flat(picture: Values) -> bool:
    return bool(picture[:_LUMA].std() < _FLAT)


def _even(frames: int) -> NDArray[np.float64]:
    return np.arange(1, frames + 1) / (frames + 1)


def _ramp(share: Values, start: int, stop: int) -> tuple[int, int]:
    """The even rise from 0 to 1 that fits `share` best, near `start`..`stop`."""
    places = np.arange(len(share))
    best, result = np.inf, (start, stop)
    reach = max(4, (stop - start) // 2)
    bounded = np.clip(share, -0.15, 1.15)
    for one in range(max(0, start - reach), start + reach + 1):
        for other in range(max(one + _SHORTEST, stop - reach), min(len(share), stop + reach) + 1):
            rise = np.clip((places - one + 1) / (other - one + 1), 0, 1)
            error = float(np.square(bounded - rise).sum())
            if error < best:
                best, result = error, (one, other)
    return result


def _kind(before: Values, after: Values) -> Kind:
    if _flat(before):
        return "fade in"
    return "fade out" if _flat(after) else "dissolve"


def _correlation(a: Values, b: Values) -> float:
    """Of luma, without what is black in both (bars), -1..1; 0 where one is a flat field."""
    a, b = a[:_LUMA], b[:_LUMA]
    seen = np.maximum(a, b) > _BLACK
    if seen.mean() > _LEAST_SEEN:
        a, b = a[seen], b[seen]
    a, b = a - a.mean(), b - b.mean()
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    flat = min(float(a.std()), float(b.std())) < _FLAT
    return 0.0 if flat or size < 1e-9 else float(a @ b) / size
