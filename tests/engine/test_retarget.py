"""The dub may move only what the dub owns."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import ShapeError
from dubsync.core.face import MotionTrack, Performance, Tweak
from dubsync.core.timecode import FrameRange
from dubsync.engine.retarget import eased, retarget

FRAMES = FrameRange(86400, 86440, Fraction(24000, 1001))
LINE = slice(12, 30)


def motion(seed):
    noise = np.random.default_rng(seed).normal
    t = len(FRAMES)
    return MotionTrack(
        FRAMES, "b" * 64, noise(size=(t, 10)), noise(size=(t, 6)), noise(size=(t, 7)),
        noise(size=(t, 4)), np.zeros((t, 52)),
    )  # fmt: skip


def dub():
    weight = np.zeros(len(FRAMES))
    weight[LINE] = 1
    return Performance("audio", "b" * 64, FRAMES, motion(2).mouth, weight)


def test_plate_is_untouched_bit_for_bit_where_nobody_speaks():
    original = motion(1)
    silent = np.ones(len(FRAMES), bool)
    silent[LINE] = False

    corrected = retarget(original, dub(), Tweak(ease=4))

    np.testing.assert_array_equal(corrected.mouth[silent], original.mouth[silent])
    for name in ("upper", "head", "gaze", "blendshapes"):
        np.testing.assert_array_equal(getattr(corrected, name), getattr(original, name))
    assert (corrected.mouth[LINE] != original.mouth[LINE]).all(axis=1).all()


@pytest.mark.parametrize("gain", [0.0, 0.5, 1.0, 1.4])
def test_middle_of_the_line_follows_the_dub_at_the_gain_asked(gain):
    corrected = retarget(motion(1), dub(), Tweak(mouth_gain=gain))

    np.testing.assert_allclose(corrected.mouth[20], gain * dub().mouth[20], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    "other",
    [
        {"basis": "c" * 64},
        {"frames": FrameRange(0, 40, Fraction(24000, 1001))},
        {"mouth": np.zeros((40, 9))},
    ],
    ids=["basis", "frames", "coefficients"],
)
def test_what_does_not_belong_together_is_refused(other):
    with pytest.raises(ShapeError):
        retarget(motion(1), replace(dub(), **other), Tweak())


weights = st.lists(st.sampled_from([0.0, 0.0, 0.3, 1.0, 1.0]), min_size=2, max_size=60)


@given(weights, st.integers(0, 8))
def test_easing_never_adds_weight_and_doing_it_twice_changes_nothing(weight, frames):
    weight = np.array(weight, np.float32)

    once = eased(weight, frames)

    assert (once <= weight).all()
    assert ((once > 0) == (weight > 0)).all()
    np.testing.assert_allclose(eased(once, frames), once, atol=1e-6)


@given(weights, st.integers(1, 8))
def test_weight_never_jumps_up_from_the_plate(weight, frames):
    padded = np.r_[0, np.array(weight, np.float32), 0].astype(np.float32)

    steps = np.diff(eased(padded, frames))

    beside = (padded[:-1] == 0) | (padded[1:] == 0)
    first = 1 / (frames + 1)
    assert (np.abs(steps[beside]) <= first**2 * (3 - 2 * first) + 1e-6).all()
