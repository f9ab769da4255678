"""Lines of an expression pass from one face to another; light and complexion do not."""

import cv2
import numpy as np

from dubsync.core.picture import Region
from dubsync.engine.face_region.wrinkles import Skin, wrinkles
from tests.engine.face_region.drawn_eyes import SIZE, UNIT, drawn, face

POINTS = face()
REST = drawn(POINTS)
WHOLE = Region(0, 0, SIZE[1], SIZE[0])
#: A line across the forehead.
LINE_Y = round(float(POINTS[151, 1]))


def frowning(depth=0.25):
    dark = np.zeros(SIZE, np.float32)
    x = round(float(POINTS[9, 0]))
    dark[LINE_Y - 1 : LINE_Y + 2, x - 30 : x + 30] = depth
    return REST * (1 - cv2.GaussianBlur(dark, (0, 0), 0.8)[..., None])


def test_a_line_passes_to_a_paler_face_in_another_light():
    ratio = wrinkles(Skin(frowning(), POINTS), Skin(REST, POINTS), POINTS, WHOLE)
    x = round(float(POINTS[9, 0]))
    assert ratio[LINE_Y, x] < 0.93
    assert abs(ratio[LINE_Y + 25, x] - 1) < 0.05


def test_light_and_complexion_do_not_pass():
    lit = REST * np.linspace(0.6, 1.3, SIZE[1], dtype=np.float32)[None, :, None]
    ratio = wrinkles(Skin(lit, POINTS), Skin(REST, POINTS), POINTS, WHOLE)
    assert np.abs(ratio - 1).max() < 0.02


def test_the_same_skin_twice_changes_nothing():
    assert np.array_equal(
        wrinkles(Skin(REST, POINTS), Skin(REST, POINTS), POINTS, WHOLE), np.ones(SIZE, np.float32)
    )


def test_eyes_brows_and_lips_are_kept_clear():
    busy = REST * (1 + 0.3 * np.sin(np.arange(SIZE[0]) * 1.3)[:, None, None].astype(np.float32))
    ratio = wrinkles(Skin(busy, POINTS), Skin(REST, POINTS), POINTS, WHOLE)
    for point in (159, 386, 105, 334, 13):
        x, y = np.rint(POINTS[point, :2]).astype(int)
        assert abs(ratio[y, x] - 1) < 0.02
    assert np.abs(ratio - 1).max() > 0.05


def test_skin_that_faces_away_in_one_of_the_pictures_has_no_wrinkles():
    angle = np.radians(70)
    away = POINTS - POINTS[168]
    turned = away @ np.array(
        [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
    )
    side = turned + POINTS[168]
    ratio = wrinkles(Skin(frowning(), side), Skin(REST, POINTS), POINTS, WHOLE)
    far = 50 if np.cross(side[9] - side[50], side[6] - side[50])[2] else 280
    x, y = np.rint(POINTS[far, :2]).astype(int)
    assert UNIT > 0 and (ratio[y, x] == 1 or ratio[y, SIZE[1] - 1 - x] == 1)
