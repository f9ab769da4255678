"""A drawn actor with pictures: landmarks that talk, and frames painted from them."""

from dataclasses import replace

import cv2
import numpy as np

from dubsync.core.picture import Frame, PictureFormat
from dubsync.core.steps import Footage
from dubsync.engine.geometry.mesh import FACE_OVAL, INNER_LIPS, OUTER_LIPS
from tests.engine.drive.drive_synthesis import face_track

WIDTH, HEIGHT = 240, 220
EYE_PX = 44.0
SKIN, LIP, DARK = (0.72, 0.55, 0.45), (0.66, 0.28, 0.30), (0.05, 0.02, 0.02)


def drawn_track(jaw, *, start=0, seed=0, sway=0.0):
    """A FaceTrack in a WIDTH x HEIGHT plate whose jaw opens by `jaw` (T,)."""
    track = face_track(np.asarray(jaw), size=EYE_PX, seed=seed, sway=sway, start=start)
    return replace(track, landmarks=track.landmarks + np.array([-180.0, -170, 0], np.float32))


def painted(points, number, *, tint=1.0):
    """A frame with the face of landmarks `points` (478, 3): 8-bit RGB."""
    rng = np.random.default_rng(7)
    ground = cv2.GaussianBlur(rng.normal(size=(HEIGHT, WIDTH, 3)), (0, 0), 1.2) * 0.05 + 0.4
    picture = ground.astype(np.float32)
    for ring, colour in ((FACE_OVAL, SKIN), (OUTER_LIPS, LIP), (INNER_LIPS, DARK)):
        area = np.zeros((HEIGHT, WIDTH), np.float32)
        shape = np.rint((points[ring, :2] - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(area, [shape], 1.0, shift=4)
        area = cv2.GaussianBlur(area, (0, 0), 0.7)[..., None]
        texture = np.array(colour) + 0.5 * (ground - 0.4) * (ring is FACE_OVAL)
        picture = picture * (1 - area) + texture.astype(np.float32) * area
    stored = np.rint(np.clip(picture * tint, 0, 1) * 255).astype(np.uint8)
    form = PictureFormat(WIDTH, HEIGHT, "rgb", 8, matrix="rgb", full_range=True)
    return Frame(number, tuple(np.ascontiguousarray(stored[..., c]) for c in range(3)), form)


class DrawnPlate:
    """Frames of a track, painted when read; records which were read."""

    def __init__(self, track, *, tint=1.0):
        self.track, self.tint, self.read_numbers = track, tint, []

    def read(self, numbers):
        for number in numbers:
            self.read_numbers.append(number)
            row = number - self.track.frames.start
            yield painted(self.track.landmarks[row], number, tint=self.tint)

    def frames(self):
        return list(self.read(range(self.track.frames.start, self.track.frames.stop)))

    def footage(self, name="drawn"):
        return Footage(name, self.track, self.read)


def dark_share(frame, points):
    """Share of pixels inside the outer lips that are as dark as a mouth's inside."""
    area = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(area, [np.rint(points[OUTER_LIPS, :2]).astype(np.int32)], 1)
    luma = np.mean([p.astype(float) for p in frame.planes], axis=0)
    return float((luma[area > 0] < 50).mean())
