"""A driven mouth is compared with the real one."""

import numpy as np
import pytest

from dubsync.qc.driven_mouth import compare_mouths
from dubsync.qc.mouth import MouthCurves

RATE = 25.0
AT = np.arange(250) / RATE
SPOKEN = (AT > 1) & (AT < 7)


def curves(opening, jaw=None):
    return MouthCurves(opening, 0.6 + 0.1 * opening, 1 + (opening if jaw is None else jaw))


def talking():
    """Syllables in speech, lips closed five times, at rest outside."""
    opening = np.where(SPOKEN, 0.12 + 0.06 * np.sin(2 * np.pi * 3.1 * AT), 0.0)
    for shut in (2.0, 3.0, 4.0, 5.0, 6.0):
        opening = np.where(np.abs(AT - shut) < 0.05, 0.0, opening)
    return opening


def test_the_real_mouth_has_perfect_figures():
    result = compare_mouths(curves(talking()), curves(talking()), SPOKEN, RATE)

    assert result.correlation_opening > 0.95
    assert result.correlation_width > 0.95
    assert result.lag_ms == pytest.approx(0, abs=5)
    assert (result.closures_hit, result.motion_in_silence) == (1.0, 0.0)
    assert result.closures == 5


@pytest.mark.parametrize("late", [-3, 2])
def test_the_lag_of_a_late_mouth_is_measured(late):
    result = compare_mouths(curves(np.roll(talking(), late)), curves(talking()), SPOKEN, RATE)

    assert result.lag_ms == pytest.approx(40 * late, abs=8)


def test_lips_that_stay_open_hit_no_closure():
    opening = np.maximum(talking(), np.where(SPOKEN, 0.05, 0))

    assert compare_mouths(curves(opening), curves(talking()), SPOKEN, RATE).closures_hit == 0


def test_closures_one_frame_off_are_hit_and_three_are_not():
    for off, hit in ((1, 1.0), (4, 0.0)):
        result = compare_mouths(curves(np.roll(talking(), off)), curves(talking()), SPOKEN, RATE)
        assert result.closures_hit == hit


def test_chatter_in_silence_is_counted_and_coming_to_rest_is_not():
    chatter = talking() + np.where(AT > 7.5, 0.05 + 0.05 * np.sin(20 * AT), 0)
    rests = np.where((AT >= 7) & (AT < 7.05), 0.06, talking())

    assert compare_mouths(curves(chatter), curves(talking()), SPOKEN, RATE).motion_in_silence > 0.4
    assert compare_mouths(curves(rests), curves(talking()), SPOKEN, RATE).motion_in_silence == 0


def test_figures_that_cannot_be_measured_are_none():
    still = curves(np.full(len(AT), 0.1))
    result = compare_mouths(still, curves(talking()), np.zeros(len(AT), bool), RATE)

    assert result.correlation_opening is None
    assert result.closures_hit is None
    assert result.motion_in_silence is None
