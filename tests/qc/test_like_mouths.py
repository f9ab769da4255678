"""A rendered mouth is compared with the plate's mouths of like opening, and with no other."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, shift

from dubsync.qc.like_mouths import LikeMouths, like_mouths
from dubsync.qc.mouth import mouth_curves
from dubsync.qc.mouth_grid import MouthGrid
from tests.qc.qc_synthesis import landmarks_of

SHUT, OPEN = 0.0, 0.3
RNG = np.random.default_rng(3)
SKIN = RNG.normal(0, 0.01, (240, 320)).astype(np.float32) + np.float32(0.5)
TEETH = RNG.normal(0, 0.2, (240, 320)).astype(np.float32)
LINE = gaussian_filter(RNG.normal(0, 1, (240, 320)), 3).astype(np.float32) * np.float32(0.3)


def face(opening: float) -> np.ndarray:
    """A face whose open mouth shows teeth: far more detail than the shut one."""
    y, x = np.mgrid[:240, :320]
    inside = ((x - 130) / 21) ** 2 + ((y - 202) / 12) ** 2 < 1
    picture = SKIN + np.where(inside, TEETH * (opening > 0.1) + LINE, 0)
    return np.asarray(picture, np.float32)


def matte() -> np.ndarray:
    y, x = np.mgrid[:240, :320]
    return np.uint8(255) * ((((x - 130) / 55) ** 2 + ((y - 200) / 38) ** 2) < 1)


def compared(plate: np.ndarray, render: np.ndarray, spoil=lambda p: p, moved=(0.0, 0.0)):
    """LikeMouths of faces that open by `plate` and `render` (T,); `spoil` alters the render."""
    points, drawn = landmarks_of(plate), landmarks_of(render)
    drawn[:, :, :2] += np.array(moved, np.float32)
    cover, seen = matte(), np.ones(len(plate), bool)
    grids = [
        MouthGrid.of(face(p), np.asarray(spoil(face(r)), np.float32), cover, at)
        for p, r, at in zip(plate, render, points, strict=True)
    ]
    curves = mouth_curves(points, seen), mouth_curves(drawn, seen)
    return like_mouths(grids, points, drawn, *curves, seen)


TALKS = np.tile([SHUT] * 8 + [OPEN] * 8, 2)
REST = np.full(32, SHUT)


def medians(result: LikeMouths) -> list[float]:
    return [float(np.nanmedian(x)) for x in (result.lips, result.skin, result.picture)]


def test_a_shut_mouth_under_a_plate_that_shows_teeth_is_as_sharp_as_the_plates_shut_mouths():
    result = compared(TALKS, REST)

    np.testing.assert_allclose(medians(result), 1, atol=0.05)
    assert (result.like == 16).all()


@pytest.mark.parametrize("render", [TALKS, REST, TALKS[::-1]])
def test_a_blurred_mouth_is_soft_however_open_the_plates_is(render):
    result = compared(TALKS, render, lambda p: gaussian_filter(p, 1.0))

    lips, skin, _ = medians(result)
    assert lips < 0.4 and skin < 0.4


def test_a_mouth_that_the_plate_never_shows_is_not_compared_but_its_skin_is():
    result = compared(REST, TALKS)

    opened = TALKS > 0
    assert np.isnan(result.lips[opened]).all() and np.isfinite(result.lips[~opened]).all()
    assert np.isfinite(result.skin).all() and (result.like[opened] == 0).all()


@pytest.mark.parametrize(("across", "down"), [(3.0, 0.0), (0.0, 3.0), (-3.0, -3.0)])
def test_a_mouth_beside_its_place_is_found_by_its_landmarks(across, down):
    result = compared(TALKS, REST, lambda p: shift(p, (down, across), order=1), (across, down))

    assert 60 * np.nanmedian(result.across) == pytest.approx(across, abs=0.2)
    assert 60 * np.nanmedian(result.down) == pytest.approx(down, abs=0.2)


def test_another_mouth_is_unlike():
    other = gaussian_filter(RNG.normal(0, 1, (240, 320)), 3) * 0.3 + 0.5
    result = compared(TALKS, REST, lambda p: other)

    assert np.nanmedian(result.picture) < 0.6 < np.nanmedian(result.natural)


def test_a_face_of_another_size_or_turn_is_not_compared():
    plate = landmarks_of(REST)
    near = landmarks_of(REST, eyes_px=50.0)
    points = np.concatenate([near[:16], plate[16:]])
    seen = np.ones(32, bool)
    grids = [MouthGrid.of(face(SHUT), face(SHUT), matte(), p) for p in points]
    curves = mouth_curves(points, seen)

    result = like_mouths(grids, points, points, curves, curves, seen)

    assert (result.like == 16).all()


def test_a_face_that_is_not_seen_has_no_grid_and_no_measures():
    points = landmarks_of(REST)
    seen = np.zeros(32, bool)
    curves = mouth_curves(points, seen)

    result = like_mouths([None] * 32, points, points, curves, curves, seen)

    assert all(np.isnan(x).all() for x in (result.lips, result.skin, result.picture))


def test_a_mouth_is_sampled_the_same_whatever_was_sampled_before_it_and_whatever_lies_beyond():
    at, cover = landmarks_of(REST)[0], matte()
    first = MouthGrid.of(face(SHUT), face(OPEN), cover, at)
    bright, far = np.ones((900, 1200), np.float32), at + np.array([500, 400, 0], np.float32)
    MouthGrid.of(bright, bright, np.full((900, 1200), 255, np.uint8), far)
    beyond = face(OPEN)
    beyond[:, 290:] = 9
    again = MouthGrid.of(face(SHUT), beyond, cover, at)

    for name in ("plate", "render", "plate_detail", "render_detail", "inside"):
        assert np.array_equal(getattr(first, name), getattr(again, name)), name
