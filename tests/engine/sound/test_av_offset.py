"""The A/V offset is estimated to a fraction of a frame, or reported as unsure."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import ModelError, ShapeError
from dubsync.core.sound.av_sync import Offset
from dubsync.engine.motion.fit import channels, frontal
from dubsync.engine.sound import expected_mouth
from dubsync.engine.sound.av_offset import sound_offset
from dubsync.engine.sound.expected_mouth import (
    MEASURES,
    expected_at,
    filter_inputs,
    motion,
    shipped_filter,
)
from tests.engine.drive.drive_synthesis import against, face_track, features_of, quiet, talk

SECONDS = 10
JAW = talk(SECONDS + 4, rate=Fraction(100), seed=5)


def jaw_at(at):
    """The drawn person's jaw; 2 s of it lie before the clip, so that sound may come early."""
    return np.interp(at + 2, np.arange(len(JAW)) / 100, JAW)


def drawn(rate=Fraction(25), seconds=SECONDS):
    return face_track(jaw_at(np.arange(round(seconds * rate)) / float(rate)), rate=rate, sway=0.1)


TRACK = drawn()
MOUTH = channels(frontal(TRACK)).stacked().astype(np.float64)
SEEN = np.ones(len(MOUTH), bool)


def sound(late=0.0, seconds=SECONDS, jaw=jaw_at):
    """A sound `late` seconds behind the drawn mouth."""
    return features_of(lambda at: jaw(at - late), seconds, seed=1)


OWN = sound_offset(against(sound(), TRACK), MOUTH, SEEN)


def test_a_drawn_person_in_sync_is_in_sync_within_a_frame():
    assert OWN.sure and OWN.confidence > 0.9
    assert abs(OWN.seconds) < 0.04


@settings(max_examples=12)
@given(late=st.floats(-0.6, 0.6))
def test_sound_moved_by_any_fraction_of_a_frame_moves_the_offset_as_far(late):
    result = sound_offset(against(sound(late), TRACK), MOUTH, SEEN)

    assert result.sure
    assert result.seconds - OWN.seconds == pytest.approx(late, abs=0.01)


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(30), Fraction(60)])
def test_the_frame_rate_changes_nothing(rate):
    track = drawn(rate)
    mouth = channels(frontal(track)).stacked().astype(np.float64)

    result = sound_offset(against(sound(0.1), track), mouth, np.ones(len(mouth), bool))

    assert result.sure
    assert result.seconds - OWN.seconds == pytest.approx(0.1, abs=0.015)


def test_loudness_size_and_frames_unseen_change_little():
    seen = SEEN.copy()
    seen[40:60] = False
    mouth = np.where(seen[:, None], 0.7 * MOUTH + 3, 50.0)

    result = sound_offset(against(sound(-0.08), TRACK), mouth, seen)

    assert result.sure
    assert result.seconds - OWN.seconds == pytest.approx(-0.08, abs=0.015)


def test_a_strangers_sound_has_no_offset():
    other = talk(SECONDS + 4, rate=Fraction(100), seed=77)
    stranger = sound(jaw=lambda at: np.interp(at + 2, np.arange(len(other)) / 100, other))

    result = sound_offset(against(stranger, TRACK), MOUTH, SEEN)

    assert not result.sure and result.note


@pytest.mark.parametrize("silence", [quiet(SECONDS), quiet(1)])
def test_silence_has_no_offset_and_says_why(silence):
    result = sound_offset(against(silence, TRACK), MOUTH, SEEN)

    assert (result.seconds, result.sure) == (0, False)
    assert "speech" in result.note


def test_no_face_and_a_single_frame_are_reported():
    for count, seen in ((len(MOUTH), False), (1, True)):
        aligned = replace(against(sound(), TRACK), times=np.arange(count) / 25)
        result = sound_offset(aligned, MOUTH[:count], np.full(count, seen))
        assert not result.sure and result.note


def test_a_mouth_at_rest_has_no_offset():
    still = channels(frontal(face_track(np.zeros(len(MOUTH))))).stacked().astype(np.float64)

    assert not sound_offset(against(sound(), TRACK), still, SEEN).sure


def test_motion_is_independent_of_pose_and_size_and_never_amplifies_noise():
    moved = motion(MOUTH, SEEN, 25.0)
    noise = np.random.default_rng(0).normal(size=MOUTH.shape) * 0.001

    assert moved.shape == (len(MOUTH), MEASURES)
    for lively in (0, 2):  # opening and jaw: the drawn width hardly moves, and stays small
        again = motion(2 * MOUTH + 5, SEEN, 25.0)
        np.testing.assert_allclose(again[:, lively], moved[:, lively], atol=1e-6)
    assert motion(noise, SEEN, 25.0)[:, :4].std() < 0.2


def test_a_long_sound_is_predicted_as_its_inputs_times_the_weights():
    features, mouth_filter = sound(), shipped_filter()
    wanted = filter_inputs(features) @ np.asarray(mouth_filter.weights, np.float64)

    np.testing.assert_allclose(mouth_filter.predict(features), wanted, atol=1e-4)


def test_expected_measures_lie_on_the_sounds_own_clock():
    values = np.arange(100.0)[:, None] * np.ones(MEASURES)
    features = quiet(1, start=5)

    expected, inside = expected_at(values, features, np.array([4.9, 5.0, 5.255, 5.99, 6.2]))

    np.testing.assert_allclose(expected[:, 0], [0, 0, 25.5, 99, 99])
    np.testing.assert_array_equal(inside, [False, True, True, True, False])


def test_a_damaged_filter_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(expected_mouth, "WEIGHTS", tmp_path / "none.safetensors")
    shipped_filter.cache_clear()
    with pytest.raises(ModelError, match="none"):
        shipped_filter()
    monkeypatch.undo()
    shipped_filter.cache_clear()


def test_an_offsets_curve_has_a_score_for_every_lag():
    with pytest.raises(ShapeError):
        Offset(0.0, 0.5, False, np.zeros(3), np.zeros(2))
