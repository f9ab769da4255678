"""What the mark changes, and what it leaves alone."""

import numpy as np
import pytest

from dubsync.core.errors import ShapeError
from dubsync.core.picture import Frame, PictureFormat
from dubsync.engine.mark.embed import Marker
from tests.engine.mark import synthetic as made


@pytest.fixture(scope="module")
def points():
    return made.landmarks(1)


@pytest.fixture(scope="module")
def luma(points):
    return made.pictures(points)[0]


def _marked(frame, points):
    return Marker(made.SECRET, made.PAYLOAD)(frame, made.matte(points[0]), [points[0]])


def test_only_luma_inside_the_matte_changes(luma, points):
    given = made.frame(luma)
    result = _marked(given, points)
    changed = result.planes[0] != luma
    assert changed.any()
    assert not changed[made.matte(points[0]) == 0].any()
    assert all(np.array_equal(result.planes[n], given.planes[n]) for n in (1, 2))


def test_the_same_frame_is_marked_with_the_same_bits_whatever_was_marked_before(luma, points):
    marker, inside = Marker(made.SECRET, made.PAYLOAD), made.matte(points[0])
    once = marker(made.frame(luma), inside, [points[0]]).planes[0]
    marker(made.frame(luma, made.FIRST + 9), inside, [points[0]])
    again = marker(made.frame(luma), inside, [points[0]]).planes[0]
    assert np.array_equal(once, again)


def test_smooth_skin_keeps_50_decibels(points):
    luma = made.pictures(points, texture=0.3)[0]
    where = made.matte(points[0]) > 127
    error = (_marked(made.frame(luma), points).planes[0].astype(float) - luma)[where]
    assert 10 * np.log10(255**2 / np.square(error).mean()) > 50


def test_ten_bits_carry_the_mark_finer_than_eight(luma, points):
    deep = luma.astype(np.uint16) * 4
    change = _marked(made.frame(deep, bits=10), points).planes[0].astype(int) - deep
    assert (change % 4 != 0).any()
    assert 0.3 < change[made.matte(points[0]) > 127].std() / 4 < 1.5


def test_red_green_and_blue_change_alike(luma, points):
    form = PictureFormat(made.SIZE, made.SIZE, "rgb", 8, matrix="rgb", full_range=True)
    given = Frame(made.FIRST, (luma + 40, luma.copy(), luma - 30), form)
    result = _marked(given, points)
    change = [result.planes[n].astype(int) - given.planes[n] for n in range(3)]
    assert change[0].any()
    assert np.array_equal(change[0], change[1])
    assert np.array_equal(change[0], change[2])


def test_light_is_multiplied_so_its_colour_stays(luma, points):
    form = PictureFormat(made.SIZE, made.SIZE, "rgb", 32, floating=True, matrix="rgb")
    light = (luma.astype(np.float32) / 255) ** 2.2
    given = Frame(made.FIRST, (light * 2, light.copy(), light / 2), form)
    result = _marked(given, points)
    factor = [result.planes[n] / given.planes[n] for n in range(3)]
    assert np.ptp(factor[0]) > 0.01
    np.testing.assert_allclose(factor[0], factor[2], rtol=1e-5)


def test_a_frame_without_a_matte_is_given_back_itself(luma, points):
    given = made.frame(luma)
    empty = np.zeros(luma.shape, np.uint8)
    assert Marker(made.SECRET, made.PAYLOAD)(given, empty, [points[0]]) is given


def test_a_matte_of_another_size_is_refused(luma, points):
    with pytest.raises(ShapeError, match="matte"):
        Marker(made.SECRET, 1)(made.frame(luma), np.zeros((3, 3), np.uint8), [points[0]])


@pytest.mark.parametrize(("secret", "payload"), [(b"short", 1), (made.SECRET, 1 << 32)])
def test_a_short_secret_and_a_long_payload_are_refused(secret, payload):
    with pytest.raises(ShapeError):
        Marker(secret, payload)
