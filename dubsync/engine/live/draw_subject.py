"""Draws who is driven live: the renderers that draw takes, at a picture of a few hundred lines.

Everything happens at the picture's own small size: the still is scaled down once, so that one warp
of it is cheap enough for each frame.
"""

from __future__ import annotations

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.errors import EngineError
from dubsync.core.live import DrawLive, DriverSeen, LivePicture, LiveSubject, Rgb8
from dubsync.engine.live.live_driver import LiveDriver
from dubsync.engine.still.draw_still import DriverFrame, StillRenderer
from dubsync.engine.still.still_model import learn_still
from dubsync.engine.still.transfer import at_rest, driven_face
from dubsync.engine.track.landmarker import Landmarker


def draw_subject(subject: LiveSubject, height: int) -> DrawLive:
    """A drawer of `subject`, in pictures of at most `height` lines.

    Raises:
        NoFace: a photograph shows no face.
        EngineError: a kind of subject that cannot be driven.
    """
    if subject.kind == "still":
        return LiveStill(subject.pictures, height)
    raise EngineError(f"a {subject.kind} cannot be driven live", hint="give a photograph")


class LiveStill:
    """Implements `core.live.DrawLive` for photographs of one person."""

    def __init__(self, pictures: tuple[Rgb8, ...], height: int) -> None:
        landmarker = Landmarker(threads=1)
        self._still = learn_still([_small(picture, height) for picture in pictures], landmarker)
        self._renderer = StillRenderer(self._still)
        self._driver = LiveDriver(landmarker.expression)

    def take_neutral(self) -> None:
        """Take the driver's neutral face anew."""
        self._driver.take_neutral()

    def __call__(self, seen: DriverSeen, rgb: Rgb8, at: float) -> LivePicture:
        """The still as the driver moves now."""
        move, hold = self._driver.step(seen, at)
        face = self._still.key.face
        if move is None:
            picture = self._renderer.draw(at_rest(face))
        else:
            shown = DriverFrame(_working(rgb), move) if seen.presence > 0 else None
            picture = self._renderer.draw(driven_face(face, move), shown)
        return LivePicture(_display(picture), hold)


def _small(picture: Rgb8, height: int) -> Array:
    """A photograph of at most `height` lines and an even width, (h, w, 3) working colour."""
    lines, columns = picture.shape[:2]
    scale = min(height / lines, height * 64 / 27 / columns, 1.0)
    size = max(2, round(columns * scale / 2) * 2), max(2, round(lines * scale / 2) * 2)
    return _working(np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8))


def _working(rgb: Rgb8) -> Array:
    return np.asarray(rgb, np.float32) * np.float32(1 / 255)


def _display(picture: Array) -> Rgb8:
    return np.asarray(cv2.convertScaleAbs(np.maximum(picture, 0), alpha=255), np.uint8)
