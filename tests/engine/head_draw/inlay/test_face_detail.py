"""A drawn face is no sharper than the shot's own frame."""

import cv2
import numpy as np
import pytest

from dubsync.core.picture import Region
from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.head_draw.canvas import Canvas
from dubsync.engine.head_draw.inlay.face_detail import meet_face_detail

CANVAS = Canvas(Region(0, 0, 240, 240), 1.5)
IN_FACE, ASIDE = (slice(80, 160), slice(80, 160)), (slice(0, 30), slice(0, 30))


def face():
    landmarks = np.zeros((478, 2))
    angles = np.linspace(0, 2 * np.pi, len(FACE_OVAL), endpoint=False)
    landmarks[FACE_OVAL] = 80 + 42 * np.stack([np.sin(angles), -np.cos(angles)], axis=1)
    return landmarks


def skin():
    noise = np.random.default_rng(3).normal(0.5, 0.15, (240, 240, 1)).astype(np.float32)
    return cv2.GaussianBlur(np.repeat(noise, 3, axis=2), (0, 0), 0.8)


def energy(picture, part):
    return float((cv2.Laplacian(picture[part].mean(axis=-1), cv2.CV_32F) ** 2).mean())


@pytest.mark.parametrize("blur", [0.4, 0.6])
def test_a_face_out_of_focus_is_drawn_out_of_focus(blur):
    made, own = skin(), cv2.GaussianBlur(skin(), (0, 0), blur)
    meet_face_detail(made, face(), own, face(), CANVAS)
    assert energy(made, IN_FACE) == pytest.approx(energy(own, IN_FACE), rel=0.2)
    assert np.array_equal(made[ASIDE], skin()[ASIDE])


def test_a_face_is_never_sharpened():
    made = cv2.GaussianBlur(skin(), (0, 0), 0.9)
    before = made.copy()
    meet_face_detail(made, face(), skin(), face(), CANVAS)
    assert np.array_equal(made, before)


def test_a_face_outside_the_canvas_changes_nothing():
    made = skin()
    meet_face_detail(made, face() + 500, cv2.GaussianBlur(skin(), (0, 0), 2), face(), CANVAS)
    assert np.array_equal(made, skin())
