"""The dub changes only frames and parts of the face that it drives."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import ShapeError
from dubsync.core.face import MotionTrack, Performance
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.geometry.pose import to_matrices
from dubsync.engine.motion.retarget import eased, retarget
from tests.core.test_tweak import tweaks

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


def test_middle_of_the_line_follows_the_dub():
    corrected = retarget(motion(1), dub(), Tweak())

    np.testing.assert_array_equal(corrected.mouth[20], dub().mouth[20])


UPPER_FACE = {"brows": 6, "blinks": 6, "gaze": 4, "head": 7}


def whole_dub():
    """A dub whose take drives upper face and head too."""
    noise = np.random.default_rng(3).normal
    upper_face = {name: 0.1 * noise(size=(len(FRAMES), n)) for name, n in UPPER_FACE.items()}
    return replace(dub(), **upper_face)


def test_head_and_eyes_stay_the_plates_by_default():
    original, wanted = motion(1), whole_dub()

    for corrected in (
        retarget(original, wanted, Tweak()),
        retarget(original, dub(), Tweak().held("head", 1).held("brows", 1).held("gaze", 1)),
    ):
        for name in ("upper", "gaze", "head"):
            np.testing.assert_array_equal(getattr(corrected, name), getattr(original, name))


@pytest.mark.parametrize(
    ("control", "field"),
    [("brows", "upper"), ("blinks", "upper"), ("gaze", "gaze"), ("head", "head")],
)
def test_upper_face_and_head_follow_the_take_by_the_tweaks_share(control, field):
    original, wanted = motion(1), whole_dub()

    half, whole = (retarget(original, wanted, Tweak().held(control, v)) for v in (0.5, 1.0))

    outside = np.r_[0 : LINE.start, LINE.stop : len(FRAMES)]
    for name in ("upper", "gaze", "head"):
        before, after = getattr(original, name), getattr(whole, name)
        np.testing.assert_array_equal(after[outside], before[outside])
        if name != field:
            np.testing.assert_array_equal(after, before)
    if control != "head":
        offset = getattr(wanted, control)
        before = getattr(original, field)
        np.testing.assert_allclose(getattr(whole, field)[20], (before + offset)[20], atol=1e-5)
        np.testing.assert_allclose(
            getattr(half, field)[20], (before + 0.5 * offset)[20], atol=1e-5
        )  # fmt: skip


def test_a_head_turns_in_its_own_frame_moves_and_grows():
    still = np.zeros((len(FRAMES), 7), np.float32)
    still[:, 6] = 100
    offset = np.tile([0.2, 0, 0, 5, -3, 0, np.log(1.1)], (len(FRAMES), 1))

    neck = np.array([0.0, 0.5, 1.3])
    head = retarget(
        replace(motion(1), head=still),
        replace(dub(), head=offset, neck=neck),
        Tweak().held("head", 0.5),
    ).head

    np.testing.assert_allclose(head[20, :3], [0.1, 0, 0], atol=1e-5)
    np.testing.assert_allclose(head[20, 6], 100 * 1.1**0.5, atol=1e-4)
    # The joint of the neck stays where it was, but for the movement: the eyes come down with a nod.
    joint = 100 * (to_matrices(head[20:21, :3])[0] @ neck)[:2] + head[20, 3:5]
    np.testing.assert_allclose(joint, 100 * neck[:2] + [2.5, -1.5], atol=1e-3)


def test_offsets_of_another_basis_are_refused():
    with pytest.raises(ShapeError):
        retarget(motion(1), replace(dub(), brows=np.zeros((40, 5))), Tweak().held("brows", 1))


@pytest.mark.parametrize(
    "other",
    [
        {"basis": "c" * 64},
        {"frames": FrameRange(0, 40, Fraction(24000, 1001))},
        {"mouth": np.zeros((40, 9))},
    ],
    ids=["basis", "frames", "coefficients"],
)
def test_performances_that_do_not_match_are_refused(other):
    with pytest.raises(ShapeError):
        retarget(motion(1), replace(dub(), **other), Tweak())


weights = st.lists(st.sampled_from([0.0, 0.0, 0.3, 1.0, 1.0]), min_size=2, max_size=60)


@given(st.lists(st.sampled_from([0.0, 0.4, 1.0]), min_size=40, max_size=40), tweaks())
def test_no_tweak_moves_a_bit_where_the_weight_is_zero(weight, tweak):
    original = motion(1)

    corrected = retarget(original, replace(whole_dub(), weight=np.array(weight)), tweak)

    silent = np.array(weight) == 0
    for name in ("mouth", "upper", "gaze", "head", "blendshapes"):
        np.testing.assert_array_equal(
            getattr(corrected, name)[silent], getattr(original, name)[silent]
        )  # fmt: skip
        assert np.isfinite(getattr(corrected, name)).all()


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
