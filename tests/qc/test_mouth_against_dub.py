"""A mouth shifted by a known time is measured at that time; closures and rest are detected."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import ShapeError
from dubsync.core.sound.audio import AudioFeatures
from dubsync.qc.mouth import mouth_curves, opening_of
from dubsync.qc.sync import (
    NATURAL_MS,
    closures,
    expected_opening,
    follow,
    motion_in_silence,
    offset_to_sound,
    readings,
    silent_frames,
    standing_opening,
)
from tests.qc.qc_synthesis import RATE, landmarks_of, syllables

FRAME_MS = float(1000 / RATE)


def speaking(voice: AudioFeatures, late_ms: float, *, frames: int = 190, noise: float = 0.0):
    """Curves and times of a mouth that says `voice`, `late_ms` after it is heard."""
    times = np.arange(frames) * FRAME_MS / 1000
    moved = times - (late_ms + NATURAL_MS) / 1000
    opening = 0.3 * readings(expected_opening(voice), voice, moved)
    opening += noise * np.random.default_rng(3).normal(size=frames)
    points = landmarks_of(np.maximum(opening, 0))
    return mouth_curves(points, np.ones(frames, bool)), times


@pytest.mark.parametrize("frames_late", [-4, -1, 0, 1, 3, 6])
def test_a_mouth_shifted_by_frames_is_measured_within_ten_ms(voice, frames_late):
    curves, times = speaking(voice, frames_late * FRAME_MS)

    result = offset_to_sound(curves, voice, times)

    assert result.ms == pytest.approx(frames_late * FRAME_MS, abs=10)
    assert result.sure and result.correlation > 0.9


@settings(max_examples=12)
@given(late_ms=st.floats(-200, 200), seed=st.integers(0, 50))
def test_an_offset_between_frames_is_found_through_noise(late_ms, seed):
    voice = syllables(8.0, seed=seed)
    curves, times = speaking(voice, late_ms, noise=0.02)

    assert offset_to_sound(curves, voice, times).ms == pytest.approx(late_ms, abs=15)


def test_pose_and_size_do_not_change_the_curves():
    opening = np.linspace(0, 0.4, 20)
    points = landmarks_of(opening)
    turn = np.deg2rad(30)
    turned = points @ np.array(
        [[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]]
    ) * 1.7  # fmt: skip
    seen = np.ones(20, bool)

    straight, other = mouth_curves(points, seen), mouth_curves(turned, seen)

    np.testing.assert_allclose(straight.opening, opening, atol=1e-5)
    np.testing.assert_allclose(other.opening, straight.opening, atol=1e-5)
    np.testing.assert_allclose(other.jaw, straight.jaw, atol=1e-5)


def test_landmarks_and_seen_of_other_lengths_are_refused():
    with pytest.raises(ShapeError, match="3 frames"):
        mouth_curves(landmarks_of(np.zeros(4)), np.ones(3, bool))


def test_less_than_a_second_of_speech_is_not_measured(voice):
    curves, times = speaking(voice, 0, frames=40)  # speech starts at frame 24

    result = offset_to_sound(curves, voice, times)

    assert result.ms is None and "0.7 s" in result.note


def test_frames_without_a_face_do_not_count(voice):
    curves, times = speaking(voice, 80)
    hidden = replace(curves, opening=curves.opening.copy(), jaw=curves.jaw.copy())
    hidden.opening[60:90] = hidden.jaw[60:90] = np.nan

    assert offset_to_sound(hidden, voice, times).ms == pytest.approx(80, abs=12)


def test_a_mouth_that_says_something_else_is_not_sure(voice):
    curves, times = speaking(syllables(8.0, seed=99), 0, noise=0.03)

    result = offset_to_sound(curves, voice, times)

    assert not result.sure


def test_the_offset_of_a_still_mouth_is_not_sure(voice):
    times = np.arange(190) * FRAME_MS / 1000
    still = mouth_curves(landmarks_of(np.full(190, 0.1)), np.ones(190, bool))

    result = offset_to_sound(still, voice, times)

    assert not result.sure


@pytest.mark.parametrize("lag", [-3, 0, 2])
def test_the_lag_of_the_rendered_mouth_is_measured_in_frames(lag):
    rng = np.random.default_rng(0)
    wanted = np.cumsum(rng.normal(size=(120, 5)), axis=0)
    wanted -= np.linspace(wanted[0], wanted[-1], 120)
    drawn = np.roll(wanted, lag, axis=0) + 0.05 * rng.normal(size=wanted.shape)

    result = follow(drawn, wanted, np.ones(120, bool), FRAME_MS)

    assert result.ms == pytest.approx(lag * FRAME_MS, abs=12)
    assert result.correlation > 0.95


def test_closures_are_hit_where_the_lips_meet_and_missed_where_they_stay_open(voice):
    frames = 190
    times = np.arange(frames) * FRAME_MS / 1000
    peaks = np.flatnonzero(np.asarray(voice.closure) >= 0.9) / 100
    assert len(peaks) >= 3
    opening = np.full(frames, 0.2)
    for at in peaks[1:]:  # the first one stays open
        opening[round(at * 1000 / FRAME_MS) + 1] = 0.01  # one frame late is still a hit
    curves = mouth_curves(landmarks_of(opening), np.ones(frames, bool))

    result = closures(curves, voice, times, first=86400)

    assert len(result.frames) == len(peaks)
    assert result.hit == (False, *[True] * (len(peaks) - 1))
    assert result.frames[0] == 86400 + round(peaks[0] * 1000 / FRAME_MS)


def test_silence_starts_a_while_after_the_last_word(voice):
    times = np.arange(800) / 100

    silent = silent_frames(voice, times)

    last = np.flatnonzero(np.asarray(voice.speech))[-1]
    assert silent[:78].all() and not silent[82 : last + 18].any() and silent[last + 23 :].all()


def test_lips_that_stand_parted_in_a_pause_as_planned_do_not_move():
    silent = np.repeat([True, False, True, False, True], 10)
    planned = np.where(np.arange(50) < 20, 0.15, 0.0)
    planned[40:] = np.nan
    stands = standing_opening(planned, silent, rest=0.02)
    assert stands[:10].tolist() == [0.15] * 10
    assert stands[20:30].tolist() == [0.02] * 10 and stands[40:].tolist() == [0.02] * 10
    assert not standing_opening(np.zeros(0), np.zeros(0, bool), rest=0.02).size


def test_lips_apart_in_silence_are_measured_from_rest(voice):
    times = np.arange(190) * FRAME_MS / 1000
    opening = np.full(190, 0.02)
    opening[:10] = 0.12
    curves = mouth_curves(landmarks_of(opening), np.ones(190, bool))

    apart = motion_in_silence(curves, silent_frames(voice, times), rest=0.02)

    np.testing.assert_allclose(apart[:10], 0.10, atol=1e-4)
    assert np.isnan(apart[60])


def test_the_opening_of_target_coefficients_is_predicted():
    rng = np.random.default_rng(2)
    mouth = rng.normal(size=(80, 6))
    opening = 1.0 + mouth @ np.array([0.1, -0.05, 0.02, 0, 0, 0.01])
    wanted = rng.normal(size=(30, 6))

    result = opening_of(wanted, mouth, opening)

    expected = 1.0 + wanted @ np.array([0.1, -0.05, 0.02, 0, 0, 0.01])
    np.testing.assert_allclose(result, expected, atol=0.01)


def test_features_on_another_clock_give_the_same_offset(voice):
    curves, times = speaking(voice, 50)
    later = replace(voice, start=Fraction(3600))

    assert offset_to_sound(curves, later, times + 3600).ms == pytest.approx(50, abs=10)
