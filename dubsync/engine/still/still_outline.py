"""Hair, neck and shoulders of a still: points that turn with the head or stay with the body.

From one picture nothing can be learnt of how hair follows a pose, so the head is an ellipsoid
between the ears.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.compositing.smoothstep import smoothstep
from dubsync.engine.geometry.mesh import CHIN, FACE_OVAL, FOREHEAD
from dubsync.engine.geometry.pose import Pose

Values = NDArray[np.float64]

#: Spacing of the grid and of the contour's points, working pixels.
GRID_PX, CONTOUR_PX = 14, 6
EARS = (234, 454)
#: The ellipsoid: half the ear distance times the first; eye distances beyond the face's nearest
#: point, and above the hair's top.
WIDER, DEEPER, HIGHER = 1.12, 0.1, 0.05
#: The head's share falls from here, heights of the face below the chin, over so much.
NECK_FROM, NECK_OVER = -0.12, 0.65


@dataclass(frozen=True, slots=True, eq=False)
class StillOutline:
    """Points of the person outside the face.

    points  (n, 2) working pixels in the still
    share   (n,) 1 turns with the head, 0 stays with the body
    model   (n, 3) in the head's model units
    """

    points: Values
    share: Values
    model: Values

    def at(self, pose: Pose, body: Values) -> Values:
        """(n, 2) where they go when the head has `pose` (one frame) and the body moves by `body`
        (2,) or (n, 2), working pixels."""
        head = pose.place(self.model[None])[0, :, :2]
        share = self.share[:, None]
        return np.asarray(share * head + (1 - share) * (self.points + body))


def still_outline(matte: Array, landmarks: Array, front: Array, pose: Pose) -> StillOutline:
    """The outline of a person's matte (h, w) 0..1, landmarks (478, 3) in the same pixels.

    Args:
        front: (478, 3) the face seen from the front, model units, and `pose` that places it.
    """
    flat = np.asarray(landmarks[:, :2], np.float64)
    points = _points(matte, flat)
    height = float(np.linalg.norm(flat[FOREHEAD] - flat[CHIN]))
    up = (flat[FOREHEAD] - flat[CHIN]) / height
    below = -((points - flat[CHIN]) @ up) / height
    share = smoothstep(np.asarray(1 - (below - NECK_FROM) / NECK_OVER, np.float32))
    middle, radii, back = _ellipsoid(matte, flat, np.asarray(front, np.float64), pose)

    def depth(at: Values) -> Values:
        away = (((at[:, :2] - middle) / radii[:2]) ** 2).sum(axis=1)
        return np.asarray(back - radii[2] * np.sqrt(np.clip(1 - away, 0, 1)))

    rotation, scale, shift = pose.rotation[0], float(pose.scale[0]), pose.shift[0]
    seen = (points - shift[:2]) / scale
    z = np.full(len(points), back)
    model = np.zeros((len(points), 3))
    for _ in range(4):
        # The depth in the camera at which the model's own depth is z.
        away = (z - seen @ rotation[:2, 2]) / rotation[2, 2]
        model = np.concatenate([seen, away[:, None]], axis=1) @ rotation
        z = depth(model)
    return StillOutline(points, np.asarray(share, np.float64), model)


def _points(matte: Array, flat: Values) -> Values:
    """Points of the contour, then a grid over the person outside the face."""
    size = matte.shape
    face = np.zeros(size, np.uint8)
    cv2.fillPoly(face, [np.rint(flat[FACE_OVAL]).astype(np.int32)], 1)
    face = np.asarray(cv2.dilate(face, np.ones((5, 5), np.uint8)), np.uint8)
    near = cv2.dilate((matte > 0.25).astype(np.uint8), np.ones((9, 9), np.uint8))
    contours, _ = cv2.findContours(
        (matte > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    result = []
    if contours:
        edge = max(contours, key=len)[::CONTOUR_PX, 0]
        inner = (edge > 2).all(axis=1) & (edge[:, 0] < size[1] - 3) & (edge[:, 1] < size[0] - 3)
        result = [edge[inner]]
    x, y = np.meshgrid(
        np.arange(GRID_PX // 2, size[1], GRID_PX), np.arange(GRID_PX // 2, size[0], GRID_PX)
    )
    grid = np.stack([x.ravel(), y.ravel()], axis=1)
    result.append(grid[near[grid[:, 1], grid[:, 0]] > 0])
    points = np.concatenate(result)
    return np.asarray(points[face[points[:, 1], points[:, 0]] == 0] + 0.5, np.float64)


def _ellipsoid(
    matte: Array, flat: Values, front: Values, pose: Pose
) -> tuple[Values, Values, float]:
    """Middle (2,), radii (3,), and the depth of its middle, model units."""
    ears = front[list(EARS)]
    column = int(np.clip(flat[FOREHEAD, 0], 0, matte.shape[1] - 1))
    rows = np.flatnonzero(matte[:, column] > 0.5)
    top = rows.min() if len(rows) else flat[FOREHEAD, 1]
    hair = max((flat[FOREHEAD, 1] - top) / float(pose.scale[0]), 0.15)
    middle = ears.mean(axis=0)[:2] - (0, 0.1)
    across = abs(ears[0, 0] - ears[1, 0]) / 2 * WIDER
    up = abs(front[FOREHEAD, 1] - middle[1]) + hair + HIGHER
    back = float(ears[:, 2].mean())
    deep = back - float(front[FACE_OVAL, 2].min()) + DEEPER
    return middle, np.array([across, up, deep]), back
