"""Irises where the wanted gaze has them."""

import cv2
import numpy as np

from dubsync.core.picture import Region
from dubsync.engine.geometry.mesh import LEFT_EYE, LEFT_IRIS, RIGHT_EYE, RIGHT_IRIS
from dubsync.engine.head_draw.canvas import Canvas
from dubsync.engine.head_draw.inlay.lay_gaze import lay_gaze
from tests.engine.head_draw.test_visible_points import UNIT, turned

PX = 3.0


def face():
    """A face with open eyes, its irises round, (478, 3) working pixels."""
    points = np.array(turned(0))
    ring = np.array([(0, 0), (3, 0), (0, -3), (-3, 0), (0, 3)])
    for eye, iris in ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS)):
        middle = points[eye, :2].mean(axis=0)
        points[eye, 1] = middle[1] + 1.6 * (points[eye, 1] - middle[1])
        points[iris, :2] = middle + ring
    return points


def painted(points):
    picture = np.full((900, 900, 3), (0.7, 0.5, 0.4), np.float32)
    for eye, iris in ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS)):
        hull = np.rint(points[eye, :2] * PX).astype(np.int32)
        white = np.zeros((900, 900), np.uint8)
        cv2.fillPoly(white, [hull], 1)
        picture[white > 0] = 0.85
        disc = np.zeros((900, 900), np.uint8)
        middle = np.rint(points[iris[0], :2] * PX).astype(int)
        cv2.circle(disc, tuple(int(v) for v in middle), 9, 1, -1)
        picture[(disc > 0) & (white > 0)] = (0.15, 0.1, 0.05)
    return picture


def _looked(by):
    wanted = face()
    wanted[np.concatenate([RIGHT_IRIS, LEFT_IRIS]), 0] += by
    picture = painted(face())
    lay_gaze(picture, wanted, (face(), face()), Canvas(Region(0, 0, 900, 900), PX, UNIT))
    return picture


def test_a_gaze_as_in_the_frame_changes_nothing():
    assert np.array_equal(_looked(0.0), painted(face()))


def test_an_iris_goes_where_the_gaze_is_wanted_and_skin_stays():
    before, after = painted(face()), _looked(2.0)
    dark = np.flatnonzero(after[int(face()[RIGHT_IRIS[0], 1] * PX)][:, 0] < 0.3)
    was = np.flatnonzero(before[int(face()[RIGHT_IRIS[0], 1] * PX)][:, 0] < 0.3)
    assert dark.mean() > was.mean() + 2
    assert np.array_equal(after[500:], before[500:])
