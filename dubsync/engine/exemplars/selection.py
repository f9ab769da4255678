"""Exemplar selection: pose features compared, frames chosen, the choice kept stable over time.

Pose features decide whether one picture of a face can stand in for another: the shape of mouth and
jaw seen from the front, head rotation, how fast the mouth moves across the picture (and so its
blur), and the light.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.engine.geometry.mesh import (
    EYE_CORNERS,
    INNER_LIPS,
    JAW,
    LIP_BODY,
    LIP_CONTACTS,
    OUTER_LIPS,
)
from dubsync.engine.geometry.pose import align, to_vectors

Costs = NDArray[np.float64]

#: Landmarks that the jaw does not move: eye corners, brow ridge, temples, bridge of the nose.
STILL = np.array([33, 133, 362, 263, 168, 6, 197, 195, 5, 127, 356, 234, 454, 9, 8, 10, 151])
CHIN = np.array([18, 200, 199, 175])
#: Landmarks by which mouth shapes are compared, and their weights.
MOUTH = np.concatenate([OUTER_LIPS, INNER_LIPS, LIP_BODY, JAW, CHIN])
MOUTH_WEIGHTS = np.concatenate(
    [np.ones(20), np.ones(20), np.ones(40), np.full(17, 0.5), np.full(4, 0.5)]
)
#: Openings below this many eye distances count as closed.
LEAST_GAP = 0.004

# What each difference costs, in root-mean-square eye distances of mouth shape.
TURN_COST = 0.26  #: per radian of head turn
SPEED_COST = 0.13  #: per eye distance a frame of mouth speed
GAP_COST = 0.35  #: per root of an eye distance of lip opening
LIGHT_COST = 0.15  #: per unit of working colour, away from the mean
ODD_COST = 0.004  #: per octave of `Bank.oddness`
#: Cost of switching exemplars: constant, and per distance between the two.
SWITCH_COST = 0.004
SWITCH_SHARE = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class PoseFeatures:
    """Pose features of T frames of one face, without its light.

    shape  (T, 101, 3)  landmarks MOUTH in the head's own frame, eye distances
    turn   (T, 3)       rotation vector relative to `model`, radians
    speed  (T, 2)       of the lips across the picture, eye distances a frame
    gap    (T, 9)       opening of each pair of LIP_CONTACTS, eye distances
    """

    shape: Array
    turn: Array
    speed: Array
    gap: Array

    def __len__(self) -> int:
        return len(self.shape)

    def __getitem__(self, which: NDArray[np.intp]) -> PoseFeatures:
        return PoseFeatures(self.shape[which], self.turn[which], self.speed[which], self.gap[which])

    @property
    def features(self) -> Array:
        """(T, D): the Euclidean distance between two rows is how far two poses differ."""
        share = np.sqrt(MOUTH_WEIGHTS / MOUTH_WEIGHTS.sum())[:, None]
        # Roots, because what squeezes teeth is the ratio of two openings, not their difference.
        gap = np.sqrt(self.gap + LEAST_GAP) * (GAP_COST / np.sqrt(len(LIP_CONTACTS)))
        parts = (self.shape * share, self.turn * TURN_COST, self.speed * SPEED_COST, gap)
        return np.concatenate([p.reshape(len(p), -1) for p in parts], axis=1).astype(np.float32)


def eye_distance(landmarks: Array) -> Array:
    """(T,) distance between the eyes' centres, depth included, of landmarks (T, 478, 3)."""
    right, left = (landmarks[:, list(pair)].mean(axis=1) for pair in EYE_CORNERS)
    return np.asarray(np.linalg.norm(right - left, axis=-1), np.float32)


def head_model(landmarks: Array) -> Array:
    """The mean face (478, 3) of landmarks (T, 478, 3) with the head's motion taken out.

    Its eye distance is 1, its origin the mean of STILL.
    """
    model = landmarks[len(landmarks) // 2].astype(np.float64)
    weights = np.zeros(len(model))
    weights[STILL] = 1
    for _ in range(3):
        model = align(landmarks, model, weights).remove(landmarks).mean(axis=0)
        model = model - model[STILL].mean(axis=0)
        model = model / float(eye_distance(model[None])[0])
    return np.asarray(model, np.float32)


def pose_features(landmarks: Array, model: Array) -> PoseFeatures:
    """The PoseFeatures of landmarks (T, 478, 3) of consecutive frames, in plate pixels."""
    if landmarks.ndim != 3 or len(landmarks) == 0:
        raise ShapeError(f"no pose features in landmarks {landmarks.shape}")
    weights = np.zeros(landmarks.shape[1])
    weights[STILL] = 1
    pose = align(landmarks, model, weights)
    shape = pose.remove(landmarks)
    gap = np.linalg.norm(shape[:, LIP_CONTACTS[:, 0]] - shape[:, LIP_CONTACTS[:, 1]], axis=-1)
    return PoseFeatures(
        np.asarray(shape[:, MOUTH], np.float32),
        np.asarray(to_vectors(pose.rotation), np.float32),
        np.asarray(
            lip_speed(landmarks) / np.maximum(eye_distance(landmarks), 1e-6)[:, None], np.float32
        ),
        np.asarray(gap, np.float32),
    )


def lip_speed(landmarks: Array) -> Array:
    """(T, 2) speed of the lips' centre, plate pixels a frame, over three frames."""
    middle = landmarks[:, OUTER_LIPS, :2].mean(axis=1)
    if len(middle) < 2:
        return np.zeros((len(middle), 2), np.float32)
    return np.asarray(np.gradient(middle, axis=0), np.float32)


def farthest_points(features: Array, most: int) -> NDArray[np.intp]:
    """At most `most` rows of `features` such that no row is far from the nearest of them, rising.

    Farthest-point sampling, starting at the row nearest the mean.
    Source: Gonzalez 1985, "Clustering to Minimize the Maximum Intercluster Distance".
    """
    if len(features) <= most:
        return np.arange(len(features))
    first = int(np.argmin(((features - features.mean(axis=0)) ** 2).sum(axis=1)))
    chosen = [first]
    away = ((features - features[first]) ** 2).sum(axis=1)
    while len(chosen) < most:
        farthest = int(np.argmax(away))
        chosen.append(farthest)
        away = np.minimum(away, ((features - features[farthest]) ** 2).sum(axis=1))
    return np.sort(np.array(chosen))


def distances(wanted: Array | Costs, offered: Array | Costs) -> Costs:
    """(T, N) Euclidean distances between features (T, D) and (N, D)."""
    wanted64, offered64 = wanted.astype(np.float64), offered.astype(np.float64)
    squares = (wanted64**2).sum(1)[:, None] + (offered64**2).sum(1) - 2 * wanted64 @ offered64.T
    return np.asarray(np.sqrt(np.maximum(squares, 0)), np.float64)


def cheapest_path(costs: Costs, exemplar_distances: Costs) -> NDArray[np.intp]:
    """(T,) the cheapest path through `costs` (T, N), where switching exemplars costs too.

    A switch costs SWITCH_COST plus SWITCH_SHARE of the two exemplars' distance, an entry of
    `exemplar_distances` (N, N).
    Source: Viterbi 1967.
    """
    toll = SWITCH_COST * (1 - np.eye(len(exemplar_distances))) + SWITCH_SHARE * exemplar_distances
    return path_through(costs, toll)


def path_through(costs: Costs, tolls: Costs | Callable[[int], Costs]) -> NDArray[np.intp]:
    """(T,) the cheapest path through `costs` (T, N).

    Args:
        tolls: (N, N) what a switch from row to column costs; or what it costs on coming to frame t.
    """
    total = costs[0].copy()
    back = np.empty(costs.shape, np.intp)
    columns = np.arange(len(total))
    for t in range(1, len(costs)):
        coming = total[:, None] + (tolls(t) if callable(tolls) else tolls)
        back[t] = coming.argmin(axis=0)
        total = coming[back[t], columns] + costs[t]
    path = np.empty(len(costs), np.intp)
    path[-1] = int(total.argmin())
    for t in range(len(costs) - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    return path


def neighbours(costs: Costs, path: NDArray[np.intp], k: int) -> tuple[NDArray[np.intp], Array]:
    """The `k` cheapest exemplars of each frame, and their weights.

    Returns:
        (T, k) exemplars, the path's own first, and (T, k) weights that add up to 1 and fall with
        cost, smoothly, so that a new exemplar starts near 0.
    """
    t, n = costs.shape
    k = min(k, n)
    order = np.argsort(costs, axis=1, kind="stable")[:, : k + 1]
    nearest = order[:, :k].copy()
    for row in np.flatnonzero(~(nearest == path[:, None]).any(axis=1)):
        nearest[row, -1] = path[row]
    rows = np.arange(t)[:, None]
    cost = costs[rows, nearest]
    edge = costs[rows, order[:, -1:]] if n > k else cost.max(axis=1, keepdims=True) * 1.5
    near = costs[rows, order[:, :1]]
    fall = np.clip((edge - cost) / np.maximum(edge - near, 1e-9), 0.02, 1)
    share = fall / fall.sum(axis=1, keepdims=True)
    first = np.argmax(nearest == path[:, None], axis=1)
    ids = np.arange(t)
    for array in (nearest, share):
        array[ids, 0], array[ids, first] = array[ids, first].copy(), array[ids, 0].copy()
    return nearest, np.asarray(share, np.float32)
