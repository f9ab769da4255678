"""Hair, neck and the matte's edge: how much they jump and how sharp they are, beside the plate's.

The part of the matte outside the face's oval, at a size that does not grow with the plate's.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.qc.image_measures import HIGH_PASS_FLOOR, Gray, Matte
from dubsync.qc.mouth import Curve, eye_distance

# Outline of the face in the 478-point mesh.
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
    148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
EYES_PX = 40.0  #: pictures are reduced until the eyes are so far apart
LEAST_PIXELS = 200  #: of the matte outside the face, for a measure


@dataclass(frozen=True, slots=True, eq=False)
class BeyondFace:
    """Measures of hair, neck and edge per frame; NaN where there was nothing to measure.

    jump_plate, jump_render  (T,) root mean square difference of a frame from the mean of its two
                             neighbours there, full scale 1
    sharpness                (T,) Laplacian energy there, relative to the plate's
    """

    jump_plate: Curve
    jump_render: Curve
    sharpness: Curve

    @property
    def flicker(self) -> Curve:
        """(T,) the render's jump relative to the plate's: in that frame, at least its median."""
        if not np.isfinite(self.jump_plate).any():
            return self.jump_render
        usual = max(float(np.nanmedian(self.jump_plate)), HIGH_PASS_FLOOR)
        return np.maximum(self.jump_render, HIGH_PASS_FLOOR) / np.maximum(self.jump_plate, usual)


class BeyondFaceMeasures:
    """Measures one head: `add` each frame once and in order, then read `series`."""

    def __init__(self) -> None:
        self._jumps: list[tuple[float, float]] = []
        self._sharp: list[float] = []
        self._recent: deque[tuple[Gray, Gray, NDArray[np.bool_]] | None] = deque(maxlen=3)
        self._shape: tuple[int, int] | None = None

    def add(
        self, plate: Gray, render: Gray, matte: Matte, landmarks: NDArray[np.floating] | None
    ) -> None:
        """Measure one frame of whole pictures (H, W), full scale 1; no landmarks: no face."""
        self._jumps.append((np.nan, np.nan))
        self._sharp.append(np.nan)
        if landmarks is None or not matte.any():
            self._recent.append(None)
            return
        small = self._reduced(plate, render, matte, landmarks)
        self._recent.append(small)
        before, after, beyond = small
        if beyond.sum() >= LEAST_PIXELS:
            energy = [np.square(cv2.Laplacian(x, cv2.CV_32F))[beyond].mean() for x in small[:2]]
            self._sharp[-1] = float(energy[1] / max(energy[0], 1e-8))
        if len(self._recent) == 3:
            self._jumps[-2] = _jump(tuple(self._recent))

    @property
    def series(self) -> BeyondFace:
        """The measures of all frames so far."""
        plate, render = np.array(self._jumps, np.float64).reshape(-1, 2).T
        return BeyondFace(plate, render, np.array(self._sharp, np.float64))

    def _reduced(
        self, plate: Gray, render: Gray, matte: Matte, landmarks: NDArray[np.floating]
    ) -> tuple[Gray, Gray, NDArray[np.bool_]]:
        """Plate, render and the matte outside the face, all frames of a shot at one size."""
        height, width = plate.shape
        if self._shape is None:
            scale = min(1.0, EYES_PX / max(float(eye_distance(landmarks[None])[0]), 1.0))
            self._shape = max(round(height * scale), 8), max(round(width * scale), 8)
        size = self._shape[::-1]
        oval = np.asarray(landmarks[list(OVAL), :2], np.float64)
        oval = oval * np.array(size) / np.array([width, height])
        face = np.zeros(self._shape, np.uint8)
        cv2.fillPoly(face, [np.rint(oval).astype(np.int32)], 1)
        pictures = [
            np.asarray(cv2.resize(x, size, interpolation=cv2.INTER_AREA), np.float32)
            for x in (plate, render)
        ]
        cover = cv2.resize(matte, size, interpolation=cv2.INTER_AREA)
        beyond = (cover > 127) & (cv2.dilate(face, np.ones((3, 3), np.uint8)) == 0)
        return pictures[0], pictures[1], beyond


def _jump(
    recent: tuple[tuple[Gray, Gray, NDArray[np.bool_]] | None, ...],
) -> tuple[float, float]:
    first, middle, last = recent
    if first is None or middle is None or last is None:
        return np.nan, np.nan
    inside = first[2] & middle[2] & last[2]
    if inside.sum() < LEAST_PIXELS:
        return np.nan, np.nan
    plate, render = (
        float(np.sqrt(np.square((b - (a + c) / 2)[inside]).mean()))
        for a, b, c in zip(first[:2], middle[:2], last[:2], strict=True)
    )
    return plate, render
