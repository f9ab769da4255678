"""What a large face's picture is compared by: energy in octaves, flicker without grain, shaking."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.picture import Region
from dubsync.qc.likeness import LUMA, Comparison

Picture = NDArray[np.float32]
#: Standard deviations between which a band lies, pixels: five octaves from the finest.
SIGMAS = (0.0, 0.7, 1.4, 2.8, 5.6, 11.2)
#: Grain is blurred away by this much before the swimming of a mouth is told.
COARSE = 2.0


@dataclass(slots=True)
class Octaves:
    """Sums of squares in each octave, of truth and render, in two places."""

    mouth: list[NDArray[np.float64]] = field(default_factory=list)
    skin: list[NDArray[np.float64]] = field(default_factory=list)
    _coarse: deque[tuple[Picture, Picture]] = field(default_factory=lambda: deque(maxlen=3))
    _flicker: list[tuple[float, float]] = field(default_factory=list)
    _shifts: list[tuple[float, float]] = field(default_factory=list)

    def add(self, truth: Picture, made: Picture, matte: NDArray[np.uint8], mouth: Region) -> None:
        """One frame: pictures (h, w) of luma, the matte, and the mouth's box in them."""
        inside = np.zeros(matte.shape, bool)
        inside[mouth.rows, mouth.columns] = True
        skin = (matte > 200) & ~inside
        pair = [octaves(one) for one in (truth, made)]
        for kept, where in ((self.mouth, inside), (self.skin, skin)):
            kept.append(np.array([[(band[where] ** 2).sum() for band in one] for one in pair]))
        smooth = [cv2.GaussianBlur(one, (0, 0), COARSE) for one in (truth, made)]
        self._coarse.append((smooth[0], smooth[1]))
        self._shifts.append(_shift(*(one[mouth.rows, mouth.columns] for one in smooth)))
        if len(self._coarse) == 3 and len({one[0].shape for one in self._coarse}) == 1:
            (a, x), (b, y), (c, z) = self._coarse
            self._flicker.append(
                (float(((a - 2 * b + c)[inside] ** 2).mean()),
                 float(((x - 2 * y + z)[inside] ** 2).mean()))
            )  # fmt: skip

    def result(self) -> dict[str, Any]:
        """Energy over the truth's by octave, finest first; flicker; how far the mouth shakes."""
        mouth, skin = (np.sum(kept, axis=0) for kept in (self.mouth, self.skin))
        still = np.sum(self._flicker, axis=0) if self._flicker else np.ones(2)
        shifts = np.array(self._shifts)
        return {
            "octaves_mouth": (mouth[1] / mouth[0]).round(3).tolist(),
            "octaves_skin": (skin[1] / skin[0]).round(3).tolist(),
            "flicker_coarse": float(np.sqrt(still[1] / still[0])),
            "shift_px": np.abs(shifts.mean(axis=0)).round(2).tolist(),
            "shake_px": shifts.std(axis=0).round(2).tolist(),
        }


def octaves(luma: Picture) -> list[Picture]:
    """Bands between SIGMAS, finest first."""
    blurred = [luma, *(cv2.GaussianBlur(luma, (0, 0), s) for s in SIGMAS[1:])]
    return [np.asarray(a - b, np.float32) for a, b in zip(blurred, blurred[1:], strict=False)]


def _shift(truth: Picture, made: Picture) -> tuple[float, float]:
    """Pixels by which the render's mouth lies beside the truth's: by phase correlation."""
    window = cv2.createHanningWindow(truth.shape[::-1], cv2.CV_32F)
    (x, y), _ = cv2.phaseCorrelate(truth - truth.mean(), made - made.mean(), window)
    return float(x), float(y)


@dataclass(slots=True)
class Judged:
    """A Comparison and the Octaves of one renderer."""

    comparison: Comparison
    octaves: Octaves = field(default_factory=Octaves)

    def add(self, truth: Picture, made: Picture, matte: NDArray[np.uint8], mouth: Region) -> None:
        """One frame, (h, w, 3) working colour each."""
        self.comparison.add(truth, made, matte, mouth)
        self.octaves.add(
            np.asarray(truth @ LUMA, np.float32), np.asarray(made @ LUMA, np.float32), matte, mouth
        )

    def result(self) -> dict[str, Any]:
        """All figures."""
        one = self.comparison.result()
        return {
            "frames": one.frames, "perceptual": one.perceptual_distance,
            "psnr_mouth_db": one.psnr_mouth_db, "sharpness": one.sharpness_mouth,
            "flicker": one.flicker_ratio, "seam": one.seam, **self.octaves.result(),
        }  # fmt: skip
