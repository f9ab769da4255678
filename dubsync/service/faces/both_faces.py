"""A picture of two faces beside each other, for a person to compare."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.colour import working_rgb
from dubsync.core.errors import DubsyncError
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame
from dubsync.media.pixels.display import shown_rgb
from dubsync.media.plate import open_square
from dubsync.media.stills.encode import png
from dubsync.qc.drawing import GROUND, INK, RGB, write
from dubsync.service.faces.consented_face import Seen, photograph_frame
from dubsync.service.store.atomic_write import write_derived

_log = logging.getLogger(__name__)

#: Side of each face's square, room above and around, pixels; share of the face's height around it.
SIDE, HEAD, GAP, AROUND = 480, 64, 16, 0.45


def write_both(folder: Path, one: Seen, other: Seen) -> Path:
    """Write the picture into `folder`; its path, also where a face cannot be read again."""
    name = re.sub(r"[^\w.-]+", "_", f"faces_{one.about}")
    path = folder / f"{name}.png"
    write_derived(path, png(both(one, other)))
    return path


def both(one: Seen, other: Seen) -> RGB:
    """(H, W, 3) the two faces; grey where a picture cannot be read again."""
    canvas: RGB = np.full((HEAD + SIDE + GAP, 2 * SIDE + 3 * GAP, 3), GROUND, np.uint8)
    for n, seen in enumerate((one, other)):
        left = GAP + n * (SIDE + GAP)
        write(canvas, seen.about[:48], (left, 38), INK, 20, 600)
        try:
            canvas[HEAD : HEAD + SIDE, left : left + SIDE] = _face(seen)
        except DubsyncError as error:
            _log.warning("%s is left out of the picture of both faces: %s", seen.about, error)
    return canvas


def _face(seen: Seen) -> RGB:
    """The face where the tracker is as sure as usual, nearest the middle of its longest run."""
    track = max(seen.tracks, key=lambda one: int((one.confidence > 0).sum()))
    if seen.photo is not None:
        return _cut(photograph_frame(seen.photo, seen.longest), track, 0)
    if seen.plate is None:
        return np.full((SIDE, SIDE, 3), GROUND, np.uint8)
    sure = np.flatnonzero(track.confidence >= np.median(track.confidence))
    at = int(sure[np.abs(sure - len(track.confidence) / 2).argmin()])
    with open_square(seen.plate) as reader:
        (frame,) = reader.read([track.frames.start + at])
    return _cut(frame, track, at)


def _cut(frame: Frame, track: FaceTrack, at: int) -> RGB:
    """(SIDE, SIDE, 3) the face with some room around it; grey beyond the picture's edge."""
    whole: Array = shown_rgb(working_rgb(frame), frame.format)
    xy = track.landmarks[at, :, :2]
    low, high = xy.min(axis=0), xy.max(axis=0)
    half = float((high - low).max()) * (0.5 + AROUND)
    x, y = (low + high) / 2
    scale = SIDE / (2 * half)
    matrix = np.array([[scale, 0, SIDE / 2 - x * scale], [0, scale, SIDE / 2 - y * scale]])
    face = cv2.warpAffine(
        np.asarray(whole, np.float32), matrix, (SIDE, SIDE), flags=cv2.INTER_AREA,
        borderMode=cv2.BORDER_CONSTANT, borderValue=(0.3, 0.3, 0.3),
    )  # fmt: skip
    return np.ascontiguousarray(np.round(np.clip(face, 0, 1) * 255), np.uint8)
