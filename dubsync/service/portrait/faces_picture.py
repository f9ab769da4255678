"""A picture of the faces in a photograph or a frame, numbered as `--face` takes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.errors import DeliveryError
from dubsync.core.face import FaceTrack
from dubsync.media.stills.encode import png
from dubsync.qc.drawing import RGB, box, line, wide, write
from dubsync.service.store.atomic_write import write_whole

#: Longest side of the picture, pixels.
LONGEST = 1280
_COLOURS = ((255, 196, 0), (64, 200, 255), (255, 120, 160), (140, 230, 110))


def write_faces(
    beside: Path, picture: Array, faces: Sequence[FaceTrack], at: int = 0, name: str = "faces.png"
) -> Path:
    """Write `name` into the folder `beside`, and return its path; where it cannot be written, the
    numbers count from left to right all the same.

    Args:
        picture: (H, W, 3) working colour.
        at: which frame of each track.
    """
    path = beside / name
    try:
        write_whole(path, png(numbered(picture, faces, at)))
    except DeliveryError:
        return path
    return path


def numbered(picture: Array, faces: Sequence[FaceTrack], at: int = 0) -> RGB:
    """The picture with a box and a number at each face."""
    scale = min(1.0, LONGEST / max(picture.shape[:2]))
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    small = cv2.resize(np.clip(picture, 0, 1), size, interpolation=cv2.INTER_AREA)
    canvas: RGB = np.ascontiguousarray(np.rint(small * 255), np.uint8)
    for track in faces:
        xy = track.landmarks[at, :, :2] * scale
        colour = _COLOURS[(track.face - 1) % len(_COLOURS)]
        (left, top), (right, bottom) = xy.min(axis=0), xy.max(axis=0)
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        line(canvas, np.vstack([corners, corners[:1]]), colour, 2)
        label = str(track.face)
        x = int(np.clip(left, 0, max(size[0] - wide(label, 24) - 12, 0)))
        y = int(np.clip(top - 32, 0, max(size[1] - 32, 0)))
        box(canvas, x, y, min(x + wide(label, 24) + 12, size[0]), y + 32, colour)
        write(canvas, label, (x + 6, y + 24), (0, 0, 0), 24, 700)
    return canvas
