"""An actor is trained on frames re-made from other moments, and keeps only what improves."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from dubsync.core.errors import Cancelled, EngineError
from dubsync.core.progress import silent
from dubsync.engine import actor as actors
from dubsync.engine.network.mouth_net import MouthNet
from dubsync.engine.train import make_pairs, training
from dubsync.engine.train.schedule import TrainedNetwork
from tests.engine.network import textured_footage
from tests.engine.network.textured_footage import TexturedPlate, talking_track

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def actor():
    return textured_footage.trained()


@cache
def small(most=14, frames=100):
    return textured_footage.learnt(TexturedPlate(talking_track(frames)), most=most)


def train(learnt, minutes=0.0, **how):
    how = {"kept": None, "progress": silent, **how}
    return training.train(learnt, minutes=minutes, size=96, device=CPU, **how)


def test_too_few_frames_are_refused_and_it_says_how_many_are_enough():
    with pytest.raises(EngineError, match="Ada: 11 frames") as refused:
        train(small(most=11))

    assert "12 frames" in refused.value.hint


def test_every_plate_has_metrics_of_both_renderers(actor):
    assert set(actor.held_out) == {"long", "short"}
    for figures in actor.held_out.values():
        assert set(figures) == {"warp", "actor"}
        for result in figures.values():
            assert result.frames >= 1
            assert 0 < result.perceptual < 0.1
            assert 20 < result.psnr_db < 60
            assert 0.3 < result.sharpness < 2
    held = sum(by["actor"].frames for by in actor.held_out.values())
    assert held == actor.training["held_back"]


def test_a_trained_actor_is_the_same_person_with_another_digest(actor):
    plain = small()
    trained = train(plain)

    assert (trained.character, trained.basis) == (plain.character, plain.basis)
    assert trained.digest != plain.digest
    assert trained.bank is plain.bank
    assert plain.renderer is None and not plain.held_out
    assert trained.training["frames"] == len(plain.bank)


def test_a_trained_actor_saves_and_loads_whole(actor, tmp_path):
    actors.save(actor, tmp_path)

    again = actors.load(tmp_path)

    assert again.digest == actor.digest
    assert again.held_out == actor.held_out
    assert again.training == {k: v for k, v in actor.training.items() if k != "strip"}
    assert again.renderer.unit == actor.renderer.unit
    assert (again.renderer.network is None) == (actor.renderer.network is None)
    assert {p.name for p in tmp_path.iterdir()} == {actors.FACTS, actors.WEIGHTS, actors.PICTURES}


def test_a_network_that_does_worse_is_dropped(monkeypatch):
    bad = MouthNet("T").eval()
    with torch.no_grad():
        bad.answer.bias += 0.5

    monkeypatch.setattr(
        training, "train_network", lambda *_, **__: TrainedNetwork(bad, 9, 9, ((0.0, 1.0),))
    )
    result = train(small())

    assert result.renderer.network is None
    assert result.training["network"] is None
    without = train(replace(small(), renderer=None))
    assert result.held_out == without.held_out


def test_an_untrained_network_gains_nothing_and_is_dropped():
    assert train(small(), minutes=0.0).renderer.network is None


@pytest.mark.parametrize(("frames", "most"), [(150, 30), (60, 24), (40, 14), (12, 12)])
def test_no_frame_is_re_made_from_its_own_moment(frames, most):
    bank = small(most, frames).bank

    nearest, shares = make_pairs._exemplars_for(bank)

    apart = np.abs(bank.seconds[nearest] - bank.seconds[:, None])
    farthest = np.abs(bank.seconds[:, None] - bank.seconds[None]).max(axis=1)
    used = np.where(shares > 0, apart, np.inf).min(axis=1)
    assert (used >= np.where(farthest >= 1, 1.0, 0.2)).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)


def test_time_blocks_divide_the_time_of_every_plate(actor):
    bank = actor.bank
    result = make_pairs.time_blocks(bank)

    for plate in ("long", "short"):
        rows = np.array(bank.plates) == plate
        order = np.argsort(bank.seconds[rows])
        assert (np.diff(result[rows][order]) >= 0).all()
        assert set(result[rows]) == set(range(make_pairs.TIME_BLOCKS))


def test_training_stops_when_cancelled():
    def stop(step):
        if step.done:
            raise Cancelled

    with pytest.raises(Cancelled):
        train(small(), minutes=1, progress=stop)


def test_a_checkpoint_is_resumed_but_not_by_another_actor(tmp_path):
    learnt = small()
    # No time beyond what preparing takes; then the same training again, and another actor's.
    first = train(learnt, minutes=0.1, kept=tmp_path)
    again = train(learnt, minutes=0.0, kept=tmp_path)
    other = train(small(most=13), minutes=0.0, kept=tmp_path)

    assert again.training["steps"] == first.training["steps"] > 0
    assert other.training["steps"] == 0
