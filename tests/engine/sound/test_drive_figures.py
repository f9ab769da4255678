"""What the figures of `benchmarks.drive` say of a driven mouth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.drive.figures import means, measured
from benchmarks.drive.trials import Trial
from dubsync.engine.motion.motion_range import JAW, OPENING, WIDTH

RATE, SECONDS = 25.0, 20
EVERY = 20  #: frames from one closure to the next


def spoken_mouth() -> Trial:
    """A mouth that opens and shuts, with a second of silence in which it is half open; driven
    exactly."""
    at = np.arange(round(RATE * SECONDS))
    truth = np.zeros((len(at), 7))
    truth[:, OPENING] = 1 + 0.5 * np.sin(at / 3) * np.sin(at / 41)
    truth[:, OPENING] *= np.clip(np.abs((at + EVERY // 2) % EVERY - EVERY // 2) - 0.9, 0, 1)
    spoken = (at < 250) | (at >= 275)
    truth[:, WIDTH], truth[:, JAW] = np.sin(at / 5), np.cos(at / 7)
    truth[~spoken] = 0.7
    loudness = 0.5 + 0.5 * np.sin(at / 50)
    return Trial("", "made", "made", truth.copy(), truth, spoken, loudness, RATE)


def shut_too_often(one: Trial) -> Trial:
    """The same, shut halfway between its closures too."""
    predicted = one.predicted.copy()
    between = np.flatnonzero(one.spoken & (np.arange(len(predicted)) % EVERY == EVERY // 2))
    predicted[between, OPENING] = 0
    return replace(one, predicted=predicted)


def test_the_real_mouth_itself_is_driven_well() -> None:
    result = measured(spoken_mouth())
    assert result.opening > 0.95 and result.width > 0.99 and result.jaw > 0.99
    assert abs(result.lag_ms or 0.0) < 3
    assert result.hit == 1 and result.real > 0.95 and result.closures > 10
    assert result.deviation == pytest.approx(1, abs=0.3)
    assert result.moving == 0 and result.pause == pytest.approx(result.pause_real or 0, abs=0.05)


def test_shutting_too_often_hits_all_and_is_seen_in_precision_and_in_the_shut_share() -> None:
    well, often = (measured(one) for one in (spoken_mouth(), shut_too_often(spoken_mouth())))
    assert often.hit == well.hit == 1
    assert often.real == pytest.approx(0.5, abs=0.05)
    assert often.shut > 1.3 * well.shut


def test_shares_are_pooled_over_what_was_counted_and_correlations_over_clips() -> None:
    one = measured(spoken_mouth())
    few = replace(one, hit=0.0, closures=one.closures // 3, opening=0.0)
    mean = means([one, few])
    assert mean.closures == one.closures + few.closures
    assert mean.hit == pytest.approx(one.closures / mean.closures)
    assert mean.opening == pytest.approx(one.opening / 2)
