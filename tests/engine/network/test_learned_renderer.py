"""A trained look adds to a bent exemplar what it is sure of, at any size, and reads back whole."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from dubsync.engine.exemplars.layers import Layers
from dubsync.engine.network import fusion
from dubsync.engine.network.learned_renderer import LearnedRenderer
from dubsync.engine.network.mouth_net import MouthNet
from dubsync.engine.train import make_pairs
from tests.engine.network import textured_footage

LAYERS = Layers(torch.device("cpu"), keep_skin=False)


@pytest.fixture(scope="module")
def actor():
    return textured_footage.trained()


def stirred(look):
    """The look with a network that certainly changes the picture."""
    network = MouthNet("T").eval()
    with torch.no_grad():
        network.answer.bias += 0.2
    return replace(look, network=network)


def asked(actor, n=4, times=1.0):
    """Sheet, exemplar, pose and flat plate of the bank's frame `n`, drawn `times` as large."""
    unit = actor.look.unit * times
    pictures, points = make_pairs.scaled(actor.bank, unit)
    sheet = LAYERS.sheet_of_exemplar(pictures[n].astype(np.float16), points[n])
    exemplar = np.asarray(np.clip(sheet.plate * 0.9, 0, 1), np.float32)
    flat, seen = actor.look.regression.plane.laid_flat(pictures[n], points[n])
    return sheet, exemplar, actor.bank.looks.features[n], flat, seen


def drawn(look, actor):
    picture, _ = look.drawn(*asked(actor))
    return picture


def test_a_look_reads_back_and_draws_the_same(actor):
    look = stirred(actor.look)
    arrays = {name: a.copy() for name, a in look.arrays().items()}

    again = LearnedRenderer.from_arrays(actor.bank.model, arrays)

    np.testing.assert_array_equal(drawn(again, actor), drawn(look, actor))
    assert np.abs(drawn(look, actor) - drawn(actor.look, actor)).max() > 0.02


def test_a_look_without_a_network_reads_back_without_one(actor):
    plain = replace(actor.look, network=None)

    assert LearnedRenderer.from_arrays(actor.bank.model, plain.arrays()).network is None


def test_a_look_that_is_sure_of_nothing_keeps_the_exemplar(actor):
    unsure = replace(
        actor.look, fusion=fusion.none(actor.look.regression.plane.px), network=None
    )  # fmt: skip

    np.testing.assert_allclose(drawn(unsure, actor), asked(actor)[1], atol=1e-6)


def test_what_is_predicted_brings_a_wrong_exemplar_nearer_to_the_truth(actor):
    plain = replace(actor.look, network=None)
    plane = plain.regression.plane
    sure = replace(plain.fusion, shares=np.ones((2, plane.px, plane.px), np.float32))
    sheet, exemplar, *_ = asked(actor)

    made = drawn(replace(plain, fusion=sure), actor)

    where = sheet.matte > 127
    before, after = (np.abs(p - sheet.plate)[where].mean() for p in (exemplar, made))
    assert after < 0.7 * before


def test_a_larger_face_is_drawn_at_the_size_trained_at_and_keeps_its_own_detail(actor):
    small = replace(stirred(actor.look), unit=actor.look.unit * 0.5)
    sheet, exemplar, pose, flat, seen = asked(actor)

    pair = small.paired(sheet, exemplar, small.regression.predicted(pose, flat, seen))
    made = drawn(small, actor)

    assert pair.exemplar.shape[0] == pytest.approx(exemplar.shape[0] / 2, abs=1)
    assert made.shape == exemplar.shape
    detail = np.random.default_rng(0).normal(size=exemplar.shape).astype(np.float32) * 0.02
    checks = detail - cv2.GaussianBlur(detail, (0, 0), 1.5)
    grained, _ = small.drawn(sheet, exemplar + checks, pose, flat, seen)
    assert np.corrcoef((grained - made).ravel(), checks.ravel())[0, 1] > 0.9


def test_the_network_is_not_shown_the_plates_mouth(actor):
    sheet, exemplar, pose, flat, seen = asked(actor)
    hidden = replace(sheet, plate=np.where(sheet.matte[..., None] > 0, np.float32(1), sheet.plate))
    predicted = actor.look.regression.predicted(pose, flat, seen)
    pairs = (actor.look.paired(s, exemplar, predicted) for s in (sheet, hidden))
    one, other = (
        actor.look.inputs(s, pair).stacked() for s, pair in zip((sheet, hidden), pairs, strict=True)
    )

    np.testing.assert_array_equal(one, other)


def test_drawing_changes_none_of_what_it_is_given(actor):
    sheet, exemplar, pose, flat, seen = asked(actor)
    kept = [a.copy() for a in (sheet.plate, exemplar, pose, flat)]

    stirred(actor.look).drawn(sheet, exemplar, pose, flat, seen)

    for before, after in zip(kept, (sheet.plate, exemplar, pose, flat), strict=True):
        np.testing.assert_array_equal(before, after)


def test_what_is_known_of_a_plate_follows_its_frames(actor):
    sheet, exemplar, *rest = asked(actor)
    far = np.asarray(np.clip(exemplar + 0.3, 0, 1), np.float32)

    _, first = actor.look.drawn(sheet, exemplar, *rest)
    _, second = actor.look.drawn(sheet, far, *rest, first)

    assert first.shape == (2, 2)
    assert first[0, 1] < second[0, 1]
