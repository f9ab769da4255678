"""A large exemplar comes back with its finest detail, at less than half the memory."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.engine import actor
from dubsync.engine.exemplars import bank as banks
from dubsync.engine.exemplars.fine_detail import split
from tests.engine.exemplars.drawn_footage import DrawnPlate, drawn_track
from tests.engine.exemplars.test_bank import banked


def skin(height, width, seed):
    """Textured skin: its detail takes on its colour."""
    random = np.random.default_rng(seed)
    texture = cv2.GaussianBlur(random.standard_normal((height, width)), (0, 0), 0.7)
    light = 0.5 + 0.3 * cv2.GaussianBlur(random.standard_normal((height, width)), (0, 0), 9)
    shown = (light * (1 + 0.2 * texture))[..., None] * np.array([1.0, 0.75, 0.6])
    return np.clip(shown, 0, 1).astype(np.float32)


@settings(max_examples=20, deadline=None)
@given(st.integers(20, 61), st.integers(20, 61), st.integers(0, 999))
def test_a_picture_comes_back_to_within_a_step_of_eight_bits(height, width, seed):
    picture = skin(height, width, seed)

    half, fine = split(picture)
    back = fine.added_to(half)

    even = picture[: height // 2 * 2, : width // 2 * 2]
    assert back.shape == even.shape
    assert np.sqrt(((back - even) ** 2).mean()) < 1 / 255
    assert half.nbytes + fine.coded.nbytes < 0.45 * even.size * 2


def test_exemplars_of_large_faces_keep_the_plates_detail(monkeypatch):
    plate = DrawnPlate(drawn_track([0.1, 0.5, 0.9]))
    whole = banked([plate])
    monkeypatch.setattr(banks, "LARGE_PX", 64)

    large = banked([plate])

    for n in range(len(whole)):
        picture, points = large.whole(n)
        np.testing.assert_allclose(points, whole.points[n], atol=1e-3)
        full = whole.pictures[n][: picture.shape[0], : picture.shape[1]].astype(np.float32)
        assert np.abs(picture - full).mean() < 2 / 255


def test_more_exemplars_of_large_faces_fit_into_the_same_memory(monkeypatch):
    plate = DrawnPlate(drawn_track(np.abs(np.sin(np.arange(40) / 5))))
    monkeypatch.setattr(
        banks, "MOST_BYTES", banks._bytes_each([plate.footage("a")], [np.arange(40)], 2048) * 5
    )
    few = len(banked([plate], most=40))
    monkeypatch.setattr(banks, "LARGE_PX", 64)

    assert few == 5
    assert len(banked([plate], most=40)) == pytest.approx(5 * 6 / 2.5)


def test_fine_detail_is_kept_with_the_actor():
    details = [split(skin(24, 30, seed))[1] for seed in (1, 2)]
    plate = DrawnPlate(drawn_track([0.1, 0.5]))
    bank = replace(banked([plate], most=2), fine=(details[0], None))

    back = actor._fine(actor._fine_arrays(bank), 2)

    np.testing.assert_array_equal(back[0].luma, details[0].luma)
    assert back[1] is None
    assert actor._fine({}, 2) == ()
