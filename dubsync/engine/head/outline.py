"""The outline grid: points on hair, ears, neck and shoulders, and a rigid proxy that moves them.

Landmarks end at the face oval.  Beyond it the person is covered with points on one reference frame;
each is given a depth on an ellipsoid about the temples and a share of the head's movement, so that
any pose says about where it goes.  fit_proxy.py corrects both from the frames that there are, and
ridge.py learns the rest.
Source: ours; figures in docs/benchmarks.md, "Whole heads: the outline".
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import ShapeError
from dubsync.engine.compositing.smoothstep import smoothstep
from dubsync.engine.geometry.mesh import CHIN, FACE_OVAL, FOREHEAD
from dubsync.engine.head.head_path import HeadPath, Values
from dubsync.engine.head.person_matte import WORKING_EYE_PX

#: All lengths in pixels are working pixels: an eye distance is about WORKING_EYE_PX of them.
#: From grid point to grid point: finer follows no better, and costs.
GRID_PX = 14
#: From contour point to contour point: the edge against the background is what the eye sees.
CONTOUR_PX = 6
#: Contour points this near to the picture's border are left out: there the frame cuts the person.
BORDER_PX = 3
#: Matte from which a pixel is the person's, for grid points and for the contour; room round the
#: person that gets grid points too, so that soft hair is carried along.
IN_GRID, IN_CONTOUR, GRID_ROOM_PX = 0.24, 0.5, 4
#: Room round the face oval, where the landmarks move the picture.
OVAL_ROOM_PX = 2
#: A point that is `below` the chin, in face heights (forehead to chin), moves with the head wholly
#: down to -HEAD_ENDS and not at all from FADE - HEAD_ENDS on: the neck is between them.
HEAD_ENDS, FADE = 0.12, 0.65
#: The temples' landmarks, before the ears.
TEMPLES = (234, 454)
#: The ellipsoid: width relative to the temples' distance; its centre above their middle, room over
#: the top of the hair, in eye distances.
WIDER, RAISED, OVER_HAIR = 1.12, 0.1, 0.05
#: Its rim, where hair and head end for the eye, lies this far behind the temples, and it is this
#: much deeper than from there to the foremost point of the face oval; eye distances.  0.2 to 0.6
#: fitted four actors best; fit_proxy.py finds each one's own.
BEHIND_TEMPLES, DEEPER = 0.3, 0.1
#: Rounds in which depth and place on the ellipsoid are made to agree.
ROUNDS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """n points of one person on the reference frame, the contour's first.

    points   (n, 2)  working pixels, pixel centres at .5
    share    (n,)    1 moves with the head, 0 stays with the shoulders
    model    (n, 3)  where each is on the proxy, model units
    contour  how many of the first are on the contour
    rest     (3,)    x, y, scale of the reference frame's resting head, working pixels
    """

    points: Array
    share: Array
    model: Array
    contour: int
    rest: Array

    def __post_init__(self) -> None:
        n = len(self.points)
        seal(self, "points", n, 2)
        seal(self, "share", n)
        seal(self, "model", n, 3)
        seal(self, "rest", 3)
        if not 0 <= self.contour <= n:
            raise ShapeError(f"{self.contour} of {n} points are on the contour")

    def __len__(self) -> int:
        return len(self.points)


def base(outline: Outline, path: HeadPath) -> Values:
    """(T, n, 2) where the rigid proxy puts the outline: BASE.

    Not limited: beyond what the actor was seen to do it carries on.
    """
    share = np.asarray(outline.share, np.float64)[None, :, None]
    moved = share * path.placed(outline.model) + (1 - share) * hanging(outline, path)
    return np.asarray(moved, np.float64)


def hanging(outline: Outline, path: HeadPath) -> Values:
    """(T, n, 2) where the outline would be if all of it stayed with the shoulders."""
    away = (np.asarray(outline.points, np.float64) - outline.rest[:2]) / float(outline.rest[2])
    at = path.rest_shift[:, None] + path.rest_scale[:, None, None] * away[None]
    return np.asarray(at, np.float64)


def outline_on(matte: NDArray[np.uint8], landmarks: Array, path: HeadPath, rest: Array) -> Outline:
    """The outline of the person in one frame.

    Args:
        matte: (h, w) of the person, 255 inside, working pixels.
        landmarks: (478, 3) working pixels.
        path: of this one frame, working pixels.
        rest: (478, 3) the actor's face at rest, model units.

    Raises:
        ShapeError: a path of more than one frame.
    """
    if len(path) != 1:
        raise ShapeError(f"an outline lies on one frame, not on {len(path)}")
    contour, grid = _contour(matte, landmarks), _grid(matte, landmarks)
    points = np.concatenate([contour, grid])
    flat = np.asarray(landmarks[:, :2], np.float64)
    height = max(float(np.linalg.norm(flat[FOREHEAD] - flat[CHIN])), 1e-3)
    up = (flat[FOREHEAD] - flat[CHIN]) / height
    below = -((points - flat[CHIN]) @ up) / height
    share = smoothstep(np.asarray(1 - (below + HEAD_ENDS) / FADE, np.float32))
    proxy = _Ellipsoid.of(np.asarray(rest, np.float64), _hair(matte, flat) / float(path.scale[0]))
    return Outline(
        np.asarray(points, np.float32),
        share,
        np.asarray(proxy.seen_at(points, path), np.float32),
        len(contour),
        np.array([*path.rest_shift[0], path.rest_scale[0]], np.float32),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ellipsoid:
    """Half a head: centre (x, y), radii (x, y, z), and the depth of its rim, model units."""

    middle: Values
    radii: Values
    rim: float

    @classmethod
    def of(cls, rest: Values, hair: float) -> _Ellipsoid:
        """About a face at rest (478, 3) whose hair rises `hair` above the forehead."""
        temples = rest[list(TEMPLES)]
        middle = np.array([temples[:, 0].mean(), temples[:, 1].mean() - RAISED])
        rim = float(temples[:, 2].mean()) + BEHIND_TEMPLES
        radii = np.array([
            abs(temples[0, 0] - temples[1, 0]) / 2 * WIDER,
            abs(rest[FOREHEAD, 1] - middle[1]) + hair + OVER_HAIR,
            rim - BEHIND_TEMPLES - rest[FACE_OVAL, 2].min() + DEEPER,
        ])  # fmt: skip
        return cls(middle, np.maximum(radii, 1e-3), rim)

    def depth(self, points: Values) -> Values:
        """(n,) z of model points (n, 2 or 3) seen from the front; the rim's where they are off."""
        off = (((points[:, :2] - self.middle) / self.radii[:2]) ** 2).sum(axis=1)
        return np.asarray(self.rim - self.radii[2] * np.sqrt(np.clip(1 - off, 0, 1)), np.float64)

    def seen_at(self, points: Values, path: HeadPath) -> Values:
        """(n, 3) model points on the ellipsoid that a frame shows at `points` (n, 2)."""
        turn = path.rotation[0]
        flat = (points - path.shift[0]) / path.scale[0]
        depth = np.full(len(points), self.rim)
        model = np.zeros((len(points), 3))
        for _ in range(ROUNDS):
            # The third row of `turn.T @ (x, y, z)` is the depth wanted; solve it for z.
            z = (depth - flat @ turn[:2, 2]) / turn[2, 2]
            model = np.concatenate([flat, z[:, None]], axis=1) @ turn
            depth = self.depth(model)
        return model


def _contour(matte: NDArray[np.uint8], landmarks: Array) -> Values:
    inside = (matte > 255 * IN_CONTOUR).astype(np.uint8)
    lines, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not lines:
        return np.zeros((0, 2))
    line = max(lines, key=len)[:, 0].astype(np.float64)[::CONTOUR_PX] + 0.5
    height, width = matte.shape
    kept = (line > BORDER_PX).all(axis=1) & (line < (width - BORDER_PX, height - BORDER_PX)).all(1)
    kept &= ~_within(_oval(matte.shape, landmarks), line)
    return np.asarray(line[kept], np.float64)


def _grid(matte: NDArray[np.uint8], landmarks: Array) -> Values:
    height, width = matte.shape
    room = np.ones((2 * GRID_ROOM_PX + 1,) * 2, np.uint8)
    person = cv2.dilate((matte > 255 * IN_GRID).astype(np.uint8), room)
    x, y = np.meshgrid(
        np.arange(GRID_PX // 2, width, GRID_PX), np.arange(GRID_PX // 2, height, GRID_PX)
    )
    points: Values = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64) + 0.5
    kept = _within(person, points) & ~_within(_oval(matte.shape, landmarks), points)
    return np.asarray(points[kept], np.float64)


def _oval(size: tuple[int, ...], landmarks: Array) -> NDArray[np.uint8]:
    mask = np.zeros(size, np.uint8)
    oval = np.clip(landmarks[FACE_OVAL, :2], -1e4, 1e4)
    cv2.fillPoly(mask, [np.rint(oval).astype(np.int32)], 1)
    return np.asarray(cv2.dilate(mask, np.ones((2 * OVAL_ROOM_PX + 1,) * 2, np.uint8)), np.uint8)


def _within(mask: NDArray[np.uint8], points: Values) -> NDArray[np.bool_]:
    at = np.floor(points).astype(int)
    return np.asarray(mask[at[:, 1], at[:, 0]] > 0, bool)


def _hair(matte: NDArray[np.uint8], flat: Values) -> float:
    """Pixels that the hair rises above the forehead's landmark; where none is seen, some."""
    x = int(np.clip(flat[FOREHEAD, 0], 0, matte.shape[1] - 1))
    rows = np.flatnonzero(matte[:, x] > 127)
    if not len(rows):
        return 0.6 * WORKING_EYE_PX
    return max(float(flat[FOREHEAD, 1] - rows[0]), 0.0)
