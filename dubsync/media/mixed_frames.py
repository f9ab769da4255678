"""Dissolves and fades inside a plate: frames that mix two pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dubsync.core.picture import Frame

Picture = NDArray[np.float32]

#: Size of the pictures that are compared, and lengths of dissolve that are tried, in frames.
_SIZE, _LENGTHS = (32, 18), (6, 8, 12, 16, 24, 32, 48)
#: Pictures on both sides of a dissolve are at most this alike (correlation).
_ALIKE = 0.7
#: How far a mixed frame may be from the line between both, as a share of their distance and of
#: what they are unalike.  Dissolves of 6 to 25 frames between six talking heads reach .36; of 46
#: clips without any (../shared/footage) one fast turn of a head reaches .45, and no other .50.
_ASTRAY, _MOST_ASTRAY = 0.38, 0.28
#: Shares of the later picture within which a frame counts as mixed, the largest step of that share
#: from one frame to the next (a cut is one step of 1), and the least number of mixed frames.
_MIXED, _STEP, _LEAST = (0.1, 0.9), 0.4, 4
#: Least root mean square difference of both sides, as a share of full scale: below it is noise.
_DIFFERENT = 0.03


@dataclass(slots=True)
class MixedFrames:
    """Finds mixed frames among frames that are added in order."""

    _small: list[Picture] = field(default_factory=list)

    def add(self, frame: Frame) -> None:
        """Add the next frame."""
        import cv2  # here, because a project is opened without analysing a plate

        form = frame.format
        plane = frame.planes[1 if form.model == "rgb" else 0]
        step = max(1, min(plane.shape[0] // (4 * _SIZE[1]), plane.shape[1] // (4 * _SIZE[0])))
        small = cv2.resize(
            np.ascontiguousarray(plane[::step, ::step]).astype(np.float32), _SIZE,
            interpolation=cv2.INTER_AREA,
        )  # fmt: skip
        scale = 1.0 if form.floating else float((1 << form.bits) - 1)
        self._small.append(np.asarray(np.clip(small / scale, 0, 4), np.float32).ravel())

    def places(self) -> NDArray[np.intp]:
        """Places, from 0, of the frames that mix two pictures; rising."""
        if len(self._small) < min(_LENGTHS):
            return np.zeros(0, np.intp)
        pictures = np.stack(self._small)
        mixed = np.zeros(len(pictures), bool)
        for length in _LENGTHS:
            for first in range(len(pictures) - length):
                mixed[first : first + length + 1] |= _mixed(pictures[first : first + length + 1])
        return np.flatnonzero(mixed)


def _mixed(pictures: Picture) -> NDArray[np.bool_]:
    """(n,) which of n consecutive pictures mix the first with the last; all False if none do."""
    none = np.zeros(len(pictures), bool)
    first, last = pictures[0], pictures[-1]
    way = last - first
    distance = float(way @ way)
    unalike = 1 - _correlation(first, last)
    if max(first.std(), last.std()) < _DIFFERENT:  # flat fields, no pictures
        return none
    if distance < _DIFFERENT**2 * len(way) or unalike < 1 - _ALIKE:
        return none
    away = pictures - first
    share = away @ way / distance
    astray = np.linalg.norm(away - share[:, None] * way, axis=1) / np.sqrt(distance)
    steps = np.diff(share)
    if (
        astray.max() > min(_ASTRAY * unalike, _MOST_ASTRAY)
        or steps.max() > _STEP
        or steps.min() < -0.05
    ):
        return none
    between = (share > _MIXED[0]) & (share < _MIXED[1])
    return between if between.sum() >= _LEAST else none


def _correlation(a: Picture, b: Picture) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size > 1e-9 else 0.0
