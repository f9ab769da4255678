"""Hair, neck and shoulders of a still, and the background beside them, as the head and body move.

From one picture nothing can be learnt of how hair follows a pose, so `head.outline`'s ellipsoid
serves as it is.  Points beside the contour go as the contour does: without them the background
beside a shoulder would be drawn along by the head above it, and its lines would bend.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.geometry.pose import Pose
from dubsync.engine.head.head_path import path_of_pose
from dubsync.engine.head.outline import Outline, outline_on

Values = NDArray[np.float64]

#: So far beside the contour lies each of its companions, working pixels; the matte's blur that
#: tells which way is out.
BESIDE_PX, OUT_PX = 10.0, 3.0
#: The top of the hair is where the head ends for the eye, and not one place on it: as a head nods,
#: it stays above the skull's middle, so much deeper than the ellipsoid's rim; model units.
DEEPER_TOP = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class StillOutline:
    """Points of the person outside the face, then companions beside the contour.

    points   (n, 2) working pixels in the still
    outline  its points are the first m of them
    along    (n,) number of the outline's point that each goes with; its own for the first m
    """

    points: Values
    outline: Outline
    along: NDArray[np.intp]

    def at(self, pose: Pose, body: Values) -> Values:
        """(n, 2) where they go when the head has `pose` (one frame) and the body moves by `body`
        (n, 2), working pixels."""
        own = np.asarray(self.outline.points, np.float64)
        share = np.asarray(self.outline.share, np.float64)[:, None]
        head = path_of_pose(pose).placed(self.outline.model)[0]
        moved = share * head + (1 - share) * (own + body[: len(own)])
        return np.asarray(self.points + (moved - own)[self.along])


def still_outline(matte: Array, landmarks: Array, front: Array, pose: Pose) -> StillOutline:
    """The outline of a person's matte (h, w) 0..1, landmarks (478, 3) in the same pixels.

    Args:
        front: (478, 3) the face seen from the front, model units, and `pose` that places it.
    """
    solid = np.asarray(np.rint(np.clip(matte, 0, 1) * 255), np.uint8)
    outline = outline_on(solid, landmarks, path_of_pose(pose), front)
    outline = replace(outline, model=_with_top(outline, pose))
    own = np.asarray(outline.points, np.float64)
    beside, of = _beside(matte, own[: outline.contour])
    return StillOutline(
        np.concatenate([own, beside]), outline, np.concatenate([np.arange(len(own)), of])
    )


def _with_top(outline: Outline, pose: Pose) -> Array:
    """The outline's model points, those of the contour deeper the nearer they are to the top."""
    model = np.array(outline.model, np.float64)
    contour = model[: outline.contour]
    away = np.maximum(np.linalg.norm(contour[:, :2], axis=1), 1e-6)
    up = np.clip(-contour[:, 1] / away, 0, 1) ** 2
    contour += DEEPER_TOP * up[:, None] * pose.rotation[0][2]
    return np.asarray(model, np.float32)


def _beside(matte: Array, contour: Values) -> tuple[Values, NDArray[np.intp]]:
    """Companions of the contour's points, and the numbers of those that have one."""
    soft = cv2.GaussianBlur(np.asarray(matte, np.float32), (0, 0), OUT_PX)
    rows, columns = np.floor(contour[:, 1]).astype(int), np.floor(contour[:, 0]).astype(int)
    slope = np.stack(
        [cv2.Sobel(soft, cv2.CV_32F, *way)[rows, columns] for way in ((1, 0), (0, 1))], axis=1
    )
    steep = np.linalg.norm(slope, axis=1, keepdims=True)
    points = contour - BESIDE_PX * slope / np.maximum(steep, 1e-6)
    height, width = matte.shape
    inside = (points >= 0).all(axis=1) & (points < (width, height)).all(axis=1)
    x = np.clip(points[:, 0].astype(int), 0, width - 1)
    y = np.clip(points[:, 1].astype(int), 0, height - 1)
    kept = inside & (steep[:, 0] > 0.02) & (matte[y, x] < 0.2)
    return np.asarray(points[kept], np.float64), np.flatnonzero(kept)
