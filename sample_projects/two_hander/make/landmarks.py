"""478 face landmarks on an aligned portrait, and the few shape measures the solver steers by.

The model is Google's Face Landmarker v2 (Apache-2.0), run with LiteRT. The generator centres
every face the same way, so no detector is needed: a fixed first crop, then one refined from the
landmarks it gave, as the tracker in MediaPipe does (1.5 times the longer side of their box).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

INPUT = 256
FIRST_CROP = (0.5, 0.54, 0.92)
"""Centre x, centre y and side of the first crop, in parts of the portrait's side."""

EYE_OUTER = (33, 263)
NAMES = ("gap", "width", "eyes", "yaw", "pitch", "roll", "corners", "brows")


class Landmarker:
    """Finds the face in a square, aligned portrait."""

    def __init__(self, model: Path, threads: int = 1) -> None:
        self._net = Interpreter(str(model), num_threads=threads)
        self._net.allocate_tensors()
        self._input = self._net.get_input_details()[0]["index"]
        self._points, self._presence, _ = (d["index"] for d in self._net.get_output_details())

    def _once(self, bgr: np.ndarray, centre: np.ndarray, side: float) -> tuple[np.ndarray, float]:
        """Landmarks [478, 3] in pixels of the picture, and the presence logit."""
        scale = INPUT / side
        move = np.float32(
            [[scale, 0, INPUT / 2 - centre[0] * scale], [0, scale, INPUT / 2 - centre[1] * scale]]
        )
        crop = cv2.warpAffine(bgr, move, (INPUT, INPUT), flags=cv2.INTER_AREA)
        self._net.set_tensor(self._input, crop[None, :, :, ::-1].astype(np.float32) / 255)
        self._net.invoke()
        pts = self._net.get_tensor(self._points).reshape(478, 3) / scale
        pts[:, :2] += centre - side / 2
        return pts, float(self._net.get_tensor(self._presence).ravel()[0])

    def __call__(self, bgr: np.ndarray) -> np.ndarray | None:
        """Landmarks [478, 3] in parts of the picture's side (z too), or None without a face."""
        size = bgr.shape[0]
        x, y, side = FIRST_CROP
        pts, _ = self._once(bgr, np.array([x, y]) * size, side * size)
        low, high = pts[:, :2].min(0), pts[:, :2].max(0)
        pts, presence = self._once(bgr, (low + high) / 2, 1.5 * float((high - low).max()))
        return None if presence < 0 else (pts / size).astype(np.float32)


@dataclass(frozen=True)
class Shape:
    """Measures of one face. Lengths are in parts of the distance between the outer eye corners."""

    gap: float
    """Between the inner lips, at the middle."""
    width: float
    """Between the mouth corners."""
    eyes: float
    """Mean eye opening over eye width."""
    yaw: float
    """Degrees; positive turns the face towards the picture's right."""
    pitch: float
    """Degrees; positive is down."""
    roll: float
    """Degrees; positive is clockwise."""
    corners: float
    """Height of the mouth corners below the base of the nose: a smile makes it smaller."""
    brows: float
    """Height of the brows above the eyes."""

    def vector(self) -> np.ndarray:
        """The measures in the order of NAMES; angles in units of 60 degrees, to be comparable."""
        v = np.array([getattr(self, n) for n in NAMES], np.float64)
        v[3:6] /= 60
        return v


def measure(points: np.ndarray) -> Shape:
    """The Shape of landmarks [478, 3]."""
    p = points.astype(np.float64)

    def span(a: int, b: int) -> float:
        return float(np.linalg.norm(p[a, :2] - p[b, :2]))

    unit = float(np.linalg.norm(p[EYE_OUTER[0]] - p[EYE_OUTER[1]]))
    across, down = p[454] - p[234], p[152] - p[10]
    opening = (span(159, 145) / span(33, 133) + span(386, 374) / span(263, 362)) / 2
    return Shape(
        gap=span(13, 14) / unit,
        width=span(61, 291) / unit,
        eyes=opening,
        yaw=float(np.degrees(np.arctan2(across[2], across[0]))),
        pitch=float(np.degrees(np.arctan2(-down[2], down[1]))),
        roll=float(np.degrees(np.arctan2(p[263, 1] - p[33, 1], p[263, 0] - p[33, 0]))),
        corners=float((p[61, 1] + p[291, 1]) / 2 - p[2, 1]) / unit,
        brows=float((p[159, 1] + p[386, 1]) / 2 - (p[105, 1] + p[334, 1]) / 2) / unit,
    )
