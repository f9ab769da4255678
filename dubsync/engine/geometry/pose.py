"""Head pose: the similarity transform that aligns one set of points with another, per frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Points = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """points = scale * rotation @ model + shift, frame by frame.

    scale     (T,)
    rotation  (T, 3, 3)
    shift     (T, 3)
    """

    scale: NDArray[np.float64]
    rotation: NDArray[np.float64]
    shift: NDArray[np.float64]

    def place(self, model: Points) -> NDArray[np.float64]:
        """Model points (N, 3) or (T, N, 3) transformed by the pose, (T, N, 3)."""
        turned = np.asarray(model, np.float64) @ self.rotation.transpose(0, 2, 1)
        return self.scale[:, None, None] * turned + self.shift[:, None]

    def remove(self, points: Points) -> NDArray[np.float64]:
        """Points (T, N, 3) in the model's frame, (T, N, 3)."""
        moved = np.asarray(points, np.float64) - self.shift[:, None]
        return (moved @ self.rotation) / self.scale[:, None, None]


def align(points: Points, model: Points, weights: Points) -> Pose:
    """The least-squares similarity from `model` to `points` in each frame.

    Args:
        points: (T, N, 3).
        model: (N, 3).
        weights: (N,) or (T, N), not negative, not all zero in a frame.

    Source: Umeyama 1991, "Least-Squares Estimation of Transformation Parameters Between Two
    Point Patterns", equations 40 to 42, weighted.
    """
    points = np.asarray(points, np.float64)
    model = np.asarray(model, np.float64)
    share = np.broadcast_to(np.asarray(weights, np.float64), points.shape[:2])
    share = share / share.sum(axis=1, keepdims=True)
    middle = (share[:, None] @ points)[:, 0]
    model_middle = share @ model
    away = points - middle[:, None]
    model_away = model[None] - model_middle[:, None]
    spread = (away * share[..., None]).transpose(0, 2, 1) @ model_away
    u, values, vt = np.linalg.svd(spread)
    sign = np.ones((len(points), 3))
    sign[:, 2] = np.sign(np.linalg.det(u @ vt))
    rotation = (u * sign[:, None]) @ vt
    variance = (share * (model_away**2).sum(axis=2)).sum(axis=1)
    scale = (values * sign).sum(axis=1) / variance
    shift = middle - scale[:, None] * (rotation @ model_middle[..., None])[..., 0]
    return Pose(scale, rotation, shift)


def align_robustly(points: Points, model: Points, weights: Points, rounds: int = 3) -> Pose:
    """`align`, weights (N,), with outliers of the rigid motion down-weighted (Cauchy, IRLS)."""
    weights = np.asarray(weights)
    used = weights > 0
    points, model, weights = np.asarray(points)[:, used], np.asarray(model)[used], weights[used]
    pose = align(points, model, weights)
    for _ in range(rounds):
        stray = np.linalg.norm(pose.remove(points) - model, axis=2)
        usual = np.median(stray, axis=1)
        loose = (stray / (2.4 * np.maximum(usual, 1e-9))[:, None]) ** 2
        pose = align(points, model, weights / (1 + loose))
    return pose


def to_vectors(rotation: NDArray[np.float64]) -> NDArray[np.float64]:
    """(T, 3, 3) as rotation vectors (T, 3), radians, without jumps from frame to frame.

    Vectors are relative to no rotation.  A wrap at pi matters only for a face that is upside down;
    it is unwrapped here.
    """
    vectors = Rotation.from_matrix(rotation).as_rotvec()
    for t in range(1, len(vectors)):
        length = float(np.linalg.norm(vectors[t]))
        if length > 2.5:
            other = vectors[t] * (1 - 2 * np.pi / length)
            if np.linalg.norm(other - vectors[t - 1]) < np.linalg.norm(vectors[t] - vectors[t - 1]):
                vectors[t] = other
    return np.asarray(vectors, np.float64)


def to_matrices(vectors: Points) -> NDArray[np.float64]:
    """Rotation vectors (T, 3) as (T, 3, 3)."""
    return np.asarray(Rotation.from_rotvec(np.asarray(vectors, np.float64)).as_matrix())
