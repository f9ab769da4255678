"""The sound head learns what anybody's mouth does, the same bits from the same seeds."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.errors import ModelError
from dubsync.engine.sound import sound_head
from dubsync.engine.sound.regression import Regression, blank, cross_told, regressed
from dubsync.engine.sound.sound_head import COUNT, HEARD, STEPS, Head, anybody, heard_at, steps_over
from dubsync.engine.sound.train_head import Course, TrainingPair, taught, taught_from_nothing
from tests.engine.drive.drive_synthesis import features_of, spoken_between

SHORT = Course(60, 4e-3, 4)


def lesson(seed, seconds=12):
    """Speech whose fifth band says the first channel, and whose ninth the last."""
    rng = np.random.default_rng(seed)
    heard = rng.normal(size=(seconds * STEPS, HEARD))
    kernel = np.ones(5) / 5
    heard[:, 5], heard[:, 9] = (
        2 * np.convolve(heard[:, at], kernel, "same") * 5**0.5 for at in (5, 9)
    )
    mouth = np.zeros((len(heard), 7))
    mouth[:, 0], mouth[:, 6] = heard[:, 5] / 2, -heard[:, 9] / 2
    return TrainingPair(heard, mouth, np.ones(len(heard)))


@pytest.fixture(scope="module")
def head():
    return taught_from_nothing([lesson(0), lesson(1)], (3,), SHORT)


def test_what_was_taught_holds_for_somebody_else(head):
    other = lesson(7)

    told = head.tells(head.sees(other.heard))

    assert np.corrcoef(told[:, 0], other.mouth[:, 0])[0, 1] > 0.8
    assert np.corrcoef(told[:, 6], other.mouth[:, 6])[0, 1] > 0.6


def test_the_same_seeds_give_the_same_bits(head):
    again = taught_from_nothing([lesson(0), lesson(1)], (3,), SHORT)

    np.testing.assert_array_equal(again.weights, head.weights)
    assert head.weights.shape == (1, COUNT)


def test_words_that_make_a_sound_surer_teach_too():
    clear = [lesson(seed) for seed in range(4)]
    elsewhere = [lesson(seed).heard for seed in range(10, 14)]
    fifth = np.arange(HEARD) == 5
    muffled = [
        replace(one, heard=np.where(fifth, noise, one.heard))
        for one, noise in zip(clear, elsewhere, strict=True)
    ]
    worded = [replace(one, worded=sure.heard) for one, sure in zip(muffled, clear, strict=True)]
    other = lesson(7)

    heads = [taught_from_nothing(lessons, (3,), SHORT) for lessons in (muffled, worded)]

    told = [head.tells(head.sees(other.heard))[:, 0] for head in heads]
    by_sound, by_words = (np.corrcoef(one, other.mouth[:, 0])[0, 1] for one in told)
    assert by_sound < 0.3
    assert by_words > 0.5


def test_unseen_moments_teach_nothing():
    shown = lesson(0)
    false = TrainingPair(shown.heard, shown.mouth + 3, np.zeros(len(shown.heard)))
    head = Head(np.zeros(HEARD), np.ones(HEARD), np.zeros((1, COUNT), np.float32))

    after = taught(head, [false], Course(3, 1e-2, 2), (0,))

    np.testing.assert_allclose(after.weights, 0, atol=1e-9)


def test_an_answer_depends_on_140_ms_either_way_and_no_more(head):
    heard = np.zeros((60, HEARD))
    moved = heard.copy()
    moved[30] += 1

    changed = np.abs(head.tells(head.sees(moved)) - head.tells(head.sees(heard))).max(axis=1)

    assert np.flatnonzero(changed > 1e-7).min() >= 30 - 7
    assert np.flatnonzero(changed > 1e-7).max() <= 30 + 7


def test_where_a_run_begins_does_not_matter():
    hearing = features_of(lambda at: 0.5 + 0.5 * np.sin(9 * at), 6)
    whole, part = np.arange(1.0, 5.0, 0.04), np.arange(2.0, 3.0, 0.04)

    told = anybody().listens(hearing, whole)[1]
    again = anybody().listens(hearing, part)[1]

    np.testing.assert_allclose(again, told[25:50], atol=1e-4)


def test_steps_cover_what_is_asked_with_all_it_depends_on():
    steps = steps_over(1.0, 2.0)

    assert steps[0] <= 1.0 - 0.14
    assert steps[-1] >= 2.0 + 0.14
    np.testing.assert_allclose(np.diff(steps), 1 / STEPS)


def test_the_shipped_head_opens_the_mouth_for_loud_vowels_and_not_for_hiss():
    hearing = spoken_between(4, (0.5, 3.5))
    times = np.arange(0, 4, 0.02)
    told = anybody().listens(hearing, times)[1]

    assert heard_at(hearing, times).shape == (200, HEARD)
    assert np.isfinite(told).all()
    assert told[(times > 1) & (times < 3), 0].mean() > told[times < 0.3, 0].mean()


def test_another_file_than_ours_is_refused(tmp_path, monkeypatch):
    (tmp_path / "head.safetensors").write_bytes(b"no head")
    monkeypatch.setattr(sound_head, "SHIPPED", tmp_path / "head.safetensors")

    with pytest.raises(ModelError):
        anybody.__wrapped__()


def test_a_regression_tells_what_it_learnt_and_survives_being_kept():
    rng = np.random.default_rng(0)
    x = np.cumsum(rng.normal(size=(900, 6)), axis=0) * 0.2
    y = np.stack([np.sin(x[:, 0]), x[:, 1] * 0.3], axis=1)

    result = regressed(x, y, 6, 0.3)
    again = Regression.from_arrays(result.arrays("way"), "way")
    told = cross_told(x, y, 6, 0.3, rate=25)

    assert np.corrcoef(result.tells(x)[:, 0], y[:, 0])[0, 1] > 0.9
    np.testing.assert_array_equal(again.tells(x), result.tells(x))
    assert told.shape == y.shape
    np.testing.assert_array_equal(blank(6, y[0].astype(np.float32)).tells(x[:3]),
                                  np.repeat(y[:1].astype(np.float32), 3, axis=0))  # fmt: skip


def test_hearings_that_start_late_are_read_on_their_own_clock():
    hearing = features_of(lambda at: np.sin(at), 3, start=Fraction(100))

    assert heard_at(hearing, np.array([101.0])).shape == (1, HEARD)
