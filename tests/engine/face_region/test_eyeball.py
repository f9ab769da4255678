"""Irises move where they are wanted; lids, skin and the catch-light's place stay."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import ShapeError
from dubsync.engine.face_region.eyeball import ALONG, with_gaze
from tests.engine.face_region.drawn_eyes import EYES, dark_middle, drawn, face, lid_area

AHEAD = face()
PICTURE = drawn(AHEAD)


def irises(gaze):
    return face((gaze, 0.0))[[468, 473], :2]


@settings(max_examples=12)
@given(gaze=st.floats(-0.2, 0.2))
def test_an_iris_is_drawn_where_it_is_wanted_as_if_it_had_been_filmed_there(gaze):
    made, filmed = with_gaze(PICTURE, AHEAD, irises(gaze)), drawn(face((gaze, 0.0)))
    for eye in (0, 1):
        assert dark_middle(made, AHEAD, eye) == pytest.approx(
            dark_middle(filmed, AHEAD, eye), abs=0.05
        )
        # A disc seen at a slant is narrower than the drawn one: its edge may differ.
        assert np.median(np.abs(made - filmed)[lid_area(AHEAD, eye)]) < 0.12


@settings(max_examples=8)
@given(gaze=st.floats(-0.4, 0.4))
def test_nothing_outside_the_lids_changes(gaze):
    made = with_gaze(PICTURE, AHEAD, irises(gaze))
    eyes = lid_area(AHEAD, 0, grown=1) | lid_area(AHEAD, 1, grown=1)
    assert np.array_equal(made[~eyes], PICTURE[~eyes])


def test_irises_that_stay_leave_the_picture_bit_for_bit():
    assert with_gaze(PICTURE, AHEAD, AHEAD) is PICTURE
    assert with_gaze(PICTURE, AHEAD, irises(0.2), amount=0.0) is PICTURE


def test_a_catch_light_is_kept_and_lags_behind_the_iris():
    made = with_gaze(PICTURE, AHEAD, irises(0.15))
    lit = (made.min(axis=2) > 0.9) & lid_area(AHEAD)
    was = (PICTURE.min(axis=2) > 0.9) & lid_area(AHEAD)
    assert lit.sum() >= 0.5 * was.sum() > 0
    width = abs(AHEAD[133, 0] - AHEAD[33, 0])
    moved = (
        np.flatnonzero(lit.any(axis=0)).mean() - np.flatnonzero(was.any(axis=0)).mean()
    ) / width
    assert 0.04 < moved < 0.13


def test_an_eye_turns_no_further_than_an_eye_can():
    for wanted in (0.4, 2.0, -2.0):
        at = dark_middle(with_gaze(PICTURE, AHEAD, irises(wanted)), AHEAD)
        assert 0.15 < abs(at) < ALONG[1] + 0.03 and np.sign(at) == np.sign(wanted)


def test_an_eye_that_is_shut_keeps_its_iris():
    shut = face(opening=0.2)
    picture = drawn(shut)
    assert with_gaze(picture, shut, irises(0.2)) is picture


def test_other_shapes_are_refused():
    with pytest.raises(ShapeError, match="picture"):
        with_gaze(PICTURE[..., 0], AHEAD, irises(0.1))
    with pytest.raises(ShapeError, match="irises"):
        with_gaze(PICTURE, AHEAD, np.zeros((3, 2)))


@settings(max_examples=20, deadline=None)
@given(gaze=st.floats(-0.25, 0.25), by=st.floats(0.02, 0.2), opening=st.floats(0.4, 0.8))
def test_a_small_eye_keeps_a_dark_iris(gaze, by, opening):
    # 17 pixels wide, as in a wide shot: no ring of its iris shows as many as three pixels.
    large, share = face((gaze, 0.0), opening), 0.42
    picture = cv2.resize(drawn(large), None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    points = large * share
    made = with_gaze(picture, points, face((gaze + by, 0.0), opening)[[468, 473], :2] * share)
    for ring, _ in EYES:
        area = np.zeros(picture.shape[:2], np.uint8)
        cv2.fillPoly(area, [np.rint((points[ring, :2] - 0.5) * 16).astype(np.int32)], 1, shift=4)
        luma = np.sort(made.mean(axis=2)[area > 0])
        was = np.sort(picture.mean(axis=2)[area > 0])
        fifth = len(luma) // 5
        assert luma[:fifth].mean() < was[:fifth].mean() + 0.15
