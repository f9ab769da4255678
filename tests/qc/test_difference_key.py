"""The difference key shows every sample that differs from the plate, and black elsewhere."""

from dataclasses import replace

import cv2
import numpy as np

from dubsync.core.picture import Frame, PictureFormat, changed_region
from dubsync.qc.pictures.difference_key import AMPLIFIED, DifferenceKey, difference

FORM = PictureFormat(1200, 40, "yuv", 8, chroma=(1, 1))


def plate(number=7):
    planes = tuple(np.full(FORM.plane_shape(n), 100, np.uint8) for n in range(3))
    return Frame(number, planes, FORM)


def changed(frame, plane, row, column, by):
    planes = [np.array(one) for one in frame.planes]
    planes[plane][row, column] += by
    return replace(frame, planes=tuple(planes))


def test_a_difference_is_amplified_and_equal_samples_are_zero():
    shown = difference(plate(), changed(plate(), 0, 10, 20, 3))
    assert shown[10, 20] == 3 * AMPLIFIED
    assert np.count_nonzero(shown) == 1
    assert np.count_nonzero(difference(plate(), changed(plate(), 1, 5, 10, 1))) == 4  # 4:2:0


def test_the_picture_says_what_differs_outside_the_matte_and_loses_no_single_pixel():
    key, matte = DifferenceKey(), np.zeros((40, 1200), np.uint8)
    matte[:, 400:500] = 255
    inside = changed(plate(7), 0, 20, 450, 30)
    for before, after in ((plate(7), inside), (plate(8), changed(plate(8), 0, 20, 1000, 20))):
        key.add(before, after, matte, changed_region(before, after))
    strip = key.strip(1, str)
    assert "1 pixel outside the matte" in strip.caption
    assert strip.columns[0].startswith("7, ")
    picture = cv2.imdecode(np.frombuffer(strip.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    one, every = picture[:, :400], picture[:, 400:]
    assert one[:, 320:].max() < 20 and every[:, 330:337].max() > 80


def test_an_unchanged_shot_has_no_key():
    key = DifferenceKey()
    key.add(plate(), plate(), np.zeros((40, 1200), np.uint8), None)
    assert key.strip(0, str) is None
