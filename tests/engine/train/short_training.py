"""Trainings of a few steps, cut off, kept and spoilt: what the tests of training share."""

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from dubsync.core.errors import Cancelled
from dubsync.core.progress import silent
from dubsync.engine.network.mouth_net import GUIDES, Inputs
from dubsync.engine.train import schedule
from dubsync.engine.train.schedule import Course, trained
from dubsync.engine.train.training_pairs import TrainingPairs

CPU = torch.device("cpu")
COURSE = Course(network="T", seconds=18, name="Ada", key="one")
TINT = np.array([0.15, -0.1, 0.05], np.float32)


def lessons(count=12, side=16):
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


TAUGHT = lessons()


def run(course=COURSE, kept=None, progress=silent, taught=TAUGHT):
    return trained(course, taught, device=CPU, kept=kept, progress=progress)


def cut_off_after(steps):
    """A progress that stops a training after so many steps."""
    told = []

    def progress(step):
        told.append(step)
        if len(told) == steps:
            raise Cancelled

    return progress


def cut_off_and_again(course, folder, monkeypatch, *, every, after, progress=silent):
    """What becomes of a training that is cut off after `after` steps and asked again.

    every  seconds between keepings of its state
    """
    monkeypatch.setattr(schedule, "KEEP_S", every)
    with pytest.raises(Cancelled):
        run(course, kept=folder, progress=cut_off_after(after))
    return run(course, kept=folder, progress=progress)


def same(one, other):
    """Whether two trainings ended with the same weights."""
    arrays = one.network.arrays()
    return all(np.array_equal(a, other.network.arrays()[name]) for name, a in arrays.items())


def damaged(path, how):
    """Spoil a kept state: empty, short, noise, no facts, or without the array named."""
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
