"""A discriminator learns to tell drawn faces from true ones; its terms have their given weight."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dubsync.core.errors import EngineError
from dubsync.engine.network.mouth_net import INPUT_CHANNELS, MATTE
from dubsync.engine.train import losses
from dubsync.engine.train.checkpoint import STATE
from dubsync.engine.train.discriminator import (
    AdversarialConfig,
    DiscriminatorTraining,
    combined_gradient,
)
from dubsync.engine.train.schedule import TrainingConfig
from dubsync.engine.train.training_pairs import Batch, TrainingPairs, follows, sample_batch
from tests.engine.train import short_training
from tests.engine.train.short_training import CPU, PAIRS, cut_off_and_again, damaged, same

CONFIG = TrainingConfig(
    "T", 1, "Ada", "one", steps=9, adversarial=AdversarialConfig(frames=2, alone=3)
)


def batch(frames=1, count=4, seed=0):
    rng = torch.Generator().manual_seed(seed)
    shown = torch.rand((count, INPUT_CHANNELS, 32, 32), generator=rng)
    truth = torch.rand((count, 3, 32, 32), generator=rng) * 0.1 + 0.4
    return Batch(shown, truth, np.arange(count), np.zeros((count, 2), np.intp), frames)


def run(config=CONFIG, **how):
    return short_training.run(config, **how)


def test_the_discriminator_learns_to_tell_blurred_pictures_from_true_ones():
    torch.manual_seed(0)
    training = DiscriminatorTraining(AdversarialConfig(), CPU)

    def blurred(of):
        return torch.nn.functional.avg_pool2d(of.truth, 5, 1, 2)

    for seed in range(30):
        training.learn(blurred(batch(seed=seed)), batch(seed=seed))
    new = batch(seed=999)
    (view,) = training._views(blurred(new), new)

    drawn, true = view.scores()[-1]
    assert true.mean() > drawn.mean() + 0.5


def test_a_picture_that_is_the_truth_matches_every_feature_of_it():
    training = DiscriminatorTraining(AdversarialConfig(score=0, frames=2), CPU)
    whole = batch(frames=2)

    ((share, term),) = training.terms(whole.truth.clone(), whole)

    assert share == 0.5
    assert float(term.detach()) == 0


def test_pixels_outside_the_matte_have_no_gradient():
    torch.manual_seed(0)
    training = DiscriminatorTraining(AdversarialConfig(), CPU)
    other = batch()
    other.shown[:, MATTE] = 0
    other.shown[:, MATTE, :8, :8] = 1
    made = other.truth.clone().requires_grad_()

    for _, term in training.terms(made + 0.1, other):
        (result,) = torch.autograd.grad(term, made, retain_graph=True)
        assert result[..., :8, :8].abs().max() > 0
        assert result[..., 28:, 28:].abs().max() == 0


def test_one_error_that_stays_is_steady_and_one_that_flickers_is_not():
    truth = batch(frames=2).truth
    sign = torch.tensor([1.0, -1, 1, -1])[:, None, None, None]

    assert float(losses.steady(truth + 0.1, truth, 2)) < 1e-6
    assert float(losses.steady(truth + 0.1 * sign, truth, 2)) == pytest.approx(0.2, abs=1e-5)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_a_terms_gradient_has_its_share_whatever_its_units(scale):
    made = torch.rand((2, 3, 8, 8), generator=torch.Generator().manual_seed(0)).requires_grad_()
    loss = made.abs().mean()
    (own,) = torch.autograd.grad(made.abs().mean(), made)

    gradient = combined_gradient(loss, [(0.5, scale * (made**2).sum())], made) - own

    assert float(gradient.norm() / own.norm()) == pytest.approx(0.5, rel=1e-3)


def test_a_zero_gradient_is_not_amplified():
    made = torch.rand((2, 3, 8, 8)).requires_grad_()

    gradient = combined_gradient(made.abs().mean(), [(0.5, (made * 0).sum())], made)

    assert torch.isfinite(gradient).all()
    assert torch.equal(gradient, torch.full_like(gradient, 1 / made.numel()))


def numbered(held=(), breaks=(), count=8, side=24):
    """TrainingPairs whose truth is their number, and whose eyes are a pixel further on in each."""
    shown = torch.zeros((count, INPUT_CHANNELS, side, side + 8), dtype=torch.float16)
    for n in range(count):
        ramp = (torch.arange(side) - 9.5 - n) / side
        shown[n, -2, :, :side], shown[n, -1, :, :side] = ramp, (torch.arange(side) - 5.5)[:, None]
    truth = torch.arange(count)[:, None, None, None].expand(count, 3, side, side + 8).half()
    numbers = np.arange(count)
    follows = (numbers > 0) & ~np.isin(numbers, breaks)
    return TrainingPairs(shown, truth, np.isin(numbers, held), np.ones(count, np.float32), follows)


def test_clips_are_consecutive_training_pairs_that_are_not_held_out():
    result = numbered(held=(6, 7), breaks=(2,))

    assert result.clips(1).ravel().tolist() == [0, 1, 2, 3, 4, 5]
    assert result.clips(2).tolist() == [[0, 1], [2, 3], [3, 4], [4, 5]]
    assert result.clips(3).tolist() == [[2, 3, 4], [3, 4, 5]]
    assert len(result.clips(9)) == 0


def test_frames_follow_each_other_on_one_plate_and_close_in_time():
    plates = np.array(["a", "a", "a", "b", "b", "a"])
    seconds = np.array([1.0, 1.04, 1.2, 1.24, 1.28, 1.32])

    assert follows(plates, seconds).tolist() == [False, True, False, False, True, False]
    assert follows(plates[:1], seconds[:1]).tolist() == [False]


def test_thinned_training_pairs_are_consecutive_only_without_a_break_between_them():
    result = numbered(breaks=(3,)).thinned(2)

    assert result.truth[:, 0, 0, 0].tolist() == [0, 2, 4, 6]
    assert result.follows.tolist() == [False, True, False, True]


def test_faces_of_a_clip_are_aligned_whatever_their_crops():
    result = numbered()
    shown = sample_batch(result, result.clips(2), 4, 64, torch.Generator().manual_seed(0))

    assert np.diff(shown.rows.reshape(-1, 2)).ravel().tolist() == [1, 1]
    assert shown.corners.tolist() == [[0, 0], [1, 0], [0, 0], [1, 0]]
    first, second = shown.shown[0, -2], shown.shown[1, -2]
    torch.testing.assert_close(first[:, 1:20], second[:, 1:20])


def test_training_pairs_of_a_clip_are_shown_in_one_light():
    result = numbered()
    result = replace(result, truth=torch.ones_like(result.truth))

    lit = sample_batch(result, result.clips(2), 4, 64, torch.Generator().manual_seed(0)).truth[
        ..., 5, 5
    ]

    assert torch.equal(lit[0], lit[1]) and torch.equal(lit[2], lit[3])
    assert not torch.equal(lit[0], lit[2])


def test_the_same_seed_gives_the_same_network_and_without_a_discriminator_another(clock):
    first = run()

    assert same(first, run())
    assert not same(first, run(replace(CONFIG, adversarial=None)))


def test_a_discriminator_that_is_still_learning_leaves_the_network_as_it_was(clock):
    result = run(replace(CONFIG, steps=6, adversarial=AdversarialConfig(alone=6)))

    assert result.steps == 6
    assert result.network.answer.weight.abs().max() == 0


def test_a_training_with_a_discriminator_cut_off_ends_as_one_that_was_not(
    clock, tmp_path, monkeypatch
):
    whole = run()

    again = cut_off_and_again(CONFIG, tmp_path, monkeypatch, every=3, after=7)

    assert again.steps == whole.steps == 9
    assert same(again, whole)


def test_a_checkpoint_without_its_discriminator_is_not_resumed(clock, tmp_path, caplog):
    fresh = run()
    run(kept=tmp_path)
    damaged(tmp_path / STATE, "opponent.picture.score.bias")

    assert same(run(kept=tmp_path), fresh)
    assert "training starts again" in caplog.text


def test_with_a_discriminator_the_last_weights_are_kept_not_those_of_least_loss(clock):
    strange = replace(PAIRS, shown=PAIRS.shown.clone())
    strange.shown[strange.held_out] *= -1

    plain_ = run(replace(CONFIG, adversarial=None, steps=12), pairs=strange)
    adversarial = run(replace(CONFIG, steps=12), pairs=strange)

    assert plain_.network.answer.weight.abs().max() == 0
    assert adversarial.network.answer.weight.abs().max() > 0


def test_clips_of_training_pairs_without_neighbours_are_refused():
    alone = replace(PAIRS, follows=np.zeros(len(PAIRS.held_out), bool))

    with pytest.raises(EngineError, match="follow each other"):
        run(pairs=alone)


def test_an_additional_term_changes_the_training(clock):
    seen = []

    def darker(made, shown_batch):
        seen.append(shown_batch.rows)
        return 5 * made.mean()

    plain_ = run(replace(CONFIG, adversarial=None))
    darkened = run(replace(CONFIG, adversarial=None, terms=(darker,)))

    assert len(seen) == 9
    assert not same(plain_, darkened)
