"""Holdout mattes: packed without loss, read over any region, and what hidden shares mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from dubsync.core.errors import ShapeError
from dubsync.core.holdout import Holdout, nothing_in_front, pack, runs, unpack
from dubsync.core.picture import Region
from dubsync.core.timeline.timecode import FrameRange

mattes = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=40))


def holdout(matte, left=7, top=5, **shares):
    region = Region(left, top, left + matte.shape[1], top + matte.shape[0])
    values = {"lower": np.array([0.5]), "lips": np.array([0.6])} | shares
    return Holdout(FrameRange(100, 101, 24), (region,), (pack(matte),), **values)


@given(mattes)
def test_a_matte_is_packed_without_loss(matte):
    assert (unpack(pack(matte), Region(0, 0, matte.shape[1], matte.shape[0])) == matte).all()


@given(mattes, st.integers(-30, 60), st.integers(-30, 60), st.integers(1, 50), st.integers(1, 50))
def test_any_region_sees_its_part_of_the_matte(matte, left, top, width, height):
    whole = np.zeros((200, 200), bool)
    whole[105 : 105 + matte.shape[0], 107 : 107 + matte.shape[1]] = matte
    wanted = whole[top + 100 : top + 100 + height, left + 100 : left + 100 + width]
    seen = holdout(matte).mask(100, Region(left, top, left + width, top + height))
    assert (np.zeros_like(wanted) if seen is None else seen == wanted).all() or not wanted.any()
    assert (seen is None) == (not wanted.any())


def test_other_frames_and_a_part_keep_their_own_mattes():
    one = holdout(np.ones((3, 4), bool))
    assert one.mask(101, Region(0, 0, 50, 50)) is None
    assert one.part(0, 1).mask(100, Region(0, 0, 50, 50)).sum() == 12
    assert nothing_in_front(FrameRange(0, 3, 24)).mask(1, Region(0, 0, 9, 9)) is None


@pytest.mark.parametrize(
    ("lower", "lips", "covered", "hidden"),
    [(0.0, 0.0, False, False), (0.02, 0.0, True, False), (0.3, 0.45, True, False),
     (0.3, 0.55, True, True)],
)  # fmt: skip
def test_a_frame_is_covered_before_its_mouth_is_hidden(lower, lips, covered, hidden):
    one = holdout(np.ones((2, 2), bool), lower=np.array([lower]), lips=np.array([lips]))
    assert bool(one.covered[0]) is covered and bool(one.mouth_hidden[0]) is hidden


def test_mattes_must_be_as_many_as_frames():
    with pytest.raises(ShapeError, match="1 holdout mattes for 2"):
        Holdout(FrameRange(0, 2, 24), (None,), (b"",), np.zeros(2), np.zeros(2))


def test_runs_are_named_by_their_first_and_last_frame():
    assert runs([True, True, False, True], 10) == [(10, 11), (13, 13)]
