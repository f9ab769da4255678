"""Fuse two pictures: a warped exemplar and the predicted face.

In the coarser frequency bands, at each spot of the flattened face, the predicted picture replaces
the exemplar by the share that minimised the error on the training frames. The finest band stays the
exemplar's, because two pictures of one truth blur each other where they disagree; only its energy
is matched to the truth's.

A plate of another day has other errors than the training frames.  They are measured on its bare
skin, where both pictures can be compared with the truth, and the shares are adapted.
Source: the shares are Wiener's (least squares of one coefficient); bands after Burt, Adelson
1983, "The Laplacian Pyramid as a Compact Image Code".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.exemplars.flat_face import sample_bicubic

#: Standard deviations, in pixels, of the Gaussians that separate three bands of detail.
BANDS = (1.0, 2.2)
#: Smoothing of the learnt maps, standard deviation in pixels of the plane.
SHARED_PX = 3.0
#: Errors are not measured on fewer pixels of bare skin.
LEAST_BARE_PX = 60
#: Squared difference, working colour, below which the two pictures are the same.
SAME = 1e-6
MOST_GAIN = 1.25
#: Largest change of the odds between the two pictures by a plate's bare skin.
MOST_ODDS = 8.0
#: Update rate of a plate's error estimate, per frame.
FOLLOW = 0.1
#: Share of the frames that must show a spot for its prediction to be used.
LEAST_SEEN = 0.3
#: Shrinkage for few frames, whose predictions generalise worse: shares count n / (n + FEW).
FEW = 100

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Fusion:
    """How much of the predicted picture is used.

    shares  (2, px, px)  0..1, of the middle and the coarse band
    gain    (px, px)     on the finest band, which is the exemplar's alone
    usual   (2, 2)       mean `errors` over the training frames
    """

    shares: Array
    gain: Array
    usual: Array

    def on_plate(self, measured: Array) -> Fusion:
        """The fusion for a plate on which the two pictures have the errors `measured`, see
        `errors`.

        Shares of independent errors E and F are E / (E + F): when both grow, each by its own ratio,
        the odds grow by the ratio of the ratios.
        """
        ratio = (measured + SAME) / (self.usual + SAME)
        odds = np.clip(ratio[0] / ratio[1], 1 / MOST_ODDS, MOST_ODDS)[:, None, None]
        shares = self.shares * odds / (1 + self.shares * (odds - 1))
        return Fusion(np.asarray(shares, np.float32), self.gain, self.usual)

    def fuse(self, exemplar: Array, predicted: Array, at: Array, shown: Array) -> Array:
        """Both pictures fused (h, w, 3); their pixels are at `at` (h, w, 2) on the plane.

        Args:
            shown: (h, w) 0..1, see `Plane.visibility`.
        """
        maps = np.concatenate([self.shares, self.gain[None]]).transpose(1, 2, 0)
        maps = np.ascontiguousarray(maps)
        neutral = np.array([0, 0, 1], np.float32)
        x, y = at[..., 0] - np.float32(0.5), at[..., 1] - np.float32(0.5)
        here = cv2.remap(
            maps, x, y, cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT, borderValue=neutral.tolist(),
        )  # fmt: skip
        here = neutral + shown[..., None] * (here - neutral)
        _, middle, coarse = bands(predicted - exemplar)
        made = exemplar + here[..., :1] * middle + here[..., 1:2] * coarse
        finest = made - cv2.GaussianBlur(made, (0, 0), BANDS[0])
        return np.asarray(made + (here[..., 2:] - 1) * finest, np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For `from_arrays`."""
        return {"shares": self.shares, "gain": self.gain, "usual": self.usual}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Fusion:
        """From `arrays()`."""
        return cls(arrays["shares"], arrays["gain"], arrays["usual"])


def bands(picture: Array) -> tuple[Array, Array, Array]:
    """Three bands of detail, finest first, that add up to the picture."""
    once = cv2.GaussianBlur(picture, (0, 0), BANDS[0])
    twice = cv2.GaussianBlur(picture, (0, 0), BANDS[1])
    return picture - once, once - twice, np.asarray(twice, np.float32)


def errors(truth: Array, exemplar: Array, predicted: Array, where: Mask) -> Array | None:
    """(2, 2) mean squared error of exemplar and predicted (rows), in the middle and coarse band.

    Args:
        where: (h, w) pixels to compare; None is returned where they are too few.
    """
    if int(where.sum()) < LEAST_BARE_PX:
        return None
    return np.array(
        [[float((band[where] ** 2).mean()) for band in bands(truth - made)[1:]]
         for made in (exemplar, predicted)], np.float32,
    )  # fmt: skip


def update_errors(known: Array | None, measured: Array | None) -> Array | None:
    """The running estimate of a plate's `errors`, after one more frame."""
    if known is None or measured is None:
        return known if measured is None else measured
    return np.asarray(known + np.float32(FOLLOW) * (measured - known), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One training frame.

    truth, exemplar, predicted  (h, w, 3)
    errors  see `errors`
    at      (px, px, 2) position of the plane's pixels in the pictures
    seen    (px, px) where the pictures show them
    """

    truth: Array
    exemplar: Array
    predicted: Array
    errors: Array | None
    at: Array
    seen: Mask


class FusionSums:
    """Sums over the training frames so far, on a plane `px` square."""

    def __init__(self, px: int) -> None:
        self._shared = np.zeros((2, px, px), np.float64)
        self._apart = np.zeros((2, px, px), np.float64)
        self._fine = np.zeros((2, px, px), np.float64)
        self._errors, self._count = np.zeros((2, 2)), 0

    def add(self, frame: Example) -> None:
        """Add one frame."""
        if frame.errors is not None:
            self._errors, self._count = self._errors + frame.errors, self._count + 1
        truth, exemplar, at, seen = frame.truth, frame.exemplar, frame.at, frame.seen
        missing, offered = bands(truth - exemplar)[1:], bands(frame.predicted - exemplar)[1:]
        for n, (m, o) in enumerate(zip(missing, offered, strict=True)):
            self._shared[n] += sample_bicubic((m * o).sum(axis=2), at) * seen
            self._apart[n] += sample_bicubic((o * o).sum(axis=2), at) * seen
        for n, picture in enumerate((truth, exemplar)):
            self._fine[n] += sample_bicubic((bands(picture)[0] ** 2).sum(axis=2), at) * seen

    def fusion(self) -> Fusion:
        """The shares of least squared error, and the finest band's gain."""
        shared, apart, fine = (
            np.stack([cv2.GaussianBlur(m, (0, 0), SHARED_PX) for m in maps])
            for maps in (self._shared, self._apart, self._fine)
        )
        shares = np.clip(shared / (np.maximum(apart, 0) + SAME), 0, 1)
        gain = np.sqrt(np.maximum(fine[0], SAME) / np.maximum(fine[1], SAME))
        usual = self._errors / max(self._count, 1)
        return Fusion(
            np.asarray(shares, np.float32),
            np.asarray(np.clip(gain, 1, MOST_GAIN), np.float32),
            np.asarray(usual, np.float32),
        )


def learn(px: int, trusted: Array, frames: Iterable[Example]) -> Fusion:
    """The Fusion learnt from frames.

    Args:
        trusted: (px, px) 0..1 upper limit of the shares.
    """
    sums, count = FusionSums(px), 0
    for frame in frames:
        sums.add(frame)
        count += 1
    result = sums.fusion()
    trusted = trusted * np.float32(count / (count + FEW))
    gain = np.asarray(1 + (result.gain - 1) * trusted, np.float32)
    return Fusion(result.shares * trusted, gain, result.usual)


def trusted(seen: Mask, soft_px: float) -> Array:
    """(px, px) 0..1 spots that enough of the frames (N, px, px) show, with a soft edge."""
    often = (seen.mean(axis=0) > LEAST_SEEN).astype(np.uint8)
    deep = cv2.distanceTransform(often, cv2.DIST_L2, 5)
    return np.asarray(np.clip(deep / soft_px, 0, 1), np.float32)


def exemplar_only(px: int) -> Fusion:
    """The Fusion that keeps the exemplar."""
    return Fusion(
        np.zeros((2, px, px), np.float32),
        np.ones((px, px), np.float32),
        np.zeros((2, 2), np.float32),
    )
