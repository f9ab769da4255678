"""Small head turns: the finished picture, warped like a head that rotates about its neck.

The face's landmarks give the displacement of a turn in the picture; a quadratic through them
extrapolates it over hair and ears.  Round the head the displacement fades out, so that neck and
background move a little and the rest of the frame stays the plate's.  Nothing new is drawn: what a
larger turn would uncover is not in the plate, so turns are kept small
(`take.upper_face.MOST_TURN`). Source of the quadratic: a rotated paraboloid moves its picture by a
quadratic of the position.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.picture import Frame, Region
from dubsync.core.steps import Patch
from dubsync.engine.compositing.matte import eye_distance_px
from dubsync.engine.compositing.origin import centres
from dubsync.engine.exemplars.bank import finite_rgb
from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.geometry.pose import to_matrices

Values = NDArray[np.float64]

#: Extent of the head beyond the face's outline: sideways, above, below; eye distances.
HAIR, CROWN, CHIN = 0.35, 1.0, 0.1
#: Distances over which the movement fades out, beyond the head and before the frame's edge, eye
#: distances.
FALL, EDGE_FALL = 1.4, 0.6
#: Pixels between the nodes at which the displacement is evaluated.
STEP_PX = 4
#: Iterations that invert the displacement; displacements below this count as none, pixels.
ROUNDS, STILL_PX = 3, 0.02
#: Displacement, pixels, at which the matte is opaque.
WHOLE_PX = 0.15


class HeadTurn:
    """Turns one head through one shot."""

    def __init__(self, track: FaceTrack, moved: Values) -> None:
        """`moved` (T, 478, 2): displacement of each landmark, plate pixels."""
        self._track = track
        self._moved = moved
        self._active = (np.abs(moved).max(axis=(1, 2)) > STILL_PX) & (
            np.asarray(track.confidence) > 0
        )

    def __call__(self, frame: Frame, face: Patch | None) -> Patch | None:
        """The turned head of a frame composited with `face`; `face` itself where nothing turns."""
        t = frame.number - self._track.frames.start
        if not 0 <= t < len(self._active) or not self._active[t]:
            return face
        landmarks = np.asarray(self._track.landmarks[t, :, :2], np.float64)
        unit = eye_distance_px(self._track.landmarks[t])
        region = _affected_region(landmarks, unit).aligned(frame.format)
        whole = Region(0, 0, frame.format.width, frame.format.height)
        field = _field(landmarks, self._moved[t], region, whole, unit)
        at = _origin(field)
        picture, share = with_face(frame, region, face)
        rgb = cv2.remap(picture, at[..., 0], at[..., 1], cv2.INTER_LANCZOS4,
                        borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
        covered = cv2.remap(share, at[..., 0], at[..., 1], cv2.INTER_LINEAR)
        y, x = np.mgrid[: region.height, : region.width].astype(np.float32)
        gone = np.hypot(at[..., 0] - x, at[..., 1] - y)
        bent = np.clip((gone - STILL_PX) / (WHOLE_PX - STILL_PX), 0, 1)
        # Where the face was drawn, the picture is already mixed with the plate.
        matte = np.maximum(bent, covered > 0)
        return Patch(region, np.asarray(rgb, np.float32),
                     np.asarray(np.rint(255 * matte), np.uint8),
                     origin=_turned_origin(region, face, at))  # fmt: skip


def head_turn(track: FaceTrack, original: MotionTrack, corrected: MotionTrack) -> HeadTurn | None:
    """The HeadTurn of a shot; None where the head nowhere turns.

    Args:
        track: the face.
        original, corrected: its motion and its target motion; their heads are compared.
    """
    if np.array_equal(original.head, corrected.head):
        return None
    points = np.asarray(track.landmarks, np.float64)
    return HeadTurn(track, (turned_with_head(points, original, corrected) - points)[..., :2])


def turned_with_head(
    points: Array | Values, original: MotionTrack, corrected: MotionTrack
) -> Values:
    """Points (T, n, 3) on heads, plate pixels, after the change of pose from one to the other.

    `MotionTrack.head` says where the model's origin is; that a head turns about its neck is in its
    translation already (`engine.motion.turn`).  Where the pose does not change the points are the
    same to the last bit.
    """
    points = np.asarray(points, np.float64)
    was, now = (np.asarray(motion.head, np.float64) for motion in (original, corrected))
    before, after = to_matrices(was[:, :3]), to_matrices(now[:, :3])
    grown = (now[:, 6] / was[:, 6])[:, None, None]
    turn = after @ before.transpose(0, 2, 1)
    shifted = grown * ((points - was[:, None, 3:6]) @ turn.transpose(0, 2, 1)) + now[:, None, 3:6]
    return np.where((was != now).any(axis=1)[:, None, None], shifted, points)


def _head(landmarks: Values, unit: float) -> Values:
    """(n, 2) the head's outline: the face's, extended over hair and crown."""
    oval = landmarks[FACE_OVAL]
    middle = oval.mean(axis=0)
    out = (oval - middle) / np.maximum(np.linalg.norm(oval - middle, axis=1), 1e-6)[:, None]
    up, down = np.clip(-out[:, 1], 0, 1), np.clip(out[:, 1], 0, 1)
    growth = np.stack([HAIR * out[:, 0], CHIN * down - CROWN * up], axis=1)
    return oval + growth * unit


def _affected_region(landmarks: Values, unit: float) -> Region:
    """Everything that the movement may change."""
    head, room = _head(landmarks, unit), FALL * unit + 2 * STEP_PX
    low, high = np.floor(head.min(axis=0) - room), np.ceil(head.max(axis=0) + room)
    return Region(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


def _field(landmarks: Values, moved: Values, region: Region, whole: Region, unit: float) -> Array:
    """(h, w, 2) displacement of what is at each pixel of `region`, pixels."""
    middle = landmarks.mean(axis=0)
    terms = np.linalg.lstsq(_terms((landmarks - middle) / unit), moved, rcond=None)[0]
    across = max(2, -(-region.width // STEP_PX) + 1)
    down = max(2, -(-region.height // STEP_PX) + 1)
    x = np.linspace(region.left + 0.5, region.right - 0.5, across)
    y = np.linspace(region.top + 0.5, region.bottom - 0.5, down)
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    away = _beyond_head(grid, landmarks, unit) / (FALL * unit)
    edge = np.minimum.reduce([
        grid[..., 0] - whole.left, whole.right - grid[..., 0],
        grid[..., 1] - whole.top, whole.bottom - grid[..., 1],
    ]) / (EDGE_FALL * unit)  # fmt: skip
    share = _smooth(1 - away) * _smooth(edge)
    # The quadratic is not extrapolated further than the end of the head.
    near = middle + (grid - middle) / np.maximum(1, np.hypot(*np.moveaxis(
        (grid - middle) / unit, -1, 0)) / _FARTHEST)[..., None]  # fmt: skip
    nodes = share[..., None] * (_terms((near - middle) / unit) @ terms)
    return _spread(np.asarray(nodes, np.float32), region)


_FARTHEST = 2.0  #: eye distances from the face's middle


def _spread(nodes: Array, region: Region) -> Array:
    """Node values, from first to last pixel centre, interpolated at every pixel."""
    rows, columns = nodes.shape[:2]
    x = np.linspace(0, columns - 1, region.width, dtype=np.float32)
    y = np.linspace(0, rows - 1, region.height, dtype=np.float32)
    at_x, at_y = np.meshgrid(x, y)
    return np.asarray(cv2.remap(nodes, at_x, at_y, cv2.INTER_LINEAR), np.float32)


def _terms(at: Values) -> Values:
    """(..., 6) the terms of a quadratic at points (..., 2)."""
    x, y = at[..., 0], at[..., 1]
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)


def _beyond_head(grid: Values, landmarks: Values, unit: float) -> Values:
    """(rows, columns) pixels from each node to the head, 0 inside it."""
    corner, step = grid[0, 0], (grid[-1, -1] - grid[0, 0]) / (np.array(grid.shape[1::-1]) - 1)
    hull = cv2.convexHull(np.asarray((_head(landmarks, unit) - corner) / step, np.float32))
    outside = np.ones(grid.shape[:2], np.uint8)
    cv2.fillPoly(outside, [np.rint(hull * 16).astype(np.int32)], 0, cv2.LINE_8, 4)
    away = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(away, np.float64) * float(step.mean())


def _turned_origin(region: Region, face: Patch | None, at: Array) -> Array:
    """`Patch.origin` of what stands at the pixels `at` (h, w, 2) of `region` before the turn."""
    before = centres(region)
    if face is not None and face.origin is not None:
        top, left = face.region.top - region.top, face.region.left - region.left
        rows = slice(max(top, 0), max(top + face.region.height, 0))
        columns = slice(max(left, 0), max(left + face.region.width, 0))
        part = before[rows, columns]
        own = face.origin[max(-top, 0) :, max(-left, 0) :][: part.shape[0], : part.shape[1]]
        np.copyto(part, own)
    return np.asarray(cv2.remap(before, at[..., 0], at[..., 1], cv2.INTER_LINEAR,
                                borderMode=cv2.BORDER_REPLICATE), np.float32)  # fmt: skip


def _origin(field: Array) -> Array:
    """(h, w, 2) the pixel that each pixel's new value comes from: `field` inverted by iteration."""
    height, width = field.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    here = np.stack([x, y], axis=-1)
    at = here - field
    for _ in range(ROUNDS):
        at = here - cv2.remap(field, at[..., 0], at[..., 1], cv2.INTER_LINEAR,
                              borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    return np.asarray(at, np.float32)


def with_face(frame: Frame, region: Region, face: Patch | None) -> tuple[Array, Array]:
    """The plate's (h, w, 3) over `region` composited with `face`, and (h, w) its matte, 0..1."""
    picture = np.ascontiguousarray(finite_rgb(frame, region))
    share = np.zeros((region.height, region.width), np.float32)
    if face is None:
        return picture, share
    part = face.region
    left, top = max(part.left, region.left), max(part.top, region.top)
    right, bottom = min(part.right, region.right), min(part.bottom, region.bottom)
    if right <= left or bottom <= top:
        return picture, share
    own = slice(top - part.top, bottom - part.top), slice(left - part.left, right - part.left)
    there = (
        slice(top - region.top, bottom - region.top),
        slice(left - region.left, right - region.left),
    )
    some = np.asarray(face.matte[own], np.float32) / np.float32(255)
    picture[there] += some[..., None] * (face.rgb[own] - picture[there])
    share[there] = some
    return picture, share


def _smooth(x: Values) -> Values:
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)
