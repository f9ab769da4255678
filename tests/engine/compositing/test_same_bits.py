"""What is worked out in less time is, to the bit, what it was."""

import cv2
import numpy as np
import pytest

from dubsync.core.picture import Region
from dubsync.engine.compositing import matte
from dubsync.engine.compositing.colour_match import median_of
from dubsync.engine.compositing.pixel_order import by_plane, interleaved, picked, tripled
from dubsync.engine.geometry.mesh import INNER_LIPS, OUTER_LIPS

REGION = Region(40, 30, 240, 290)
UNIT = 70.0


@pytest.mark.parametrize("count", [1, 2, 3, 60, 4001])
def test_a_median_is_numpys(count):
    values = np.random.default_rng(count).standard_normal(count).astype(np.float32)
    assert median_of(values) == np.median(values)
    assert median_of(values).dtype == np.median(values).dtype


def test_colours_are_the_same_in_either_order():
    picture = np.random.default_rng(1).random((7, 9, 3)).astype(np.float32)
    np.testing.assert_array_equal(by_plane(picture), picture.transpose(2, 0, 1))
    planes = np.ascontiguousarray(picture.transpose(2, 0, 1)).transpose(1, 2, 0)
    for seen in (picture, planes, picture[1:6, 2:8], planes[1:6, 2:8]):
        np.testing.assert_array_equal(interleaved(seen), seen)
        assert interleaved(seen).flags.c_contiguous


def test_a_mask_counts_for_each_colour_and_picks_its_pixels():
    mask = np.random.default_rng(2).random((7, 9)).astype(np.float32)
    np.testing.assert_array_equal(tripled(mask), np.repeat(mask[..., None], 3, axis=2))
    np.testing.assert_array_equal(picked(mask, mask > 0.5), mask[mask > 0.5])


@pytest.mark.parametrize("middle", [(140, 180), (45, 35), (238, 288), (-200, -200)])
@pytest.mark.parametrize(
    ("share", "lips", "how", "reach"),
    [(matte.lip_share, OUTER_LIPS, 5, 0.18), (matte.inner_share, INNER_LIPS, 3, 0.06)],
)
def test_what_is_near_lips_is_what_distances_in_the_whole_region_say(
    middle, share, lips, how, reach
):
    around = np.random.default_rng(3).normal(middle, (25, 12), (478, 2))
    away = _distance(around[lips], how) / UNIT
    near = np.clip((reach - away) / (reach if how == 3 else 0.14), 0, 1)
    hoped = near if how == 3 else near * near * (3 - 2 * near)

    np.testing.assert_allclose(share(around, REGION, UNIT), hoped, atol=1e-6)


def _distance(polygon, how):
    inside = np.zeros((REGION.height, REGION.width), np.uint8)
    points = np.rint((polygon - (REGION.left, REGION.top) - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(inside, [points], 1, shift=4)
    return cv2.distanceTransform(1 - inside, cv2.DIST_L2, how)
