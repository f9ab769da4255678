"""What is torch runs on any device: shown on a second one that needs no hardware.

And `benchmarks.gpu` runs through at small size, so that it is there when a GPU is.
"""

import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from benchmarks.gpu import __main__ as gpu
from benchmarks.gpu import drawing
from dubsync.core.errors import EngineError
from dubsync.core.progress import silent
from dubsync.engine.device import computes_in_half
from dubsync.engine.geometry.lanczos import lanczos
from dubsync.engine.geometry.thin_plate import resample_sharply
from dubsync.engine.network.mouth_net import GUIDES, Inputs, MouthNet
from dubsync.engine.train.discriminator import AdversarialConfig
from dubsync.engine.train.schedule import TrainingConfig, train_network
from tests.engine.second_device import THERE, SecondDevice
from tests.engine.train.short_training import PAIRS

CPU = torch.device("cpu")
FRAMES = 3


def test_a_tensor_of_the_processor_does_not_meet_one_of_the_device():
    with SecondDevice(), pytest.raises(AssertionError, match="meets a tensor of the processor"):
        torch.ones(2, 2).to(THERE) + torch.ones(2, 2)


def test_the_device_has_no_64_bit_floats():
    with SecondDevice(), pytest.raises(AssertionError, match="64-bit"):
        torch.ones(2, dtype=torch.float64).to(THERE)


def test_a_face_is_drawn_on_the_device_as_on_the_processor():
    actor, plate = drawing.actor_at(96, 14)
    first = plate.track.frames.start
    shown = list(plate.frames(range(first, first + FRAMES)))
    here = drawing.renderer_of(actor, plate.track, CPU, half=False)(shown)
    with SecondDevice() as device:
        there = drawing.renderer_of(actor, plate.track, THERE, half=False)(shown)

    assert len(there) == FRAMES
    for one, other in zip(here, there, strict=True):
        matte = other.matte > 0
        np.testing.assert_array_equal(one.matte, other.matte)
        # There a network pads further, which is seen at the edge of what it is given.
        assert np.abs(one.rgb - other.rgb)[matte].max() < 1 / 255
        assert np.abs(one.rgb - other.rgb)[matte].mean() < 0.05 / 255
    # The network's weights once, and what a frame needs: none is fetched to be sent back.
    weights = len(list(actor.renderer.network.parameters()))
    assert device.copies["up"] - weights <= 24 * FRAMES
    assert device.copies["down"] <= 4 * FRAMES


@pytest.mark.parametrize("clips", [None, AdversarialConfig(frames=2, alone=1)])
def test_a_network_is_trained_on_the_device_as_on_the_processor(clips):
    config = TrainingConfig("T", 0, "Ada", "one", steps=3, adversarial=clips)
    here = train_network(config, PAIRS, device=CPU, kept=None, progress=silent)
    with SecondDevice() as device:
        there = train_network(config, PAIRS, device=THERE, kept=None, progress=silent)
        arrays = there.network.arrays()

    assert there.curve[-1][1] == pytest.approx(here.curve[-1][1], rel=1e-4)
    for name, values in here.network.arrays().items():
        np.testing.assert_allclose(arrays[name], values, atol=2e-4)
    # Batches go up, and nothing comes down but what is kept and each validation's loss.
    assert device.copies["down"] <= len(here.network.arrays()) + len(here.curve)


def test_half_precision_trains_to_the_same_loss():
    losses = [
        train_network(
            TrainingConfig("T", 0, "Ada", "one", steps=6, half=half),
            PAIRS, device=CPU, kept=None, progress=silent,
        ).curve[-1][1]
        for half in (False, True)
    ]  # fmt: skip
    assert losses[1] == pytest.approx(losses[0], rel=0.01)


def test_frames_of_several_sizes_are_drawn_together_each_in_its_place():
    rng = np.random.default_rng(1)
    network = MouthNet("T").eval()
    with torch.no_grad():
        network.answer.bias += 0.2

    def made(height, width):
        picture = rng.uniform(0, 1, (4, height, width, 3)).astype(np.float32)
        guides = np.zeros((height, width, GUIDES), np.float32)
        return Inputs(*picture, np.ones((height, width), np.float32), guides)

    frames = [made(*size) for size in ((20, 30), (70, 30), (24, 26), (60, 61))]
    with torch.no_grad():
        alone = [network.picture(one) for one in frames]
        with SecondDevice():
            together = network.to(THERE).pictures(frames)

    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(other, one, atol=2e-3)


def test_the_device_samples_large_faces_as_the_processor_does():
    rng = np.random.default_rng(0)
    picture = torch.from_numpy(rng.uniform(0, 1, (3, 50, 60)).astype(np.float32))
    at = torch.from_numpy(rng.uniform(-5, 65, (40, 40, 2)).astype(np.float32))
    assert (resample_sharply(picture, at) - lanczos(picture, at)).abs().max() < 1e-5


def test_a_precision_that_is_not_there_is_refused():
    assert not computes_in_half("float32", CPU)
    assert computes_in_half("bfloat16", CPU)
    with pytest.raises(EngineError, match="float8"):
        computes_in_half("float8", CPU)


@pytest.fixture(scope="module")
def found():
    """The benchmark's parts at small size, in this process; of those alike one."""
    parts = gpu.parts(CPU, half=False, minutes=0.2, small=True)
    alike = ("network 1024", "network 512, b", "drawing 1024", "UHD")
    return {name: work() for name, work in parts if not name.startswith(alike)}


def test_every_part_of_the_benchmark_gives_its_figures(found):
    assert found["drawing 512"]["frames_a_second"] > 0
    assert found["drawing 512"]["ms_a_frame"]["finish_all"] > 0
    assert found["1080p"]["frames_a_second"] > 0
    assert found["network 512, float32"]["gflop"] > 0
    assert found["training 512"]["steps"] == 2


def test_half_precision_draws_the_same_to_a_code(found):
    (row,) = found["difference"]
    assert (row["precision"], row["device"]) == ("bfloat16", "cpu")
    assert 0 < row["most"] <= 2


def test_goals_that_are_missed_and_parts_not_reached_are_named(found):
    told = gpu.missed({**found, "1080p": {"frames_a_second": 59.0}})
    assert "1080p: 59.0 frames a second of 60" in told
    assert "UHD: not reached" in told


def test_what_takes_too_long_is_stopped():
    began = time.monotonic()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        gpu.Stop(child, 0.05)
    assert time.monotonic() - began < 30
    assert child.returncode != 0
