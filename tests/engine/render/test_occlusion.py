"""What stands before a face stays there; a face alone is not mistaken for something else."""

import cv2
import numpy as np
import pytest

from dubsync.core.picture import Region
from dubsync.engine.exemplars.matte import flat_eye_distance
from dubsync.engine.exemplars.refine import PX
from dubsync.engine.render import occlusion
from tests.engine.network import textured_footage

CHIN, MOUTH = 152, [13, 14]


@pytest.fixture(scope="module")
def face():
    """The look of a drawn actor, a picture of hers, and its landmarks (478, 2)."""
    actor = textured_footage.trained()
    return actor.appearance, actor.bank.pictures[4].astype(np.float32), actor.bank.points[4]


def with_disc(picture, points, colour, at, radius=0.4):
    """The picture with a round thing on a stalk before the face, and where it is."""
    mask = np.zeros(picture.shape[:2], np.float32)
    centre = points[CHIN] + at * (points[MOUTH].mean(axis=0) - points[CHIN])
    centre = tuple(int(v) for v in centre)
    cv2.circle(mask, centre, int(radius * flat_eye_distance(points)), 1.0, -1)
    cv2.line(mask, centre, (centre[0], picture.shape[0]), 1.0, 5)
    soft = cv2.GaussianBlur(mask, (0, 0), 0.7)[..., None]
    return picture * (1 - soft) + np.float32(colour) * soft, mask > 0.5


@pytest.mark.parametrize(("colour", "at"), [(0.03, 0.2), (0.03, 0.7), (0.12, 0.4)])
def test_a_microphone_before_the_chin_is_found_where_it_is(face, colour, at):
    look, picture, points = face
    seen, where = with_disc(picture, points, colour, at)

    result = occlusion.in_front(look, seen, points)

    region = Region(0, 0, picture.shape[1], picture.shape[0])
    unit = flat_eye_distance(points)
    share = occlusion.share_in_front(result.astype(np.float32), look, points, region, unit)
    near = cv2.dilate(where.astype(np.uint8), np.ones((9, 9))) > 0
    inside = occlusion.share_in_front(
        look.plane.face().astype(np.float32), look, points, region, unit
    )
    assert share[where & (inside > 0.9)].mean() > 0.75
    assert share[~near & (inside > 0.9)].mean() < 0.05


def test_a_face_alone_has_nothing_before_it(face):
    look, picture, points = face

    for gain, offset in ((1.0, 0.0), (0.6, 0.0), (1.3, -0.1)):
        seen = np.clip(picture * np.float32(gain) + np.float32(offset), 0, 1)
        assert not occlusion.in_front(look, seen, points).any()


def test_another_face_altogether_is_not_taken_for_a_thing_in_front(face):
    look, picture, points = face
    other = np.random.default_rng(2).uniform(0, 1, picture.shape).astype(np.float32)

    assert not occlusion.in_front(look, cv2.GaussianBlur(other, (0, 0), 4) * 2, points).any()


def test_what_was_in_front_leaves_over_a_few_frames():
    result = np.zeros((PX, PX), bool)
    result[40:80, 40:80] = True

    there = occlusion.held(None, result)
    gone = [there]
    for _ in range(4):
        gone.append(occlusion.held(gone[-1], np.zeros_like(result)))

    middle = [float(g[60, 60]) for g in gone]
    assert middle[0] == pytest.approx(1, abs=0.01)
    assert all(b < a for a, b in zip(middle, middle[1:], strict=False)) and middle[-1] < 0.3
