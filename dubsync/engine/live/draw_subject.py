"""Draws who is driven live: the renderers that draw takes, at a picture of a few hundred lines.

Everything happens at the picture's own small size: the still is scaled down once, so that one warp
of it is cheap enough for each frame.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.driven.live import DrawLive, DriverSeen, LivePicture, LiveSubject, Rgb8
from dubsync.core.errors import EngineError
from dubsync.engine.geometry.mesh import CHIN, FOREHEAD
from dubsync.engine.live.live_driver import LiveDriver
from dubsync.engine.live.live_head import LiveHead
from dubsync.engine.live.own_gaze import LiveGaze
from dubsync.engine.still.draw_still import DriverFrame, StillRenderer
from dubsync.engine.still.still_model import learn_still
from dubsync.engine.still.transfer import Shares, at_rest, driven_face
from dubsync.engine.track.landmarker import Landmarker

#: Height of the face, forehead to chin, in the height of a shot of head and shoulders.
FACE_SHARE = 0.4
#: Width of such a shot in heights.
WIDEST_SHOT = 4 / 3


def draw_subject(subject: LiveSubject, height: int) -> DrawLive:
    """A drawer of `subject`, in pictures of at most `height` lines.

    Raises:
        ModelError: the learnt head cannot be used.
        EngineError: a kind of subject that cannot be driven.
    """
    if subject.kind == "still":
        return LiveStill(subject, height)
    if subject.kind == "gaze":
        return LiveGaze()
    if subject.kind == "head" and subject.head is not None:
        return LiveHead(subject.head, height)
    raise EngineError(f"a {subject.kind} cannot be driven live", hint="give a photograph")


class LiveStill:
    """Implements `core.driven.live.DrawLive` for photographs of one person."""

    def __init__(self, subject: LiveSubject, height: int) -> None:
        landmarker = Landmarker(threads=1)
        taken = [
            _small(*((picture, face) if subject.whole else head_shot(picture, face)), height)
            for picture, face in zip(subject.pictures, subject.faces, strict=True)
        ]
        pictures, faces = [one for one, _ in taken], [face for _, face in taken]
        self._still = learn_still(pictures, landmarker, faces)
        self._renderer = StillRenderer(self._still)
        self._driver = LiveDriver(landmarker.expression)

    def take_neutral(self) -> None:
        """Take the driver's neutral face anew."""
        self._driver.take_neutral()

    def __call__(self, seen: DriverSeen, rgb: Rgb8, at: float) -> LivePicture:
        """The still as the driver moves now."""
        move, share, hold = self._driver.step(seen, at)
        face = self._still.key.face
        if move is None:
            picture = self._renderer.draw(at_rest(face))
        else:
            # The still's own expression is taken out as the driver's comes in.
            shares = replace(Shares(), own=Shares().own * share)
            shown = DriverFrame(_working(rgb), move) if seen.presence > 0 else None
            picture = self._renderer.draw(driven_face(face, move, shares), shown)
        return LivePicture(_display(picture), hold)


def head_shot(picture: Rgb8, face: Array) -> tuple[Rgb8, Array]:
    """The part of a photograph (h, w, 3) with head and shoulders, and the landmarks in it.

    Args:
        face: (478, 3) landmarks, pixels.
    """
    height, width = picture.shape[:2]
    top, chin = (np.asarray(face[n, :2], np.float64) for n in (FOREHEAD, CHIN))
    lines = min(float(np.linalg.norm(chin - top)) / FACE_SHARE, height)
    columns = min(lines * WIDEST_SHOT, width)
    x, y = (top + chin) / 2 + (0, lines * 0.04)
    left = int(np.clip(x - columns / 2, 0, width - columns))
    above = int(np.clip(y - lines / 2, 0, height - lines))
    part = picture[above : above + int(lines), left : left + int(columns)]
    return np.ascontiguousarray(part), np.asarray(face - np.array((left, above, 0)), np.float32)


def _small(picture: Rgb8, face: Array, height: int) -> tuple[Array, Array]:
    """A photograph of at most `height` lines and an even width, (h, w, 3) working colour; its
    landmarks there."""
    lines, columns = picture.shape[:2]
    scale = min(height / lines, height * 64 / 27 / columns, 1.0)
    size = max(2, round(columns * scale / 2) * 2), max(2, round(lines * scale / 2) * 2)
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    by = np.array([size[0] / columns, size[1] / lines, scale], np.float32)
    return _working(small), np.asarray(face * by, np.float32)


def _working(rgb: Rgb8) -> Array:
    return np.asarray(rgb, np.float32) * np.float32(1 / 255)


def _display(picture: Array) -> Rgb8:
    return np.asarray(cv2.convertScaleAbs(np.maximum(picture, 0), alpha=255), np.uint8)
