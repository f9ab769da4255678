"""Track, motion and holdout mattes of a scaled plate lie where the scaled picture has them."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.holdout import Holdout, pack
from dubsync.core.picture import Region
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.preview.at_scale import motion_at, part_of, track_at

FRAMES = FrameRange(100, 103, Fraction(24))
CUP = Region(30, 20, 70, 60)


def face(holdout=None):
    points = np.random.default_rng(3).uniform(10, 90, (3, 478, 3)).astype(np.float32)
    return FaceTrack(1, FRAMES, points, np.zeros((3, 52)), np.ones(3), np.ones(4), holdout)


def cup():
    """A round thing in front of the face, in the middle frame alone."""
    y, x = np.mgrid[:40, :40]
    matte = (x - 20) ** 2 + (y - 20) ** 2 < 300
    shares = np.array([0, 0.4, 0], np.float32)
    return Holdout(FRAMES, (None, CUP, None), (b"", pack(matte), b""), shares, shares)


@given(st.floats(0.2, 1.0), st.floats(0.2, 1.0))
def test_landmarks_are_scaled_and_what_is_in_front_covers_the_same_spots(across, down):
    track = face(cup())
    small = track_at(track, (across, down))
    np.testing.assert_allclose(
        small.landmarks[..., :2], track.landmarks[..., :2] * [across, down], rtol=1e-5
    )
    whole = Region(0, 0, 100, 100)
    full = track.holdout.mask(101, whole)
    little = small.holdout.mask(101, Region(0, 0, round(100 * across), round(100 * down)))
    y, x = np.mgrid[: little.shape[0], : little.shape[1]]
    there = full[((y + 0.5) / down).astype(int).clip(0, 99),
                 ((x + 0.5) / across).astype(int).clip(0, 99)]  # fmt: skip
    np.testing.assert_array_equal(little, there)
    assert small.holdout.mask(100, whole) is None
    np.testing.assert_array_equal(small.holdout.lips, track.holdout.lips)


def test_at_full_size_nothing_is_made_anew():
    track = face(cup())
    assert track_at(track, (1.0, 1.0)) is track


def test_a_motion_keeps_its_mouth_and_its_head_moves_and_shrinks_with_the_picture():
    rng = np.random.default_rng(4)
    head = rng.uniform(1, 2, (3, 7))
    motion = MotionTrack(FRAMES, "b", rng.normal(size=(3, 5)), rng.normal(size=(3, 4)), head,
                         np.zeros((3, 4)), np.zeros((3, 52)))  # fmt: skip
    small = motion_at(motion, (0.5, 0.25))
    np.testing.assert_array_equal(small.mouth, motion.mouth)
    np.testing.assert_allclose(small.head / motion.head, [[1, 1, 1, 0.5, 0.25, 1, 0.5]] * 3)
    part = part_of(motion, slice(1, 3), face().part(1, 3))
    assert part.frames == FrameRange(101, 103, Fraction(24))
    assert part.head == pytest.approx(motion.head[1:])
