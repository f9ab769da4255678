"""A trained renderer improves a warped exemplar at any size, and reads back completely."""

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


def perturbed(renderer):
    """The renderer with a network that certainly changes the picture."""
    network = MouthNet("T").eval()
    with torch.no_grad():
        network.answer.bias += 0.2
    return replace(renderer, network=network)


def inputs_of(actor, n=4, times=1.0):
    """Sheet, exemplar, pose and flat plate of the bank's frame `n`, drawn `times` as large."""
    unit = actor.renderer.unit * times
    pictures, points = make_pairs.scaled(actor.bank, unit)
    sheet = LAYERS.sheet_of_exemplar(pictures[n].astype(np.float16), points[n])
    exemplar = np.asarray(np.clip(sheet.plate * 0.9, 0, 1), np.float32)
    flat, seen = actor.renderer.regression.plane.flatten(pictures[n], points[n])
    return sheet, exemplar, actor.bank.pose.features[n], flat, seen


def drawn(renderer, actor):
    picture, _ = renderer.draw(*inputs_of(actor))
    return picture


def test_a_renderer_reads_back_and_draws_the_same(actor):
    renderer = perturbed(actor.renderer)
    arrays = {name: a.copy() for name, a in renderer.arrays().items()}

    again = LearnedRenderer.from_arrays(actor.bank.model, arrays)

    np.testing.assert_array_equal(drawn(again, actor), drawn(renderer, actor))
    assert np.abs(drawn(renderer, actor) - drawn(actor.renderer, actor)).max() > 0.02


def test_a_renderer_without_a_network_reads_back_without_one(actor):
    plain = replace(actor.renderer, network=None)

    assert LearnedRenderer.from_arrays(actor.bank.model, plain.arrays()).network is None


def test_a_renderer_with_zero_shares_keeps_the_exemplar(actor):
    px = actor.renderer.regression.plane.px
    unsure = replace(actor.renderer, fusion=fusion.exemplar_only(px), network=None)

    np.testing.assert_allclose(drawn(unsure, actor), inputs_of(actor)[1], atol=1e-6)


def test_the_predicted_face_brings_a_wrong_exemplar_nearer_to_the_truth(actor):
    plain = replace(actor.renderer, network=None)
    plane = plain.regression.plane
    sure = replace(plain.fusion, shares=np.ones((2, plane.px, plane.px), np.float32))
    sheet, exemplar, *_ = inputs_of(actor)

    made = drawn(replace(plain, fusion=sure), actor)

    where = sheet.matte > 127
    before, after = (np.abs(p - sheet.plate)[where].mean() for p in (exemplar, made))
    assert after < 0.7 * before


def test_a_larger_face_is_drawn_at_the_size_trained_at_and_keeps_its_own_detail(actor):
    small = replace(perturbed(actor.renderer), unit=actor.renderer.unit * 0.5)
    sheet, exemplar, pose, flat, seen = inputs_of(actor)

    pictures = small.picture_pair(sheet, exemplar, small.regression.predict(pose, flat, seen))
    made = drawn(small, actor)

    assert pictures.exemplar.shape[0] == pytest.approx(exemplar.shape[0] / 2, abs=1)
    assert made.shape == exemplar.shape
    detail = np.random.default_rng(0).normal(size=exemplar.shape).astype(np.float32) * 0.02
    checks = detail - cv2.GaussianBlur(detail, (0, 0), 1.5)
    with_grain, _ = small.draw(sheet, exemplar + checks, pose, flat, seen)
    assert np.corrcoef((with_grain - made).ravel(), checks.ravel())[0, 1] > 0.9


def test_the_network_is_not_shown_the_plates_mouth(actor):
    sheet, exemplar, pose, flat, seen = inputs_of(actor)
    hidden = replace(sheet, plate=np.where(sheet.matte[..., None] > 0, np.float32(1), sheet.plate))
    predicted = actor.renderer.regression.predict(pose, flat, seen)
    pairs = (actor.renderer.picture_pair(s, exemplar, predicted) for s in (sheet, hidden))
    one, other = (
        actor.renderer.inputs(s, pictures).stacked()
        for s, pictures in zip((sheet, hidden), pairs, strict=True)
    )

    np.testing.assert_array_equal(one, other)


def test_drawing_changes_none_of_what_it_is_given(actor):
    sheet, exemplar, pose, flat, seen = inputs_of(actor)
    kept = [a.copy() for a in (sheet.plate, exemplar, pose, flat)]

    perturbed(actor.renderer).draw(sheet, exemplar, pose, flat, seen)

    for before, after in zip(kept, (sheet.plate, exemplar, pose, flat), strict=True):
        np.testing.assert_array_equal(before, after)


def test_the_error_estimate_of_a_plate_follows_its_frames(actor):
    sheet, exemplar, *rest = inputs_of(actor)
    far = np.asarray(np.clip(exemplar + 0.3, 0, 1), np.float32)

    _, first = actor.renderer.draw(sheet, exemplar, *rest)
    _, second = actor.renderer.draw(sheet, far, *rest, first)

    assert first.shape == (2, 2)
    assert first[0, 1] < second[0, 1]
