"""Other people beside a head: found by their faces, and parted from its matte.

Two people who touch are one component of a person matte.  Each pixel then belongs to the face that
is nearer, in that face's own size.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dubsync.core.arrays import Array
from dubsync.engine.compositing.smoothstep import smoothstep
from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.geometry.sampling import Square, rgb_frame
from dubsync.engine.head.head_path import Values
from dubsync.engine.track.detector import Box
from dubsync.engine.track.landmarker import Landmarker

#: A face this much smaller than the head's own is no neighbour: a picture on a wall, a crowd.
LEAST_SIZE = 0.35
#: The border between two people is soft over this difference of their distances, face sizes.
BORDER = 0.12
#: Share of the matte at another face's middle from which the two people touch.
TOUCHES = 0.4


class OtherFaces:
    """The face detector, loaded once.  Not to be shared between threads."""

    def __init__(self) -> None:
        self._landmarker = Landmarker(threads=1)

    def __call__(self, shown: Array, landmarks: Array) -> tuple[Box, ...]:
        """Faces of other people beside that of `landmarks` (478, 2 or 3).

        Args:
            shown: (h, w, 3) display R'G'B' 0..1.
        """
        pixels = np.asarray(np.rint(np.clip(shown, 0, 1) * 255), np.uint8)
        height, width = pixels.shape[:2]
        # Squares that overlap: a face at the picture's side is small in the whole of it.
        side = float(min(height, width))
        centres = {side / 2, width / 2, width - side / 2}
        squares = [Square(width / 2, height / 2, float(max(height, width)))]
        squares += [Square(x, height / 2, side) for x in sorted(centres)]
        own = _box(landmarks)
        found = self._landmarker.detect(rgb_frame(np.ascontiguousarray(pixels)), squares)
        return tuple(
            face.box for face in found
            if _size(face.box) >= LEAST_SIZE * _size(own) and not _inside(_middle(face.box), own)
        )  # fmt: skip


def touches(matte: Array, others: Sequence[Box]) -> bool:
    """Whether a matte (h, w), 0..1, holds another person's face too."""
    height, width = matte.shape
    for other in others:
        x, y = _middle(other)
        at = int(np.clip(y, 0, height - 1)), int(np.clip(x, 0, width - 1))
        if matte[at] >= TOUCHES:
            return True
    return False


def parted(matte: Array, landmarks: Array, others: Sequence[Box]) -> Array:
    """`matte` (h, w), 0..1, without what is nearer to another person's face."""
    if not others:
        return matte
    own = _away(matte.shape, _box(landmarks))
    nearest = np.min([_away(matte.shape, other) for other in others], axis=0)
    share = smoothstep(np.asarray((nearest - own) / BORDER + 0.5, np.float32))
    return np.asarray(matte * share, np.float32)


def _away(shape: tuple[int, ...], box: Box) -> Values:
    """(h, w) distance to a face's middle, in its size."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    middle = _middle(box)
    away = np.hypot(x + 0.5 - middle[0], y + 0.5 - middle[1]) / max(_size(box), 1.0)
    return np.asarray(away, np.float64)


def _box(landmarks: Array) -> Box:
    oval = np.asarray(landmarks[FACE_OVAL, :2], np.float64)
    return Box(*map(float, (*oval.min(axis=0), *oval.max(axis=0))))


def _middle(box: Box) -> tuple[float, float]:
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2


def _size(box: Box) -> float:
    return max(box.right - box.left, box.bottom - box.top)


def _inside(point: tuple[float, float], box: Box) -> bool:
    return box.left <= point[0] <= box.right and box.top <= point[1] <= box.bottom
