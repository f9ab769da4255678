"""Mattes of a long shot are kept packed, and steadied from frame to frame."""

import tracemalloc

import numpy as np

from dubsync.engine.occlusion.face_crop import CROP_PX
from dubsync.engine.occlusion.find_holdout import steadied
from dubsync.engine.occlusion.kept_mattes import KeptMattes


def disc(x, y, radius=40):
    down, across = np.mgrid[:CROP_PX, :CROP_PX]
    return np.hypot(across - x, down - y) < radius


def test_mattes_come_back_as_they_were_and_can_be_replaced():
    mattes = KeptMattes.of([disc(90, 90), None])
    assert len(mattes) == 2 and mattes[1] is None
    np.testing.assert_array_equal(mattes[0], disc(90, 90))
    mattes[0], mattes[1] = None, disc(60, 60)
    first, second = mattes
    assert first is None
    np.testing.assert_array_equal(second, disc(60, 60))


def test_what_one_frame_alone_shows_goes_and_what_one_alone_lacks_is_filled():
    hand, speck = disc(90, 90), disc(30, 30, 4)
    steady = list(steadied(KeptMattes.of([speck, None, hand, hand, None, hand, hand])))
    assert steady[:2] == [None, None]
    for matte in steady[2:]:
        np.testing.assert_array_equal(matte, hand)


def test_memory_hardly_grows_with_the_shot():
    def peak(frames):
        tracemalloc.start()
        steadied(KeptMattes.of(disc(90 + n % 7, 90) for n in range(frames)))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    few, many = peak(40), peak(240)
    assert many - few < 200 * CROP_PX**2 / 10  # a tenth of what unpacked mattes would take
