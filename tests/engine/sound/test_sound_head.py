"""The sound head generalises across people, and the same seeds give the same bits."""

from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.errors import ModelError
from dubsync.core.sound.audio import STATES
from dubsync.engine.sound import sound_head
from dubsync.engine.sound.regression import Regression, constant, cross_validated, fit_regression
from dubsync.engine.sound.sound_head import (
    COUNT,
    STEPS,
    Head,
    head_inputs,
    shipped_head,
    steps_over,
)
from dubsync.engine.sound.train_head import TrainingConfig, TrainingPair, train, train_from_scratch
from tests.engine.drive.drive_synthesis import features_of, spoken_between

SHORT = TrainingConfig(60, 4e-3, 4)


def pair(seed, seconds=12):
    """Speech whose fifth band says the first channel, and whose ninth the last."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(seconds * STEPS, STATES))
    kernel = np.ones(5) / 5
    inputs[:, 5], inputs[:, 9] = (
        2 * np.convolve(inputs[:, at], kernel, "same") * 5**0.5 for at in (5, 9)
    )
    mouth = np.zeros((len(inputs), 7))
    mouth[:, 0], mouth[:, 6] = inputs[:, 5] / 2, -inputs[:, 9] / 2
    return TrainingPair(inputs, mouth, np.ones(len(inputs)))


@pytest.fixture(scope="module")
def head():
    return train_from_scratch([pair(0), pair(1)], (3,), SHORT)


def test_the_trained_head_generalises_to_another_person(head):
    other = pair(7)

    predicted = head.predict(head.hidden_layers(other.inputs))

    assert np.corrcoef(predicted[:, 0], other.mouth[:, 0])[0, 1] > 0.8
    assert np.corrcoef(predicted[:, 6], other.mouth[:, 6])[0, 1] > 0.6


def test_the_same_seeds_give_the_same_bits(head):
    again = train_from_scratch([pair(0), pair(1)], (3,), SHORT)

    np.testing.assert_array_equal(again.weights, head.weights)
    assert head.weights.shape == (1, COUNT)


def test_unseen_frames_are_not_trained_on():
    shown = pair(0)
    false = TrainingPair(shown.inputs, shown.mouth + 3, np.zeros(len(shown.mouth)))
    head = Head(np.zeros(STATES), np.ones(STATES), np.zeros((1, COUNT), np.float32))

    after = train(head, [false], TrainingConfig(3, 1e-2, 2), (0,))

    np.testing.assert_allclose(after.weights, 0, atol=1e-9)


def test_the_receptive_field_is_140_ms_either_way(head):
    inputs = np.zeros((60, STATES))
    moved = inputs.copy()
    moved[30] += 1

    changed = np.abs(
        head.predict(head.hidden_layers(moved)) - head.predict(head.hidden_layers(inputs))
    ).max(axis=1)

    assert np.flatnonzero(changed > 1e-7).min() >= 30 - 7
    assert np.flatnonzero(changed > 1e-7).max() <= 30 + 7


def test_where_a_run_begins_does_not_matter():
    features = features_of(lambda at: 0.5 + 0.5 * np.sin(9 * at), 6)
    whole, part = np.arange(1.0, 5.0, 0.04), np.arange(2.0, 3.0, 0.04)

    predicted = shipped_head().predict_at(features, whole)[1]
    again = shipped_head().predict_at(features, part)[1]

    np.testing.assert_allclose(again, predicted[25:50], atol=1e-4)


def test_steps_cover_the_span_and_its_receptive_field():
    steps = steps_over(1.0, 2.0)

    assert steps[0] <= 1.0 - 0.14
    assert steps[-1] >= 2.0 + 0.14
    np.testing.assert_allclose(np.diff(steps), 1 / STEPS)


def test_the_shipped_head_opens_the_mouth_for_loud_vowels_and_not_for_hiss():
    features = spoken_between(4, (0.5, 3.5))
    times = np.arange(0, 4, 0.02)
    predicted = shipped_head().predict_at(features, times)[1]

    assert head_inputs(features, times).shape == (200, STATES)
    assert np.isfinite(predicted).all()
    assert predicted[(times > 1) & (times < 3), 0].mean() > predicted[times < 0.3, 0].mean()


def test_another_file_than_ours_is_refused(tmp_path, monkeypatch):
    (tmp_path / "head.safetensors").write_bytes(b"no head")
    monkeypatch.setattr(sound_head, "SHIPPED", tmp_path / "head.safetensors")

    with pytest.raises(ModelError):
        shipped_head.__wrapped__()


def test_a_regression_predicts_its_training_data_and_reads_back_as_saved():
    rng = np.random.default_rng(0)
    x = np.cumsum(rng.normal(size=(900, 6)), axis=0) * 0.2
    y = np.stack([np.sin(x[:, 0]), x[:, 1] * 0.3], axis=1)

    result = fit_regression(x, y, 6, 0.3)
    again = Regression.from_arrays(result.arrays("way"), "way")
    predicted = cross_validated(x, y, 6, 0.3, rate=25)

    assert np.corrcoef(result.predict(x)[:, 0], y[:, 0])[0, 1] > 0.9
    np.testing.assert_array_equal(again.predict(x), result.predict(x))
    assert predicted.shape == y.shape
    np.testing.assert_array_equal(constant(6, y[0].astype(np.float32)).predict(x[:3]),
                                  np.repeat(y[:1].astype(np.float32), 3, axis=0))  # fmt: skip


def test_sounds_that_start_late_are_read_on_their_own_clock():
    features = features_of(lambda at: np.sin(at), 3, start=Fraction(100))

    assert head_inputs(features, np.array([101.0])).shape == (1, STATES)
