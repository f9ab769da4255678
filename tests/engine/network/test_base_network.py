"""Every actor's network starts from the weights that ship, and those are the ones we know."""

import numpy as np
import pytest
import torch

from dubsync.core.errors import ModelError
from dubsync.core.progress import silent
from dubsync.engine.network import base_network
from dubsync.engine.network.base_network import TAUGHT, base_weights
from dubsync.engine.network.mouth_net import SHOWN, MouthNet
from dubsync.engine.train.schedule import Course, trained
from dubsync.engine.train.training_pairs import TrainingPairs

CPU = torch.device("cpu")


def test_the_base_is_a_whole_network_that_mends_a_little_and_blurs_nothing():
    network = MouthNet(TAUGHT)
    network.load_state_dict(base_weights(TAUGHT))
    shown = torch.rand((1, SHOWN, 64, 64), generator=torch.Generator().manual_seed(0))
    shown[:, 3:9] *= 0.1

    with torch.no_grad():
        change = network(shown) - (shown[:, :3] + 1) / 2

    assert 1e-4 < float(change.abs().mean()) < 0.1


def test_a_training_begins_from_the_base():
    shown = torch.zeros((4, SHOWN, 16, 16), dtype=torch.float16)
    held = np.arange(4) > 2
    lessons = TrainingPairs(shown, shown[:, :3], held, np.ones(4, np.float32), held)
    start = base_weights(TAUGHT)

    result = trained(
        Course(TAUGHT, 0, "Ada", "one", start=start), lessons,
        device=CPU, kept=None, progress=silent,
    )  # fmt: skip

    assert all(torch.equal(v, start[n]) for n, v in result.network.state_dict().items())


def test_sizes_that_nobody_taught_begin_from_nothing():
    assert base_weights("T") is None and base_weights("L") is None


def test_an_altered_base_is_refused(monkeypatch):
    monkeypatch.setattr(base_network, "DIGEST", "0" * 64)
    base_weights.cache_clear()
    try:
        with pytest.raises(ModelError, match="altered"):
            base_weights(TAUGHT)
    finally:
        base_weights.cache_clear()
