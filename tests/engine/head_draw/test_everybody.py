"""The matte of everybody covers the whole frame, and both people of a picture with two."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from dubsync.core.picture import Region
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.head_draw.everybody import Everybody

TWO = Path(__file__).parents[4] / "shared" / "portraits" / "two_people.jpg"


@pytest.mark.skipif(not TWO.exists(), reason="needs ../shared")
def test_both_people_are_left_out_of_a_clean_plate():
    picture = cv2.imread(str(TWO))[..., ::-1]
    picture = cv2.resize(picture, (640, 640 * picture.shape[0] // picture.shape[1]))
    height, width = picture.shape[:2]
    frame = rgb_frame(np.ascontiguousarray(picture))
    matte = Everybody(Region(0, 0, width // 2, height), 30)(frame)
    assert matte.shape == (height, width)
    assert (matte[:, : width // 2] > 0.5).mean() > 0.15
    assert (matte[:, width // 2 :] > 0.5).mean() > 0.15
