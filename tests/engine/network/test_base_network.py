"""Every actor's network starts from the weights that ship, and their digest is checked."""

import numpy as np
import pytest
import torch

from dubsync.core.errors import ModelError
from dubsync.core.progress import silent
from dubsync.engine.network import base_network
from dubsync.engine.network.base_network import TRAINED_SIZE, base_weights
from dubsync.engine.network.mouth_net import INPUT_CHANNELS, MouthNet
from dubsync.engine.train.schedule import TrainingConfig, train_network
from dubsync.engine.train.training_pairs import TrainingPairs

CPU = torch.device("cpu")


def test_the_base_is_a_complete_network_that_makes_small_changes():
    network = MouthNet(TRAINED_SIZE)
    network.load_state_dict(base_weights(TRAINED_SIZE))
    shown = torch.rand((1, INPUT_CHANNELS, 64, 64), generator=torch.Generator().manual_seed(0))
    shown[:, 3:9] *= 0.1

    with torch.no_grad():
        change = network(shown) - (shown[:, :3] + 1) / 2

    assert 1e-4 < float(change.abs().mean()) < 0.1


def test_a_training_starts_from_the_base():
    shown = torch.zeros((4, INPUT_CHANNELS, 16, 16), dtype=torch.float16)
    held = np.arange(4) > 2
    pairs = TrainingPairs(shown, shown[:, :3], held, np.ones(4, np.float32), held)
    start = base_weights(TRAINED_SIZE)

    result = train_network(
        TrainingConfig(TRAINED_SIZE, 0, "Ada", "one", start=start), pairs,
        device=CPU, kept=None, progress=silent,
    )  # fmt: skip

    assert all(torch.equal(v, start[n]) for n, v in result.network.state_dict().items())


def test_sizes_without_a_base_start_from_scratch():
    assert base_weights("T") is None and base_weights("L") is None


def test_an_altered_base_is_refused(monkeypatch):
    monkeypatch.setattr(base_network, "DIGEST", "0" * 64)
    base_weights.cache_clear()
    try:
        with pytest.raises(ModelError, match="altered"):
            base_weights(TRAINED_SIZE)
    finally:
        base_weights.cache_clear()
