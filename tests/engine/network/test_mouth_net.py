"""Untrained, the network changes nothing; trained, it never sees the plate's mouth."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import ModelError
from dubsync.engine.network.mouth_net import (
    CHANNELS,
    INPUT_CHANNELS,
    Inputs,
    MouthNet,
    flops,
    guides,
    size_for,
)
from dubsync.engine.train import losses
from tests.engine.exemplars.drawn_footage import EYE_PX, HEIGHT, WIDTH, drawn_track


def inputs_of(height=24, width=36, seed=0):
    rng = np.random.default_rng(seed)
    pictures = rng.uniform(size=(4, height, width, 3)).astype(np.float32)
    matte = np.zeros((height, width), np.float32)
    matte[height // 4 : -height // 4, width // 4 : -width // 4] = rng.uniform(0.01, 1)
    points = drawn_track([0.4]).landmarks[0]
    drawn = guides(points * (width / WIDTH), (height, width), EYE_PX * width / WIDTH)
    return Inputs(*pictures, matte, drawn)


def perturbed(size, seed=0, height=0.05):
    """A network all of whose weights were changed."""
    network = MouthNet(size).eval()
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in network.parameters():
            weight += height * torch.randn(weight.shape, generator=rng)
    return network


def picture(network, inputs):
    with torch.no_grad():
        return network.picture(inputs)


@pytest.mark.parametrize("size", CHANNELS)
@pytest.mark.parametrize("sides", [(32, 48), (17, 33)])
def test_an_untrained_network_returns_the_fused_picture(size, sides):
    inputs = inputs_of(*sides)

    made = picture(MouthNet(size).eval(), inputs)

    np.testing.assert_allclose(made, inputs.fused, atol=1e-6)


def test_an_untrained_network_has_a_gradient():
    network = MouthNet("T")
    shown = torch.from_numpy(inputs_of(32, 48).stacked())[None]

    (network(shown) - 0.3).abs().mean().backward()

    assert network.answer.weight.grad.abs().max() > 0


@pytest.mark.parametrize("size", ["T", "S"])
def test_a_perturbed_network_reads_back_and_draws_the_same(size):
    network, inputs = perturbed(size), inputs_of()

    again = MouthNet.from_arrays(network.arrays())

    made = picture(network, inputs)
    assert np.abs(made - inputs.fused).max() > 1e-3
    np.testing.assert_array_equal(picture(again, inputs), made)


def wrong(change):
    arrays = MouthNet("T").arrays()
    change(arrays)
    return arrays


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.clear(),
        lambda a: a.pop("size.T"),
        lambda a: a.update({"size.S": np.zeros(1, np.float32)}),
        lambda a: a.update({"size.S": a.pop("size.T")}),
        lambda a: a.pop("answer.weight"),
        lambda a: a.update({"answer.weight": np.zeros((2, 2), np.float32)}),
        lambda a: a.update({"answer.more": np.zeros(1, np.float32)}),
    ],
)
def test_weights_of_anything_else_are_refused(change):
    with pytest.raises(ModelError):
        MouthNet.from_arrays(wrong(change))


@settings(max_examples=25)
@given(st.integers(0, 999))
def test_the_plate_under_the_matte_is_never_in_the_inputs(seed):
    inputs = inputs_of(seed=seed)
    hidden = np.where(inputs.matte[..., None] > 0, np.float32(seed), inputs.plate)
    other = np.where(inputs.matte[..., None] > 0, inputs.plate, np.float32(seed + 0.5))

    stacked = inputs.stacked()

    assert stacked.shape == (INPUT_CHANNELS, *inputs.matte.shape)
    np.testing.assert_array_equal(replace(inputs, plate=hidden).stacked(), stacked)
    assert (replace(inputs, plate=other).stacked() != stacked).any()


def test_a_network_draws_a_picture_of_any_size_alike_inside():
    network = perturbed("T", height=0.02)
    inputs = inputs_of(40, 48)
    cut = Inputs(*(getattr(inputs, name)[:37, :45] for name in Inputs.__slots__))

    whole, part = picture(network, inputs), picture(network, cut)

    assert part.shape == (37, 45, 3)
    np.testing.assert_allclose(part[:12, :20], whole[:12, :20], atol=2e-3)


@pytest.mark.parametrize("size", CHANNELS)
def test_twice_the_sides_cost_four_times_the_work(size):
    step = MouthNet(size).step

    assert flops(size, 4 * step, 2 * step) == 4 * flops(size, 2 * step, step)
    assert flops(size, 2 * step - 1, step) == flops(size, 2 * step, step)


def test_a_wider_face_never_gets_a_smaller_network():
    order = list(CHANNELS)
    sizes = [order.index(size_for(px)) for px in range(16, 1100, 8)]

    assert sizes == sorted(sizes)
    assert set(sizes) == set(range(len(order)))


def test_guides_say_where_lips_and_jaw_shall_be():
    points = drawn_track([0.8]).landmarks[0]
    drawn = guides(points, (HEIGHT, WIDTH), EYE_PX)
    x, y = points[[13, 14], :2].mean(axis=0).astype(int)
    forehead = tuple(points[10, :2].astype(int)[::-1])

    assert (drawn[y, x, :3] > 0).all()
    assert (drawn[forehead][:3] < 0).all()
    assert drawn.min() >= -1 and drawn.max() <= 1
    lip = points[17, :2].astype(int)
    assert drawn[lip[1] - 1, lip[0], 0] > 0 > drawn[lip[1] - 1, lip[0], 1]


@pytest.mark.parametrize("loss", [losses.pyramid, losses.texture])
def test_only_the_truth_itself_has_no_loss_and_worse_has_more(loss):
    truth = torch.rand((2, 3, 32, 40), generator=torch.Generator().manual_seed(0))
    apart = torch.randn(truth.shape, generator=torch.Generator().manual_seed(1))

    result = [float(loss(truth + share * apart, truth)) for share in (0, 0.05, 0.2)]

    assert result[0] == 0
    assert 0 < result[1] < result[2]


def test_the_texture_loss_counts_blur_and_not_where_detail_lies():
    rng = torch.Generator().manual_seed(0)
    truth, other = (torch.rand((1, 3, 64, 64), generator=rng) for _ in range(2))
    blurred = torch.nn.functional.avg_pool2d(truth, 3, stride=1, padding=1)

    assert losses.texture(other, truth) < 0.3 * losses.texture(blurred, truth)
    assert losses.pyramid(other, truth) > losses.pyramid(blurred, truth)
