"""Everything that is torch follows the device: drawn "elsewhere", a face is the same face."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dubsync.core.progress import silent
from dubsync.engine.motion.fit import fit
from dubsync.engine.network.mouth_net import MouthNet
from dubsync.engine.render.renderer import prepare
from dubsync.engine.train.discriminator import AdversarialConfig
from dubsync.engine.train.schedule import TrainingConfig, train_network
from tests.engine.network import textured_footage
from tests.engine.network.textured_footage import TexturedPlate, talking_track
from tests.engine.second_device import THERE, SecondDevice
from tests.engine.train.short_training import PAIRS

CPU = torch.device("cpu")
FRAMES = 3


@pytest.fixture(scope="module")
def actor():
    """A trained actor whose network certainly changes the picture."""
    learnt = textured_footage.trained()
    network = MouthNet("T").eval()
    with torch.no_grad():
        network.answer.bias += 0.1
    return replace(learnt, renderer=replace(learnt.renderer, network=network))


def test_a_tensor_of_the_processor_does_not_meet_one_of_the_device():
    with SecondDevice(), pytest.raises(AssertionError, match="meets a tensor of the processor"):
        torch.ones(2, 2).to(THERE) + torch.ones(2, 2)


def test_the_device_has_no_64_bit_floats():
    with SecondDevice(), pytest.raises(AssertionError, match="64-bit"):
        torch.ones(2, dtype=torch.float64).to(THERE)


def drawn(actor, device, **how):
    plate = TexturedPlate(talking_track(FRAMES, seed=3))
    original = fit(plate.track, actor.model)
    wanted = fit(talking_track(FRAMES, seed=8), actor.model)
    corrected = replace(original, mouth=wanted.mouth)
    weight = np.ones(FRAMES, np.float32)
    # The bank of an actor is the same object; a network moves in place.
    own = replace(actor, renderer=replace(actor.renderer, network=copy_of(actor.renderer.network)))
    draw = prepare(own, plate.track, original, corrected, weight, renderer="actor", device=device)
    return draw(list(plate.frames()))


def copy_of(network):
    return MouthNet.from_arrays(network.arrays())


def test_a_face_is_drawn_on_the_device_as_on_the_processor(actor):
    here = drawn(actor, CPU)
    with SecondDevice() as device:
        there = drawn(actor, THERE)

    assert len(there) == FRAMES
    for one, other in zip(here, there, strict=True):
        shown = other.matte > 0
        np.testing.assert_array_equal(one.matte, other.matte)
        # A network pads further there; the pictures differ by less than a code of 10 bits.
        assert np.abs(one.rgb - other.rgb)[shown].max() < 1 / 1023
    print(device.copies)


@pytest.mark.parametrize("clips", [None, AdversarialConfig(frames=2, alone=1)])
def test_a_network_is_trained_on_the_device_as_on_the_processor(clips):
    config = TrainingConfig("T", 0, "Ada", "one", steps=4, adversarial=clips)
    here = train_network(config, PAIRS, device=CPU, kept=None, progress=silent)
    with SecondDevice() as device:
        there = train_network(config, PAIRS, device=THERE, kept=None, progress=silent)
        arrays = there.network.arrays()

    assert there.curve[-1][1] == pytest.approx(here.curve[-1][1], rel=1e-4)
    for name, values in here.network.arrays().items():
        np.testing.assert_allclose(arrays[name], values, atol=2e-4)
    print(device.copies)
