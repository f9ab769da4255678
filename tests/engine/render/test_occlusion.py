"""Objects in front of a face are detected; a face alone is not mistaken for one."""

import cv2
import numpy as np
import pytest

from dubsync.core.picture import Region
from dubsync.engine.compositing.matte import flat_eye_distance
from dubsync.engine.exemplars.refine import PX
from dubsync.engine.render import occlusion
from tests.engine.network import textured_footage

CHIN, MOUTH = 152, [13, 14]


@pytest.fixture(scope="module")
def face():
    """The appearance model of a drawn actor, a picture of hers, and its landmarks (478, 2)."""
    actor = textured_footage.trained()
    return actor.appearance, actor.bank.pictures[4].astype(np.float32), actor.bank.points[4]


def with_disc(picture, points, colour, at, radius=0.4):
    """The picture with a disc on a stalk in front of the face, and its mask."""
    mask = np.zeros(picture.shape[:2], np.float32)
    centre = points[CHIN] + at * (points[MOUTH].mean(axis=0) - points[CHIN])
    centre = tuple(int(v) for v in centre)
    cv2.circle(mask, centre, int(radius * flat_eye_distance(points)), 1.0, -1)
    cv2.line(mask, centre, (centre[0], picture.shape[0]), 1.0, 5)
    soft = cv2.GaussianBlur(mask, (0, 0), 0.7)[..., None]
    return picture * (1 - soft) + np.float32(colour) * soft, mask > 0.5


@pytest.mark.parametrize(("colour", "at"), [(0.03, 0.2), (0.03, 0.7), (0.12, 0.4)])
def test_a_microphone_in_front_of_the_chin_is_detected_in_place(face, colour, at):
    appearance, picture, points = face
    seen, where = with_disc(picture, points, colour, at)

    result = occlusion.occlusion_mask(appearance, seen, points)

    region = Region(0, 0, picture.shape[1], picture.shape[0])
    unit = flat_eye_distance(points)
    share = occlusion.occlusion_in_region(
        result.astype(np.float32), appearance, points, region, unit
    )
    near = cv2.dilate(where.astype(np.uint8), np.ones((9, 9))) > 0
    inside = occlusion.occlusion_in_region(
        appearance.plane.face().astype(np.float32), appearance, points, region, unit
    )
    assert share[where & (inside > 0.9)].mean() > 0.75
    assert share[~near & (inside > 0.9)].mean() < 0.05


def test_an_unobstructed_face_has_no_occlusion(face):
    appearance, picture, points = face

    for gain, offset in ((1.0, 0.0), (0.6, 0.0), (1.3, -0.1)):
        seen = np.clip(picture * np.float32(gain) + np.float32(offset), 0, 1)
        assert not occlusion.occlusion_mask(appearance, seen, points).any()


def test_a_different_face_is_not_taken_for_an_occluder(face):
    appearance, picture, points = face
    other = np.random.default_rng(2).uniform(0, 1, picture.shape).astype(np.float32)

    assert not occlusion.occlusion_mask(
        appearance, cv2.GaussianBlur(other, (0, 0), 4) * 2, points
    ).any()


def test_an_occlusion_mask_fades_over_a_few_frames():
    result = np.zeros((PX, PX), bool)
    result[40:80, 40:80] = True

    there = occlusion.update_mask(None, result)
    gone = [there]
    for _ in range(4):
        gone.append(occlusion.update_mask(gone[-1], np.zeros_like(result)))

    middle = [float(g[60, 60]) for g in gone]
    assert middle[0] == pytest.approx(1, abs=0.01)
    assert all(b < a for a, b in zip(middle, middle[1:], strict=False)) and middle[-1] < 0.3
