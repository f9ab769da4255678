"""Measure a mouth from landmarks, independent of head pose and face size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import ShapeError

Curve = NDArray[np.float64]

# Points of the 478-point face mesh.  Source: MediaPipe, canonical_face_model_uv_visualization.
EYE_CORNERS = ((33, 133), (362, 263))
INNER_LIPS = ((13, 14), (82, 87), (312, 317))  #: upper, lower: middle, right, left
LIP_CORNERS = (61, 291)
NASION, CHIN = 168, 152
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)


@dataclass(frozen=True, slots=True, eq=False)
class MouthCurves:
    """Opening, width and jaw of one mouth over T frames; NaN where the face is not seen.

    opening  (T,)  gap between the inner lips, in distances between the eyes
    width    (T,)  between the corners of the mouth, in the same unit
    jaw      (T,)  from the bridge of the nose to the chin, in the same unit
    """

    opening: Curve
    width: Curve
    jaw: Curve

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(T,) where the face was seen."""
        return np.isfinite(self.opening)


def eye_distance(landmarks: NDArray[np.floating]) -> Curve:
    """(T,) pixels between the centres of the eyes, in depth too, of `landmarks` (T, 478, 3)."""
    right, left = (landmarks[:, pair].mean(axis=1) for pair in map(list, EYE_CORNERS))
    return np.asarray(np.linalg.norm(right - left, axis=-1), np.float64)


def mouth_curves(landmarks: NDArray[np.floating], seen: NDArray[np.bool_]) -> MouthCurves:
    """The curves of `landmarks` (T, 478, 3) over the frames where `seen` (T,).

    Distances are three-dimensional, so that turning or nodding the head does not change them.

    Raises:
        ShapeError: the two differ in length.
    """
    if landmarks.shape[1:] != (478, 3) or len(landmarks) != len(seen):
        raise ShapeError(f"landmarks {landmarks.shape} for {len(seen)} frames")
    scale = np.where(seen, np.maximum(eye_distance(landmarks), 1e-6), np.nan)

    def between(first: int, second: int) -> Curve:
        apart = np.linalg.norm(landmarks[:, first] - landmarks[:, second], axis=-1)
        return np.asarray(apart / scale, np.float64)

    opening = np.mean([between(*pair) for pair in INNER_LIPS], axis=0)
    return MouthCurves(opening, between(*LIP_CORNERS), between(NASION, CHIN))


def bend(opening: Curve) -> Curve:
    """(T,) by how much an opening differs from the mean of its neighbours; 0 where not seen."""
    result = np.zeros(len(opening))
    result[1:-1] = np.abs(opening[1:-1] - (opening[:-2] + opening[2:]) / 2)
    return np.nan_to_num(result)


def lips_centre(landmarks: NDArray[np.floating]) -> tuple[float, float]:
    """(x, y) of the middle of the outer lips of one frame's landmarks (478, 3)."""
    x, y = landmarks[list(LIPS), :2].mean(axis=0)
    return float(x), float(y)


def opening_of(
    mouth: NDArray[np.floating],
    known_mouth: NDArray[np.floating],
    known_opening: Curve,
) -> Curve:
    """Lip opening (T,) of mouth coefficients (T, M).

    The actor's model is linear in its coefficients, so the opening nearly is.  A ridge regression
    on frames whose coefficients (N, M) and opening (N,) are both measured therefore predicts the
    opening of target coefficients before rendering.  All NaN with fewer than 10 known frames.
    """
    known = np.isfinite(known_opening)
    if known.sum() < 10:
        return np.full(len(mouth), np.nan)
    x, y = np.asarray(known_mouth, np.float64)[known], known_opening[known]
    centre, level = x.mean(axis=0), y.mean()
    gram = (x - centre).T @ (x - centre)
    ridge = 1e-3 * max(float(np.trace(gram)) / len(gram), 1e-12)
    slope = np.linalg.solve(gram + ridge * np.eye(len(gram)), (x - centre).T @ (y - level))
    fitted = (np.asarray(mouth, np.float64) - centre) @ slope + level
    return np.asarray(np.maximum(fitted, 0), np.float64)
