"""A driver's pictures: from a movie at its own rate, and from a camera."""

import time
from itertools import islice

import cv2
import numpy as np
import pytest

from dubsync.core.driven.live import LIVE_HEIGHT
from dubsync.core.errors import MediaError
from dubsync.media.live.sources import Camera, MovieAtItsRate, of_live_height
from tests.service.live.driver_movie import grey_movie


class CameraDouble:
    """What OpenCV opens: gives `pictures`, then nothing."""

    def __init__(self, pictures, there=True):
        self.pictures, self.there = list(pictures), there
        self.asked, self.released = {}, False

    def isOpened(self):  # noqa: N802
        return self.there

    def set(self, key, value):
        self.asked[key] = value

    def grab(self):
        return bool(self.pictures)

    def retrieve(self):
        return True, self.pictures.pop(0)

    def release(self):
        self.released = True


def test_a_movie_comes_at_its_own_rate_and_leaves_out_what_nobody_took_in_time(tmp_path):
    with MovieAtItsRate(grey_movie(tmp_path / "d.mov", 16, rate=40)) as source:
        pictures = source.pictures()
        taken = list(islice(pictures, 3))
        assert time.monotonic_ns() >= taken[-1].captured_ns
        time.sleep(0.2)  # a slow reader: the next eight frames are over
        taken += list(pictures)
    numbers = [p.number for p in taken]
    assert numbers[:3] == [0, 1, 2] and numbers == sorted(set(numbers))
    assert numbers[3] >= 8 and numbers[-1] == 15  # the last one always comes
    due = np.array([p.captured_ns for p in taken]) - np.array(numbers) * 25_000_000
    assert np.ptp(due) < 10
    assert taken[0].rgb.shape == (LIVE_HEIGHT, 640, 3)


def test_a_camera_is_asked_for_fresh_pictures_and_gives_them_as_rgb():
    blue = np.zeros((480, 640, 3), np.uint8)
    blue[..., 0] = 200  # OpenCV's order is BGR
    double = CameraDouble([blue, blue])
    with Camera("0", lambda name, api: double) as camera:
        before = time.monotonic_ns()
        pictures = camera.pictures()
        first = next(pictures)
        assert before <= first.captured_ns <= time.monotonic_ns()
        assert tuple(first.rgb[0, 0]) == (0, 0, 200)
        assert next(pictures).number == 1
        with pytest.raises(MediaError, match="gives no picture"):
            next(pictures)
    assert double.asked[cv2.CAP_PROP_BUFFERSIZE] == 1
    assert double.released


def test_a_camera_that_is_not_there_is_named_with_what_to_do():
    with (
        pytest.raises(MediaError, match="camera 7 cannot be opened") as refused,
        Camera("7", lambda name, api: CameraDouble([], there=False)),
    ):
        pass
    assert "--from DRIVER.mp4" in refused.value.hint


@pytest.mark.parametrize("size", [(120, 160), (1080, 1920), (480, 640), (1280, 720), (100, 900)])
def test_pictures_of_every_size_get_480_lines_and_fit_into_a_slot(size):
    rgb = of_live_height(np.zeros((*size, 3), np.uint8))
    assert rgb.shape[0] == LIVE_HEIGHT
    assert rgb.shape[1] <= LIVE_HEIGHT * 64 // 27
    assert rgb.flags.c_contiguous
