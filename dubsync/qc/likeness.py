"""Compare a rendered face with the truth: pictures and landmarks, frame by frame.

Used where the truth is known: on held-out frames that are rendered again.  PSNR alone rewards blur,
so it is read beside sharpness, structure, flicker and landmarks.  Pictures are working colour in
0..1, (H, W, 3) float32; mattes are uint8, and a pixel is compared where its matte is 128 or more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.core.picture import Region
from dubsync.qc.image_measures import seam
from dubsync.qc.mouth import EYE_CORNERS, LIPS

Matte = NDArray[np.uint8]
Covered = NDArray[np.bool_]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
#: Lower bound of the mean squared error: keeps the PSNR of identical pictures finite.
LEAST_ERROR = 1e-10
#: Margin around the outer lips, in mouth widths.
MOUTH_ROOM = 0.15
#: Landmarks whose error is measured: lips, and the jaw from ear to ear.
JAW = (132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361)
#: Perceptual distance is measured over the matte's box: its margin, and its least side, in pixels.
CROP_ROOM, CROP_LEAST = 8, 32

#: Distance of two pictures (H, W, 3) in working colour, 0: equal; see `core.steps.Engine.perceive`.
Perceive = Callable[[Array, Array], float]


def psnr(truth: Array, made: Array, where: Covered) -> float:
    """Peak signal to noise ratio over the pixels of `where`, dB, peak 1."""
    error = float(((truth - made)[where] ** 2).mean()) if where.any() else 0.0
    return float(10 * np.log10(1 / max(error, LEAST_ERROR)))


def ssim(truth: Array, made: Array, where: Covered) -> float:
    """Mean structural similarity of luma over the pixels of `where`, -1..1.

    Source: Wang, Bovik, Sheikh, Simoncelli 2004, "Image Quality Assessment: From Error
    Visibility to Structural Similarity": Gaussian window of 11, deviation 1.5, K 0.01 and 0.03.
    """
    x, y = truth @ LUMA, made @ LUMA
    mean_x, mean_y = _window(x), _window(y)
    spread_x, spread_y = _window(x * x) - mean_x**2, _window(y * y) - mean_y**2
    shared = _window(x * y) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    likeness = ((2 * mean_x * mean_y + c1) * (2 * shared + c2)) / (
        (mean_x**2 + mean_y**2 + c1) * (spread_x + spread_y + c2)
    )
    return float(likeness[where].mean()) if where.any() else 1.0


def laplacian_energy(picture: Array, region: Region) -> float:
    """Mean square of the 4-neighbour Laplacian of luma in `region`: how sharp it is."""
    luma = np.ascontiguousarray(picture @ LUMA, np.float32)
    energy = cv2.Laplacian(luma, cv2.CV_32F, ksize=1) ** 2
    return float(energy[region.rows, region.columns].mean())


def mouth_region(landmarks: Array, width: int, height: int) -> Region:
    """Box around the outer lips of one frame's landmarks (478, 2 or 3), within the picture.

    Raises:
        ShapeError: the mouth lies outside the picture.
    """
    points = landmarks[list(LIPS), :2]
    low, high = points.min(axis=0), points.max(axis=0)
    room = MOUTH_ROOM * float((high - low).max())
    left, top = np.floor(low - room).astype(int)
    right, bottom = np.ceil(high + room).astype(int)
    region = Region(max(left, 0), max(top, 0), min(right, width), min(bottom, height))
    if region.width < 3 or region.height < 3:
        raise ShapeError(f"the mouth at {low} to {high} lies outside {width}x{height}")
    return region


def matte_box(matte: Matte) -> Region:
    """Box around the non-zero pixels of a matte (H, W), with a margin, within the picture.

    Raises:
        ShapeError: an empty matte.
    """
    if not matte.any():
        raise ShapeError("an empty matte has no box")
    ends = []
    for axis, size in ((1, matte.shape[0]), (0, matte.shape[1])):
        filled = np.flatnonzero(matte.any(axis=axis))
        low, high = int(filled[0]), int(filled[-1]) + 1
        room = max(CROP_ROOM, -(-(CROP_LEAST - (high - low)) // 2))
        ends.append((max(low - room, 0), min(high + room, size)))
    (top, bottom), (left, right) = ends
    return Region(left, top, right, bottom)


def eye_distance(landmarks: Array) -> float:
    """Pixels between the centres of the two eyes; a centre is midway between the eye's corners."""
    right, left = (landmarks[list(pair), :2].mean(axis=0) for pair in EYE_CORNERS)
    return float(np.linalg.norm(right - left))


def landmark_error(truth: Array, result: Array) -> float:
    """Mean distance of lips and jaw landmarks (478, 2 or 3), in eye distances of the truth."""
    measured = [*LIPS, *JAW]
    apart = np.linalg.norm(truth[measured, :2] - result[measured, :2], axis=1)
    return float(apart.mean()) / max(eye_distance(truth), 1e-6)


@dataclass(frozen=True, slots=True)
class Likeness:
    """Means over the frames compared.

    psnr_matte_db, psnr_mouth_db  mean of the frames' PSNR
    ssim_matte       mean of the frames' SSIM
    sharpness_mouth  Laplacian energy in the mouth, all frames, relative to the truth's
    flicker_ratio    second difference in time, relative to the truth's
    landmark_error_iod  mean over frames; NaN where no landmarks were given
    perceptual_distance  mean over frames, in the matte's box; NaN without `perceive`
    seam             mean of the slope across the matte's edge over the truth's own there
    """

    frames: int
    psnr_matte_db: float
    psnr_mouth_db: float
    ssim_matte: float
    sharpness_mouth: float
    flicker_ratio: float
    landmark_error_iod: float
    perceptual_distance: float
    seam: float


@dataclass(slots=True)
class Comparison:
    """Computes a Likeness: `add` the frames in order.  It holds the last three frames only.

    perceive  measures perceptual distance; None leaves it out
    """

    perceive: Perceive | None = None
    _rows: list[tuple[float, float, float]] = field(default_factory=list)
    _sharp: list[tuple[float, float]] = field(default_factory=list)
    _flicker: list[tuple[float, float]] = field(default_factory=list)
    _landmarks: list[float] = field(default_factory=list)
    _perceived: list[float] = field(default_factory=list)
    _seams: list[float] = field(default_factory=list)
    _last: deque[tuple[Array, Array, Covered]] = field(default_factory=lambda: deque(maxlen=3))

    def add(
        self,
        truth: Array,
        made: Array,
        matte: Matte,
        mouth: Region,
        *,
        edge: Matte | None = None,
    ) -> None:
        """Add one frame's truth and render.

        Args:
            matte: where both are compared.
            edge: the matte that the render was composited with, whose seam is measured; None:
                `matte`.

        Raises:
            ShapeError: pictures or matte of different sizes.
        """
        if truth.shape != made.shape or truth.shape[:2] != matte.shape:
            raise ShapeError(f"{truth.shape}, {made.shape} and {matte.shape} do not compare")
        where = matte >= 128
        inside = np.zeros(matte.shape, bool)
        inside[mouth.rows, mouth.columns] = True
        self._rows.append(
            (psnr(truth, made, where), psnr(truth, made, inside), ssim(truth, made, where))
        )
        self._sharp.append((laplacian_energy(truth, mouth), laplacian_energy(made, mouth)))
        self._seams.append(seam(truth @ LUMA, made @ LUMA, matte if edge is None else edge))
        if self.perceive is not None and matte.any():
            box = matte_box(matte)
            cut = (box.rows, box.columns)
            self._perceived.append(self.perceive(truth[cut], made[cut]))
        self._last.append((truth @ LUMA, made @ LUMA, where))
        if len(self._last) == 3:
            self._flicker.append(self._change())

    def add_landmarks(self, truth: Array, result: Array) -> None:
        """Add one frame's landmarks: the target's, and those tracked in the render."""
        self._landmarks.append(landmark_error(truth, result))

    def result(self) -> Likeness:
        """The means.  Raises ShapeError when nothing was added."""
        if not self._rows:
            raise ShapeError("no frames were compared")
        in_matte, in_mouth, alike = np.mean(self._rows, axis=0)
        truth, made = np.sum(self._sharp, axis=0)
        steady = np.sum(self._flicker, axis=0) if self._flicker else np.ones(2)
        return Likeness(
            frames=len(self._rows),
            psnr_matte_db=float(in_matte),
            psnr_mouth_db=float(in_mouth),
            ssim_matte=float(alike),
            sharpness_mouth=float(made / max(truth, 1e-12)),
            flicker_ratio=float(steady[1] / max(steady[0], 1e-12)),
            landmark_error_iod=_mean(self._landmarks),
            perceptual_distance=_mean(self._perceived),
            seam=_mean(self._seams),
        )

    def _change(self) -> tuple[float, float]:
        """RMS of the second difference in time, (truth, made), where all three mattes cover."""
        where = np.logical_and.reduce([held[2] for held in self._last])
        if not where.any():
            return 0.0, 0.0
        result = []
        for n in (0, 1):
            before, now, after = (held[n] for held in self._last)
            result.append(float(np.sqrt(((before - 2 * now + after)[where] ** 2).mean())))
        return result[0], result[1]


def _mean(values: list[float]) -> float:
    """Mean of the finite values; NaN without any."""
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


def _window(values: Array) -> Array:
    return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5), np.float32)
