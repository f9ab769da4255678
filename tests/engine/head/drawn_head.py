"""A drawn head on shoulders: points on a rigid head, and textured pictures of it."""

import cv2
import numpy as np

from dubsync.engine.geometry.pose import to_matrices
from dubsync.engine.head.head_path import HeadPath
from dubsync.engine.motion.basis import neutral_units

REST = np.asarray(neutral_units(), np.float32)
SIZE = (260, 240)  # height, width of the working picture
EYE = 50.0
MIDDLE = np.array([120.0, 105.0])


def path_of_turns(turns, shifts=None):
    """Heads with rotation vectors (T, 3), radians, shifted by (T, 2) working pixels."""
    t = len(turns)
    shifts = np.zeros((t, 2)) if shifts is None else np.asarray(shifts, float)
    return HeadPath(
        to_matrices(np.asarray(turns, float)),
        MIDDLE + shifts,
        np.full(t, EYE),
        np.broadcast_to(MIDDLE, (t, 2)),
        np.full(t, EYE),
    )


def landmarks_on(path, row=0):
    """(478, 3) working pixels."""
    flat = path.placed(REST)[row]
    return np.concatenate([flat, REST[:, 2:] * EYE], axis=1).astype(np.float32)


def drawn_matte():
    """(h, w) uint8: hair, neck and shoulders of the head that faces the camera."""
    matte = np.zeros(SIZE, np.uint8)
    cv2.ellipse(matte, (120, 110), (68, 88), 0, 0, 360, 255, -1)
    cv2.rectangle(matte, (95, 180), (145, 230), 255, -1)
    cv2.ellipse(matte, (120, 262), (115, 45), 0, 180, 360, 255, -1)
    return matte


def textured(seed=3):
    """(h, w, 3) a picture whose every spot is unlike its neighbours."""
    rng = np.random.default_rng(seed)
    fine = cv2.GaussianBlur(rng.normal(size=(*SIZE, 3)).astype(np.float32), (0, 0), 2.0)
    return np.clip(0.5 + 1.2 * fine, 0, 1).astype(np.float32)
