"""The U-Net baseline: trained within its time limit, drawn through the same matte."""

import time

import numpy as np
import pytest
import torch

from dubsync.core.errors import ModelError
from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.engine.baselines import inpainting
from dubsync.engine.baselines.inpainting import build_unet
from dubsync.engine.baselines.unet import INPUTS, UNet
from tests.engine.exemplars.drawn_footage import DrawnPlate, drawn_track

JAW = np.tile([0.0, 0.3, 0.7, 1.0, 0.6, 0.2], 12)


@pytest.fixture(scope="module")
def engine():
    return build_unet(EngineSettings(device="cpu", exemplars=24))


@pytest.fixture(scope="module")
def learnt(engine):
    return engine.learn("Ada", [DrawnPlate(drawn_track(JAW)).footage()], progress=silent)


@pytest.fixture(scope="module")
def trained(engine, learnt):
    return engine.train(learnt, minutes=0.05, size=160, kept=None, progress=silent)


def drawn(engine, actor, plate):
    track = plate.track
    motion = engine.fit(track, actor)
    weight = np.ones(len(track.frames), np.float32)
    draw = engine.prepare(actor, track, motion, motion, weight, renderer="actor")
    return draw(plate.frames())


def test_the_network_has_about_0_7_million_weights():
    assert 0.6e6 < sum(p.numel() for p in UNet().parameters()) < 0.8e6
    assert UNet()(torch.zeros(1, INPUTS, 32, 48)).shape == (1, 3, 32, 48)


def test_training_stops_at_its_time_limit_and_reports_its_steps(engine, learnt, trained):
    assert trained is not None  # torch has loaded its optimizers by now, which takes seconds
    steps = []
    began = time.monotonic()
    actor = engine.train(learnt, minutes=0.02, size=160, kept=None, progress=steps.append)

    assert time.monotonic() - began < 10
    assert actor.training["steps"] >= 1
    assert steps[-1].done == steps[-1].total
    assert (actor.character, actor.basis) == (learnt.character, learnt.basis)


def test_patches_lie_where_the_warps_do_and_hold_colours(engine, trained):
    plate = DrawnPlate(drawn_track(JAW[:3], seed=3))

    patches = drawn(engine, trained, plate)

    for patch, frame in zip(patches, plate.frames(), strict=True):
        assert patch.matte.max() == 255
        assert 0 <= patch.rgb.min() <= patch.rgb.max() <= 1
        composed = engine.composite(frame, [patch])
        assert not composed.matte[:40].any()


def test_a_face_twice_as_large_is_drawn_at_its_own_size(engine, trained):
    from dataclasses import replace

    plate = DrawnPlate(drawn_track(JAW[:2], seed=3))
    small = replace(trained, unit=trained.unit / 2)

    patch = drawn(engine, small, plate)[0]

    assert patch.rgb.shape[:2] == patch.matte.shape
    assert np.isfinite(patch.rgb).all()


def test_no_pixel_under_the_matte_is_read(engine, trained):
    plate = DrawnPlate(drawn_track(JAW[:2], seed=3))
    frames = plate.frames()
    first = drawn(engine, trained, plate)[0]
    hidden = [np.array(p) for p in frames[0].planes]
    for plane in hidden:
        plane[first.region.rows, first.region.columns][first.matte > 0] = 0
    erased = type(frames[0])(frames[0].number, tuple(hidden), frames[0].format)

    motion = engine.fit(plate.track, trained)
    draw = engine.prepare(trained, plate.track, motion, motion, np.ones(2, np.float32))

    np.testing.assert_array_equal(draw([erased])[0].rgb, first.rgb)


def test_an_untrained_actor_is_refused(engine, learnt):
    with pytest.raises(ModelError, match="U-Net"):
        engine.fit(drawn_track(JAW[:2]), learnt)


def test_a_reference_is_at_least_a_second_away_and_one_frame_is_its_own(trained):
    bank = trained.learnt.bank

    for n in range(len(bank)):
        apart = np.abs(bank.seconds[inpainting._others(bank, n)] - bank.seconds[n])
        assert apart.min() >= min(1.0, apart.max())


def test_one_still_is_enough_to_train_on(engine):
    plate = DrawnPlate(drawn_track(JAW[:1]))
    actor = engine.learn("Ada", [plate.footage()], progress=silent)

    trained = engine.train(actor, minutes=0.005, size=0, kept=None, progress=silent)

    assert trained.training["steps"] >= 1
