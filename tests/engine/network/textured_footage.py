"""A drawn actor whose skin has texture that moves with the face.

In `drawn_footage` the texture stays with the plate; tests of appearance models need this one.
"""

from functools import cache

import cv2
import numpy as np
import torch
from scipy.interpolate import RBFInterpolator

from dubsync.core.colour import working_rgb
from dubsync.core.progress import silent
from dubsync.engine import actor as actors
from dubsync.engine.geometry.mesh import FACE_OVAL, INNER_LIPS, OUTER_LIPS
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.train import training
from tests.engine.exemplars.drawn_footage import (
    DARK,
    HEIGHT,
    LIP,
    SKIN,
    WIDTH,
    DrawnPlate,
    drawn_track,
)

FLAT_PX = 4  #: pixels of the flat skin to one of the plate
STEP = 6


@cache
def _front():
    return drawn_track([0.0]).landmarks[0, :, :2].astype(np.float64)


@cache
def _skin():
    """The skin of the front face, FLAT_PX times as fine as the plate."""
    rng = np.random.default_rng(11)
    size = HEIGHT * FLAT_PX, WIDTH * FLAT_PX
    picture = np.broadcast_to(np.array(SKIN, np.float32), (*size, 3)).copy()
    for deviation, height in ((5.0, 0.05), (10.0, 0.07), (28.0, 0.06)):
        marks = cv2.GaussianBlur(rng.normal(size=size).astype(np.float32), (0, 0), deviation)
        picture += (marks * (height / marks.std()))[..., None]
    return picture


def textured(points, number=0, *, scale=1, gain=1.0, offset=0.0, tint=1.0):
    """A frame with the face of landmarks `points` (478, 3), `scale` times WIDTH x HEIGHT."""
    height, width = HEIGHT * scale, WIDTH * scale
    at = points[:, :2].astype(np.float64)
    rows = np.unique(np.concatenate([FACE_OVAL, OUTER_LIPS, np.arange(0, 468, 5)]))
    back = RBFInterpolator(at[rows] / scale, _front()[rows], kernel="thin_plate_spline")
    x, y = np.arange(STEP / 2, WIDTH, STEP), np.arange(STEP / 2, HEIGHT, STEP)
    nodes = back(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2))
    nodes = nodes.reshape(len(y), len(x), 2).astype(np.float32)
    px = (np.arange(width, dtype=np.float32) + 0.5) / scale / STEP - 0.5
    py = (np.arange(height, dtype=np.float32) + 0.5) / scale / STEP - 0.5
    flat = cv2.remap(nodes, *np.meshgrid(px, py), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    flat = flat * FLAT_PX - 0.5
    fine = cv2.GaussianBlur(_skin(), (0, 0), 0.4 * FLAT_PX) if scale == 1 else _skin()
    picture = cv2.remap(
        fine, flat[..., 0], flat[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    face = _filled(at[FACE_OVAL], scale)
    picture = 0.4 + face * (picture - 0.4)
    for ring, colour in ((OUTER_LIPS, LIP), (INNER_LIPS, DARK)):
        area = _filled(at[ring], scale)
        picture = picture * (1 - area) + np.array(colour, np.float32) * area
    stored = np.rint(np.clip(picture * tint * gain + offset, 0, 1) * 255).astype(np.uint8)
    return rgb_frame(stored, number)


def _filled(corners, scale):
    area = np.zeros((HEIGHT * scale, WIDTH * scale), np.float32)
    cv2.fillPoly(area, [np.rint((corners - 0.5) * 16).astype(np.int32)], 1.0, shift=4)
    return cv2.GaussianBlur(area, (0, 0), 0.7 * scale)[..., None]


def picture_of(points, **how):
    """Working colour of `textured`."""
    return working_rgb(textured(points, **how))


class TexturedPlate(DrawnPlate):
    """Frames of a track, each read from its landmarks."""

    def read(self, numbers):
        for number in numbers:
            self.read_numbers.append(number)
            row = number - self.track.frames.start
            yield textured(self.track.landmarks[row], number, tint=self.tint)


def talking_track(frames=150, *, seed=0, sway=0.06, start=0):
    """A track of six seconds whose mouth never does the same twice."""
    t = np.arange(frames)
    jaw = np.abs(np.sin(t / 5)) * (0.55 + 0.45 * np.sin(t / 17 + seed))
    return drawn_track(jaw, sway=sway, seed=seed, start=start)


def learnt(plate, *, most=36, **how):
    """An actor of one plate."""
    footage = [plate.footage()]
    return actors.learn("Ada", footage, most=most, widest_px=1024, progress=silent, **how)


@cache
def trained():
    """An actor of two plates, trained briefly."""
    plates = {
        "long": TexturedPlate(talking_track()),
        "short": TexturedPlate(talking_track(60, seed=1)),
    }
    footage = [plate.footage(name) for name, plate in plates.items()]
    actor = actors.learn("Ada", footage, most=30, widest_px=1024, progress=silent)
    cpu = torch.device("cpu")
    return training.train(actor, minutes=0.02, size=96, kept=None, progress=silent, device=cpu)


def displaced(points, most, seed):
    """(n, 2) smooth displacements of landmarks over the face, at most `most` pixels."""
    rng = np.random.default_rng(seed)
    field = cv2.GaussianBlur(rng.normal(size=(HEIGHT, WIDTH, 2)).astype(np.float32), (0, 0), 18)
    x, y = (np.clip(points[:, c], 0, n - 1).astype(int) for c, n in ((0, WIDTH), (1, HEIGHT)))
    pushed = field[y, x]
    return (pushed * (most / np.linalg.norm(pushed, axis=1).max())).astype(np.float32)
