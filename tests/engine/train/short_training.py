"""Trainings of a few steps, interrupted, saved and damaged: shared by the tests of training."""

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from dubsync.core.errors import Cancelled
from dubsync.core.progress import silent
from dubsync.engine.network.mouth_net import GUIDES, Inputs
from dubsync.engine.train import schedule
from dubsync.engine.train.schedule import TrainingConfig, train_network
from dubsync.engine.train.training_pairs import TrainingPairs

CPU = torch.device("cpu")
CONFIG = TrainingConfig(network="T", seconds=18, name="Ada", key="one")
TINT = np.array([0.15, -0.1, 0.05], np.float32)


def tinted_pairs(count=12, side=16):
    """Training pairs whose fused picture has the same wrong tint; the last quarter held out."""
    rng = np.random.default_rng(0)
    inputs = []
    for _ in range(count):
        truth = rng.uniform(0.2, 0.8, (side, side, 3)).astype(np.float32)
        matte = np.zeros((side, side), np.float32)
        matte[3:-3, 3:-3] = 1
        wrong = truth + TINT * matte[..., None]
        guides = np.zeros((side, side, GUIDES), np.float32)
        inputs.append(Inputs(wrong, wrong, wrong, truth, matte, guides))
    held = np.arange(count) >= count * 3 // 4
    return TrainingPairs.of(inputs, held, np.ones(count, np.float32), np.arange(count) % 6 > 0)


PAIRS = tinted_pairs()


def run(config=CONFIG, kept=None, progress=silent, pairs=PAIRS):
    return train_network(config, pairs, device=CPU, kept=kept, progress=progress)


def cut_off_after(steps):
    """A progress callback that stops a training after so many steps."""
    reported = []

    def progress(step):
        reported.append(step)
        if len(reported) == steps:
            raise Cancelled

    return progress


def cut_off_and_again(config, folder, monkeypatch, *, every, after, progress=silent):
    """The result of a training that is interrupted after `after` steps and started again.

    every  seconds between checkpoints
    """
    monkeypatch.setattr(schedule, "KEEP_S", every)
    with pytest.raises(Cancelled):
        run(config, kept=folder, progress=cut_off_after(after))
    return run(config, kept=folder, progress=progress)


def same(one, other):
    """Whether two trainings ended with the same weights."""
    arrays = one.network.arrays()
    return all(np.array_equal(a, other.network.arrays()[name]) for name, a in arrays.items())


def damaged(path, how):
    """Damage a checkpoint: empty, short, noise, no facts, or without the array named."""
    data = path.read_bytes()
    if how == "empty":
        path.write_bytes(b"")
    elif how == "short":
        path.write_bytes(data[: len(data) // 2])
    elif how == "noise":
        path.write_bytes(np.random.default_rng(0).bytes(len(data)))
    else:
        with safe_open(path, "pt") as file:
            facts = file.metadata()
        tensors = load_file(path)
        if how == "no facts":
            facts = {}
        else:
            del tensors[how]
        save_file(tensors, path, metadata=facts)
