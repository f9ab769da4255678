"""Shoulders rest where the camera shows them."""

import cv2
import numpy as np
import pytest

from dubsync.core.picture import Region
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.head.camera_rest import CameraRest
from dubsync.engine.head.follow import keyed
from dubsync.engine.head.read_keys import Look
from dubsync.engine.head.ridge import features_of
from tests.engine.head.drawn_head import landmarks_on, path_of_turns

WIDE, HIGH, SCALE = 360, 260, 1.0


@pytest.fixture(scope="module")
def wall():
    rng = np.random.default_rng(1)
    fine = cv2.GaussianBlur(rng.normal(size=(HIGH, 520, 3)).astype(np.float32), (0, 0), 2.5)
    return np.clip(128 + 400 * fine, 0, 255).astype(np.uint8)


def shown(wall, pans, heads):
    """Looks of a head at `heads` (T, 2) on the wall, filmed by a camera at `pans`; and a rest."""
    camera, looks = CameraRest(), []
    region, matte = Region(0, 0, WIDE, HIGH), np.zeros((HIGH, WIDE), np.uint8)
    for n, (pan, head) in enumerate(zip(pans, heads, strict=True)):
        picture = np.ascontiguousarray(wall[:, pan : pan + WIDE])
        matte = np.zeros((HIGH, WIDE), np.uint8)
        at = (int(head[0] - pan), int(head[1]))
        cv2.ellipse(matte, at, (45, 70), 0, 0, 360, 255, -1)
        picture[matte > 0] = 90
        # Before the camera is known the rest is one place of the frame.
        path = path_of_turns(np.zeros((1, 3)), [np.array([head[0] - pan, head[1]]) - (120, 105)])
        points = landmarks_on(path)
        camera.add(rgb_frame(picture, n), region, matte)
        looks.append(Look(
            "wall", n, np.zeros((HIGH, WIDE, 3), np.float16), (0, 0), SCALE, points, matte, path,
            features_of(path, np.array([0.25]), np.zeros(3))[0], False, False,
            keyed(picture.astype(np.float32) / 255, matte, points),
        ))  # fmt: skip
    return camera.rested(looks, SCALE, np.zeros(3))


def test_under_a_moving_camera_the_rest_stays_in_the_world(wall):
    pans = [60, 66, 74, 84, 90, 97, 104, 110]
    heads = np.array([[250.0 + 3 * (-1) ** n, 120] for n in range(8)])
    looks, moves = shown(wall, pans, heads)
    assert moves and len(looks) == 8
    world = [look.path.rest_shift[0, 0] + pan for look, pan in zip(looks, pans, strict=True)]
    assert np.ptp(world) < 1 and abs(np.mean(world) - 250) < 3.5
    # The head leaves its rest by three pixels, not by fifty; its jaw is as it was.
    assert max(abs(look.features[3]) for look in looks) < 3 * 7 / 50
    np.testing.assert_allclose([look.features[6] for look in looks], 0.25)


def test_a_still_camera_changes_nothing(wall):
    heads = np.array([[250.0 + 4 * n, 120] for n in range(4)])
    looks, moves = shown(wall, [80] * 4, heads)
    assert not moves
    assert all((look.path.rest_shift == (120, 105)).all() for look in looks)
