"""Gaze correction, on landmarks alone: which way the irises are sent."""

import numpy as np
import pytest

from dubsync.core.driven.live import DriverSeen, Hold
from dubsync.core.face import BLENDSHAPES
from dubsync.engine.geometry.mesh import LEFT_IRIS, RIGHT_IRIS, skull_weights
from dubsync.engine.geometry.pose import align_robustly
from dubsync.engine.live.live_driver import EASE_S, NEUTRAL_S
from dubsync.engine.live.own_gaze import LiveGaze, eyes_in_head
from dubsync.engine.motion.basis import neutral_units
from dubsync.engine.track.landmarker import canonical_face

STEP = 0.1


def face(aside=0.0, size=60.0):
    """Landmarks with the irises `aside` by so many eye widths."""
    model = np.array(neutral_units(), np.float64)
    for iris, (a, b) in ((RIGHT_IRIS, (33, 133)), (LEFT_IRIS, (362, 263))):
        width = np.linalg.norm(model[a, :2] - model[b, :2])
        model[iris, :2] += (model[a, :2] + model[b, :2]) / 2 - model[iris[0], :2]
        model[iris, 0] += aside * width
    return np.asarray(model * size + (320, 240, 0), np.float32)


def drawn_eyes(landmarks):
    """A picture with dark irises on white eyes where the landmarks have them."""
    import cv2

    picture = np.full((480, 640, 3), 150, np.uint8)
    for ring, iris in (((33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163,
                         7), RIGHT_IRIS),
                       ((362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381,
                         382), LEFT_IRIS)):  # fmt: skip
        eye = np.rint(landmarks[list(ring), :2] * 16).astype(np.int32)
        mask = np.zeros((480, 640), np.uint8)
        cv2.fillPoly(mask, [eye], 1, shift=4)
        radius = np.linalg.norm(landmarks[iris[1:], :2] - landmarks[iris[0], :2], axis=1).mean()
        disc = np.zeros_like(mask)
        centre = np.rint(landmarks[iris[0], :2] * 16).astype(int)
        cv2.circle(disc, centre.tolist(), round(radius * 16), 1, -1, shift=4)
        picture[mask > 0] = 225
        picture[(mask > 0) & (disc > 0)] = 40
    return picture


def dark_at(picture, landmarks):
    """Mean column of the dark in the right eye."""
    x, y = landmarks[RIGHT_IRIS[0], :2]
    rows, columns = slice(int(y) - 8, int(y) + 8), slice(int(x) - 14, int(x) + 14)
    dark = np.maximum(110.0 - picture[rows, columns].mean(axis=2), 0)
    return float((dark * np.arange(columns.start, columns.stop)).sum() / dark.sum())


@pytest.fixture(scope="module")
def calibrated():
    def make():
        gaze, at = LiveGaze(), 0.0
        ahead = face()
        calm = np.zeros(BLENDSHAPES, np.float32)
        while at < NEUTRAL_S + EASE_S + 0.3:
            shown = gaze(DriverSeen(ahead, calm, 1.0), drawn_eyes(ahead), at)
            at += STEP
        assert shown.hold == Hold.FOLLOWS
        return gaze, at

    return make


def test_who_looks_at_the_camera_is_left_as_filmed(calibrated):
    gaze, at = calibrated()
    ahead = face()
    picture = drawn_eyes(ahead)
    shown = gaze(DriverSeen(ahead, np.zeros(BLENDSHAPES, np.float32), 1.0), picture, at)
    assert (shown.rgb == picture).all()


@pytest.mark.parametrize("aside", [-0.1, 0.1])
def test_irises_that_look_aside_are_sent_back(calibrated, aside):
    gaze, at = calibrated()
    looking = face(aside)
    picture = drawn_eyes(looking)
    for n in range(8):
        shown = gaze(
            DriverSeen(looking, np.zeros(BLENDSHAPES, np.float32), 1.0), picture, at + n * STEP
        )
    moved = dark_at(shown.rgb, looking) - dark_at(picture, looking)
    assert np.sign(moved) == -np.sign(aside) and abs(moved) > 0.5
    rows = np.abs(shown.rgb.astype(int) - picture).max(axis=(1, 2)) > 0
    assert rows.sum() < 40  # nothing but the eyes


def test_nobody_is_shown_as_filmed(calibrated):
    gaze, at = calibrated()
    picture = drawn_eyes(face())
    lost = DriverSeen(face(), np.zeros(BLENDSHAPES, np.float32), 0.0)
    shown = gaze(lost, picture, at)
    assert shown.rgb is picture and shown.hold == Hold.NOBODY


def test_an_iris_is_measured_in_eye_widths_whatever_the_size():
    offsets = []
    for size in (40.0, 90.0):
        points = face(0.1, size)
        pose = align_robustly(points[None], neutral_units(), skull_weights(canonical_face()))
        offsets.append(eyes_in_head(points, pose).offsets)
    assert np.allclose(offsets[0], offsets[1], atol=1e-3)
    assert np.allclose(offsets[0][:, 0], 0.1, atol=0.02)
