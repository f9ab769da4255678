"""Where a head is, frame by frame, and where its shoulders rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.core.face import MotionTrack
from dubsync.engine.geometry.pose import Pose, to_matrices, to_vectors

Values = NDArray[np.float64]
Seen = NDArray[np.bool_] | NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class HeadPath:
    """T frames of one head, in the pixels of some picture: a plate's, or a key's working pixels.

    A model point m is seen at `scale * (rotation @ m)[:2] + shift`.  Shoulders do not turn with
    the head: their place is told from a rest, the median head of their plate, which moves only as
    the camera does.

    rotation    (T, 3, 3)
    shift       (T, 2)  where the model's origin is
    scale       (T,)    pixels per model unit (1 = distance between the eyes)
    rest_shift  (T, 2)  where the resting head's origin is
    rest_scale  (T,)    pixels per model unit of the resting head
    """

    rotation: Values
    shift: Values
    scale: Values
    rest_shift: Values
    rest_scale: Values

    def __post_init__(self) -> None:
        t = len(self.scale)
        shapes = {"rotation": (t, 3, 3), "shift": (t, 2), "scale": (t,), "rest_shift": (t, 2),
                  "rest_scale": (t,)}  # fmt: skip
        for name, shape in shapes.items():
            array = np.array(getattr(self, name), np.float64)
            if array.shape != shape or not np.isfinite(array).all():
                raise ShapeError(f"HeadPath.{name} is {array.shape}, not {shape}, or not finite")
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        if t and min(self.scale.min(), self.rest_scale.min()) <= 0:
            raise ShapeError("a head of no size")

    def __len__(self) -> int:
        return len(self.scale)

    def __getitem__(self, which: Any) -> HeadPath:
        """Some of the frames; a single number gives a path of one frame."""
        rows = np.atleast_1d(np.arange(len(self))[which])
        return HeadPath(*(getattr(self, name)[rows] for name in HeadPath.__slots__))

    @property
    def turn(self) -> Values:
        """(T, 3) rotation vectors, radians."""
        return to_vectors(self.rotation) if len(self) else np.zeros((0, 3))

    def in_picture(self, origin: tuple[float, float], px: float) -> HeadPath:
        """The same heads in a picture that starts at `origin`, whose pixel is `px` of these."""
        start = np.asarray(origin, np.float64)
        return replace(
            self,
            shift=(self.shift - start) / px,
            scale=self.scale / px,
            rest_shift=(self.rest_shift - start) / px,
            rest_scale=self.rest_scale / px,
        )

    def placed(self, model: Array | Values) -> Values:
        """(T, n, 2) where model points (n, 3) are seen when they move with the head."""
        turned = np.einsum("tij,nj->tni", self.rotation, np.asarray(model, np.float64))
        return np.asarray(self.scale[:, None, None] * turned[..., :2] + self.shift[:, None])


def path_of(motion: MotionTrack, seen: Seen | None = None) -> HeadPath:
    """The head of a fitted motion, plate pixels; its rest is the median head.

    Args:
        seen: (T,) flags or numbers of the frames in which the face was found; None: all.  The
            median is of these.
    """
    head = np.asarray(motion.head, np.float64)
    return path_of_pose(Pose(head[:, 6], to_matrices(head[:, :3]), head[:, 3:6]), seen)


def path_of_pose(pose: Pose, seen: Seen | None = None) -> HeadPath:
    """`path_of`, from a pose in the plate."""
    rows = np.concatenate([pose.shift[:, :2], pose.scale[:, None]], axis=1)
    counted = rows if seen is None else rows[seen]
    rest = np.median(counted if len(counted) else rows, axis=0)
    t = len(rows)
    return HeadPath(
        pose.rotation,
        pose.shift[:, :2],
        pose.scale,
        np.broadcast_to(rest[:2], (t, 2)),
        np.full(t, rest[2]),
    )


def joined_path(paths: Sequence[HeadPath]) -> HeadPath:
    """The frames of several paths, one after another."""
    return HeadPath(
        *(np.concatenate([getattr(path, n) for path in paths]) for n in HeadPath.__slots__)
    )


def degrees_between(one: Values, other: Values) -> Values:
    """(T, K) angles in degrees between rotations (T, 3, 3) and (K, 3, 3)."""
    cosine = (np.einsum("tij,kij->tk", one, other) - 1) / 2
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))), np.float64)
