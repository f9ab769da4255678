"""A take's mouth becomes the actor's: in time, in the actor's own range, closed where it was
closed.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.steps import TakeCue
from dubsync.engine.geometry.mesh import LEFT_EYE
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.fit import channels, fit, mouth_shape
from dubsync.engine.motion.lids import lid_change
from dubsync.engine.motion.motion_range import (
    limit_to_range,
    motion_range_of,
    mouth_for_channels,
    sigmas,
)
from dubsync.engine.take.drive import contact, drive_take, in_range, take_channels
from tests.engine.drive.drive_synthesis import face_track, talk

ACTOR = face_track(0.6 * talk(12, seed=11), wide=1.1, sway=0.15)
BASIS = learn_basis([ACTOR])
RANGE = motion_range_of(BASIS, [fit(ACTOR, BASIS).mouth])
TAKE_RATE = Fraction(30)
SPOKEN = talk(8, TAKE_RATE, seed=21)
TAKE = face_track(SPOKEN, rate=TAKE_RATE, size=320, wide=0.93, sway=0.2, seed=2)


def cue(track=TAKE, start=100.0, tempo=1.0):
    at = np.arange(len(track.frames)) / float(track.frames.rate)
    return TakeCue(track, start + at * tempo, (start, start + at[-1] * tempo))


def shown(mouth):
    moved = channels(BASIS.rest + mouth_shape(np.asarray(mouth, np.float32), BASIS)).stacked()
    return moved - channels(BASIS.rest[None]).stacked()


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(60)])
@pytest.mark.parametrize("tempo", [1.0, 0.94])
def test_jaw_and_lips_follow_the_take_in_time_at_any_rate(rate, tempo):
    times = np.arange(100.2, 100 + 7.5 * tempo, float(1 / rate))

    driven = drive_take(cue(tempo=tempo), times, BASIS, RANGE)

    wanted = np.interp(times, cue(tempo=tempo).times, SPOKEN)
    for channel in (0, 2):
        mine = shown(driven.mouth)[:, channel]
        likeness = [
            np.corrcoef(np.roll(mine, lag)[4:-4], wanted[4:-4])[0, 1] for lag in range(-3, 4)
        ]
        assert int(np.argmax(likeness)) == 3
        assert max(likeness) > 0.95
    assert driven.sure.all()


def test_closed_lips_stay_closed_and_lips_never_cross():
    times = np.arange(100.2, 107.5, 1001 / 24000)
    theirs = take_channels(cue()).opening
    shut = np.interp(times, cue().times, theirs < 0.008) > 0.99

    opening = shown(drive_take(cue(), times, BASIS, RANGE).mouth)[:, 0]

    assert 5 < shut.sum() < 0.8 * len(times)
    assert opening[shut].max() < 0.006
    assert opening.min() > -0.004


def test_a_closure_of_one_take_frame_is_not_lost_between_plate_frames():
    jaw = np.full(60, 0.6)
    jaw[25] = 0
    jaw[[0, 1, 2, 58, 59]] = 0
    brief = cue(face_track(jaw, rate=Fraction(60)))

    for phase in np.linspace(0, 1 / 24, 5):
        times = np.arange(100.1 + phase, 100.9, 1 / 24)
        opening = shown(drive_take(brief, times, BASIS, RANGE).mouth)[:, 0]
        assert opening.min() < 0.01
        assert np.median(opening) > 0.04


def test_a_wide_take_stays_near_the_actors_own_range():
    shout = cue(face_track(2.2 * talk(6, seed=3), size=300))

    driven = drive_take(shout, np.arange(100.2, 105.5, 0.04), BASIS, RANGE)

    opening = shown(driven.mouth)[:, 0]
    assert RANGE.high[0] * 0.9 < opening.max() < RANGE.high[0] * 1.4
    assert sigmas(driven.mouth, RANGE).max() < 4.6


def test_unseen_take_frames_are_not_used():
    confidence = np.ones(len(TAKE.frames))
    confidence[90:120] = 0

    driven = drive_take(
        cue(replace(TAKE, confidence=confidence)), np.arange(100.5, 107, 0.04), BASIS, RANGE
    )

    at = np.arange(100.5, 107, 0.04) - 100
    assert not driven.sure[(at > 3.0) & (at < 4.0)].any()
    assert driven.sure[(at < 2.9) | (at > 4.1)].all()


def test_an_unusable_take_moves_no_head_beside_one_that_is_used():
    times = np.arange(100.2, 101.2, 0.04)
    nobody = replace(TAKE, confidence=np.zeros_like(TAKE.confidence))

    unused, used = (drive_take(cue(track), times, BASIS, RANGE) for track in (nobody, TAKE))

    assert unused.upper_face.stacked().shape == used.upper_face.stacked().shape
    assert not unused.upper_face.stacked().any()
    assert unused.upper_face.whole_head.shape == (len(times), 7)


def test_outside_the_take_no_frame_is_sure():
    driven = drive_take(cue(), np.array([50.0, 99.0, 103.0, 120.0]), BASIS, RANGE)

    assert driven.sure.tolist() == [False, False, True, False]


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_ranges_keep_order_sign_and_rest(seed):
    rng = np.random.default_rng(seed)
    offsets = rng.normal(size=(50, 7)) * rng.uniform(0.001, 0.5)
    offsets[0] = 0

    mapped = in_range(offsets, np.ones(50, bool), RANGE)

    np.testing.assert_array_equal(mapped[0], 0)
    assert (mapped * offsets >= 0).all()
    for c in range(7):
        order = np.argsort(offsets[:, c])
        assert (np.diff(mapped[order, c]) >= -1e-9).all()


def test_contact_is_a_slope_not_a_step():
    gap = np.linspace(-0.01, 0.05, 200)

    closed = contact(gap, gap)

    assert (closed[gap <= 0.012] == 0).all()
    assert np.diff(closed).min() >= 0 and np.diff(closed).max() < 0.002
    np.testing.assert_allclose(closed[gap > 0.024], gap[gap > 0.024])


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.floats(0.1, 50))
def test_limited_mouths_are_in_range_and_usual_ones_unchanged(seed, size):
    mouths = RANGE.usual + np.random.default_rng(seed).normal(size=(20, len(RANGE.usual))) * (
        size * np.sqrt(np.diag(RANGE.covariance))
    )

    limited = limit_to_range(mouths, RANGE)

    far = sigmas(mouths, RANGE)
    assert sigmas(limited, RANGE).max() <= 4.5 + 1e-6
    np.testing.assert_allclose(limited[far <= 3], mouths[far <= 3], atol=1e-9)


def test_a_target_for_one_channel_is_met_and_the_others_follow():
    wanted = np.zeros((1, 7))
    wanted[0, 0] = 0.1
    slack = [1e-4, *[np.inf] * 6]

    mouth = mouth_for_channels(wanted, np.zeros((1, len(RANGE.usual))), RANGE, slack)

    result = shown(mouth)[0]
    assert result[0] == pytest.approx(0.1, abs=0.01)
    assert result[2] > 0.01  # the jaw drops with the opening


def crooked(track, lift=0.06, gain=0.0):
    """The person with the right corner of the mouth `lift` higher, and more so as the jaw drops."""
    points, size = np.array(track.landmarks), 180.0
    near = np.exp(-((np.linalg.norm(points - points[:, 61:62], axis=2) / (0.2 * size)) ** 2))
    drop = np.linalg.norm(points[:, 13] - points[:, 14], axis=1) / size
    points[..., 1] -= near * size * (lift + gain * drop)[:, None]
    return replace(track, landmarks=points.astype(np.float32))


def crookedness(faces):
    """(T,) how much higher the right corner is than the left, model units."""
    return faces[:, 291, 1] - faces[:, 61, 1]


@pytest.mark.parametrize("gain", [0.0, 0.4])
def test_the_actors_own_crooked_mouth_survives_a_straight_take(gain):
    actor = crooked(face_track(0.6 * talk(12, seed=11), sway=0.0), gain=gain)
    basis = learn_basis([actor])
    motion = fit(actor, basis)
    own = crookedness(basis.rest + mouth_shape(motion.mouth, basis))
    times = np.arange(100.2, 107.5, 0.04)

    driven = drive_take(cue(), times, basis, motion_range_of(basis, [motion.mouth]))

    faces = basis.rest + mouth_shape(driven.mouth.astype(np.float32), basis)
    result, opening = crookedness(faces), channels(faces).opening
    shut = opening < 0.01
    assert result[shut].mean() == pytest.approx(crookedness(basis.rest[None])[0], abs=0.01)
    assert result.min() > 0.6 * own.min()
    if gain:
        assert np.corrcoef(result, opening)[0, 1] > 0.5


def test_no_channel_leaves_the_actors_range_by_more_than_a_tenth():
    shout = cue(face_track(2.2 * talk(6, seed=3), spread=np.sin(np.arange(150) / 7), size=300))

    driven = drive_take(shout, np.arange(100.2, 105.5, 0.04), BASIS, RANGE)

    result, room = RANGE.channels(driven.mouth), 0.1 * (RANGE.high - RANGE.low) + 0.004
    assert (result <= RANGE.high + room).all()
    assert (result >= RANGE.low - room).all()


def test_blinks_and_raised_brows_of_a_take_are_in_its_upper_face():
    points = np.array(TAKE.landmarks)
    lids, brows = slice(60, 66), slice(120, 150)
    for up, low in ((159, 145), (386, 374), (158, 153), (385, 380), (160, 144), (387, 373)):
        points[lids, up] = points[lids, low]
    for n in (105, 66, 63, 70, 107, 334, 296, 293, 300, 336):
        points[brows, n, 1] -= 0.08 * 320
    track = replace(TAKE, landmarks=points.astype(np.float32))

    upper_face = drive_take(cue(track), cue(track).times, BASIS, RANGE).upper_face

    blinks, lifts = (np.linalg.norm(v, axis=1) for v in (upper_face.blinks, upper_face.brows))
    assert blinks[lids].mean() > 4 * np.median(blinks)
    assert lifts[brows].mean() > 4 * np.median(lifts)
    assert np.abs(upper_face.head[:, :3]).max() < 0.15 and (upper_face.head[:, 3:] == 0).all()


def winking(track, rows):
    """`track` whose left lids are shut in frames `rows`."""
    points = np.array(track.landmarks)
    low, high = LEFT_EYE[1:8], LEFT_EYE[9:][::-1]
    gap = points[rows][:, low] - points[rows][:, high]
    points[np.ix_(rows, high)] += 0.92 * gap
    return replace(track, landmarks=points)


def test_a_wink_of_a_take_shuts_one_eye_of_an_actor_who_never_winked():
    rows = np.arange(90, 102)
    times = 100 + (rows + 0.0) / 30

    driven = drive_take(cue(winking(TAKE, rows)), times, BASIS, RANGE)

    moves = np.tensordot(driven.upper_face.blinks, np.asarray(BASIS.upper_moves, float), axes=1)
    faces = BASIS.rest + moves
    faces = faces + lid_change(faces, driven.upper_face.lids)
    left, right = (
        (faces[3:-3, low, 1] - faces[3:-3, up, 1]) / (BASIS.rest[low, 1] - BASIS.rest[up, 1])
        for up, low in ((386, 374), (159, 145))
    )
    assert left.max() < 0.25
    assert right.min() > 0.8
