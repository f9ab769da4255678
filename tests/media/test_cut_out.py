"""Polygons cut out of a patch: exactly the pixels inside them, softly outside, and no others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.picture import Region
from dubsync.core.steps import Patch
from dubsync.media.pixels.cut_out import Cut, cut

REGION = Region(40, 20, 88, 60)
corner = st.tuples(st.floats(0, 120).map(lambda v: round(v, 2)),
                   st.floats(0, 90).map(lambda v: round(v, 2)))  # fmt: skip


def patch() -> Patch:
    size = REGION.height, REGION.width
    return Patch(REGION, np.zeros((*size, 3), np.float32), np.full(size, 200, np.uint8))


def crossings(outline, x, y):
    """How many edges a ray from the left to (x, y) crosses."""
    count = 0
    for (a, b), (c, d) in zip(outline, (*outline[1:], outline[0]), strict=True):
        if (b > y) != (d > y) and a + (y - b) / (d - b) * (c - a) < x:
            count += 1
    return count


@settings(max_examples=40)
@given(st.lists(corner, min_size=3, max_size=7), st.floats(0, 12))
def test_the_matte_is_zero_exactly_on_pixels_inside_and_untouched_far_outside(outline, soft):
    made = cut(patch(), [Cut(tuple(outline), soft)])
    matte = np.zeros((REGION.height, REGION.width)) if made is None else made.matte
    for y in range(0, REGION.height, 3):
        for x in range(0, REGION.width, 3):
            at = REGION.left + x + 0.5, REGION.top + y + 0.5
            if crossings(outline, *at) % 2:
                assert matte[y, x] == 0
            elif min(np.hypot(at[0] - u, at[1] - v) for u, v in sampled(outline)) > soft + 3:
                assert matte[y, x] == 200


def sampled(outline):
    """Points along the outline."""
    for (a, b), (c, d) in zip(outline, (*outline[1:], outline[0]), strict=True):
        for share in np.linspace(0, 1, 60):
            yield a + share * (c - a), b + share * (d - b)


def test_the_soft_edge_rises_from_the_outline_outwards():
    made = cut(patch(), [Cut(((40, 20), (60, 20), (60, 60), (40, 60)), 8)])
    row = made.matte[20].astype(int)
    assert (row[:20] == 0).all() and (np.diff(row[20:28]) >= 0).all() and (row[29:] == 200).all()
    assert 0 < row[22] < 200


def test_a_patch_that_is_cut_away_wholly_is_none():
    assert cut(patch(), [Cut(((0, 0), (200, 0), (200, 200), (0, 200)), 4)]) is None


def test_an_outline_far_from_the_patch_leaves_it_the_very_same():
    whole = patch()
    assert cut(whole, [Cut(((500, 500), (600, 500), (600, 700)), 4)]) is whole


@pytest.mark.parametrize("far", [1e5, -1e5])
def test_an_outline_that_reaches_far_beyond_the_picture_is_cut_as_drawn(far):
    made = cut(patch(), [Cut(((far, 40), (64, -far), (64, far)), 0)])
    inside = made.matte == 0
    assert inside.any() and not inside.all()
