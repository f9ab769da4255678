"""Smooth landmarks over time without lag: the whole run is known, so both sides of a frame count.

The noise was measured: two readings of each frame through slightly different squares, on ten clips.
A residual from the smooth curve counts as noise only as far as it is no larger than that (James and
Stein's rule); the rest is movement and stays.  Stronger smoothing (nine frames, residuals of four
times the noise kept) made landmarks look steadier but 24 % (skull) to 33 % (lips) of them wrong by
more than their noise, so it is not done.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lstsq

from dubsync.core.arrays import Array
from dubsync.engine.geometry.lips import gaps, meet
from dubsync.engine.geometry.mesh import (
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
)
from dubsync.engine.geometry.pose import Pose, align_robustly, to_matrices, to_vectors

Values = NDArray[np.float64]

#: Frames of the parabola fit: head, skull and cheeks, lips and lids.
POSE_FRAMES, SHAPE_FRAMES, LIP_FRAMES = 7, 9, 5
ORDER = 2
#: Frame-to-frame noise, standard deviation, in eye distances or radians: the head's position in the
#: picture, in depth, its rotation, its size (relative), a lip landmark.
PLACE_NOISE, DEPTH_NOISE, TURN_NOISE, SIZE_NOISE, LIP_NOISE = 0.0025, 0.004, 0.0018, 0.0011, 0.0028
#: Skull and cheek landmarks move slowly relative to each other, so more is treated as noise.
SLOW_NOISE = 0.0100
#: Least rigid weight of the landmarks that the head pose is estimated from.
CLEARLY_RIGID = 0.3
#: Inner lips closer than the first touch; from the second on they are apart.
TOUCHING, APART = 0.006, 0.012


def steady(points: Array, rigid: Values, quick: Values) -> Array:
    """Landmarks (T, 478, 3) of one run, smoothed: head and cheeks strongly, lips lightly.

    Args:
        points: every frame filled in.
        rigid: (478,) weights of landmarks that move with the skull alone.
        quick: (478,) 1 where a landmark is to be smoothed lightly, 0 strongly.
    """
    clear = np.where(rigid >= CLEARLY_RIGID, rigid, 0)
    model = _middle_shape(points, clear)
    eyes = float(np.linalg.norm(_eye(model, 0) - _eye(model, 1)))
    pose = align_robustly(points, model, clear, rounds=2)
    shape = pose.remove(points) / eyes
    slow, fast = np.flatnonzero(quick < 1), np.flatnonzero(quick > 0)
    held = shape.copy()
    held[:, slow] = denoised(shape[:, slow], SHAPE_FRAMES, SLOW_NOISE)
    share = quick[None, fast, None]
    lips = denoised(shape[:, fast], LIP_FRAMES, LIP_NOISE)
    held[:, fast] = held[:, fast] * (1 - share) + lips * share
    return np.asarray(_steady_pose(pose, eyes).place(touching(held) * eyes), np.float32)


def denoised(values: Values, frames: int, noise: float) -> Values:
    """`values` (T, ...) without the residual from a local parabola that `noise` explains."""
    frames = min(frames, len(values) - (1 - len(values) % 2))
    if frames <= ORDER:
        return values
    smooth = _weighted(values, middle_of_parabola(frames))
    rest = values - smooth
    energy = _weighted(rest * rest, np.full(3, 1 / 3))
    return smooth + np.clip(1 - noise**2 / np.maximum(energy, 1e-18), 0, 1) * rest


@cache
def middle_of_parabola(frames: int) -> Values:
    """(frames,) weights of samples, whose sum is the least-squares parabola's value at the middle.

    Source: Savitzky & Golay 1964, "Smoothing and Differentiation of Data by Simplified Least
    Squares Procedures".  scipy.signal has them too, and takes .4 CPU seconds to load.
    """
    places = np.arange(frames // 2, -(frames // 2) - 1, -1.0)
    powers = places ** np.arange(ORDER + 1)[:, None]
    return np.asarray(lstsq(powers, np.eye(ORDER + 1)[0])[0])


def _weighted(values: Values, weights: Values) -> Values:
    """Weighted sums of each frame's neighbours (odd, symmetric `weights`).

    The ends are extended by point reflection, so that a uniform movement continues.
    """
    reach = len(weights) // 2
    head = 2 * values[:1] - values[reach:0:-1]
    tail = 2 * values[-1:] - values[-2 : -2 - reach : -1]
    longer = np.concatenate([head, values, tail])
    total = np.zeros_like(values)
    for n, weight in enumerate(weights):
        total += weight * longer[n : n + len(values)]
    return total


def touching(shape: Values) -> Values:
    """Faces in eye distances whose nearly touching lips are made to touch."""
    middle = gaps(shape)[:, 2:7].mean(axis=1)
    return meet(shape, None, np.clip((APART - middle) / (APART - TOUCHING), 0, 1))


def _middle_shape(points: Array, rigid: Values) -> Values:
    """The run's median face, centred on its skull, so that rotation and position do not mix."""
    some = points[:: max(1, len(points) // 60)]
    model = np.asarray(points[len(points) // 2], np.float64)
    for _ in range(2):
        model = np.median(align_robustly(some, model, rigid, rounds=1).remove(some), axis=0)
    return np.asarray(model - rigid @ model / rigid.sum())


def _steady_pose(pose: Pose, eyes: float) -> Pose:
    unit = eyes * float(np.median(pose.scale))
    place = denoised(pose.shift[:, :2] / unit, POSE_FRAMES, PLACE_NOISE)
    depth = denoised(pose.shift[:, 2:] / unit, POSE_FRAMES, DEPTH_NOISE)
    turn = denoised(to_vectors(pose.rotation), POSE_FRAMES, TURN_NOISE)
    size = denoised(np.log(pose.scale), POSE_FRAMES, SIZE_NOISE)
    return Pose(np.exp(size), to_matrices(turn), np.hstack([place, depth]) * unit)


def _eye(face: Values, which: int) -> Values:
    inner, outer = (
        (RIGHT_EYE_INNER, RIGHT_EYE_OUTER),
        (LEFT_EYE_INNER, LEFT_EYE_OUTER),
    )[which]
    return np.asarray((face[inner] + face[outer]) / 2)
