"""Training of the sound head, which all actors share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from dubsync.core.arrays import Array
from dubsync.engine.motion.fit import CHANNELS
from dubsync.engine.sound.sound_head import DILATIONS, SHAPES, STEPS, Head, named

Values = NDArray[np.float64]

#: Loss weight of each channel: opening, width and jaw are the most visible.
CHANNEL_WEIGHTS = tuple(1.0 if name in ("opening", "width", "jaw") else 0.5 for name in CHANNELS)
MOST = 4.0  #: standard deviations beyond which a mouth is a tracking error
RUN_S = 2.0  #: length of a training excerpt
DECAY = 0.01
INPUT_DROPOUT, HIDDEN_DROPOUT = 0.2, 0.2  #: dropout rates
PACE = 0.12  #: augmentation: tempo varies by up to this much (natural logarithm)
ANOTHER_VOICE = 0.3  #: augmentation: deviation of a constant that is added to an excerpt's inputs


@dataclass(frozen=True, slots=True, eq=False)
class TrainingPair:
    """One clip of one person, STEPS a second.

    inputs  (N, 64)  see `sound_head.head_inputs`
    mouth   (N, 7)   channels in the person's own measure
    seen    (N,)     1 where the mouth is seen, else 0
    """

    inputs: Values
    mouth: Values
    seen: Values


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Optimiser steps, highest learning rate, and batch size (`at_once`)."""

    steps: int
    rate: float
    at_once: int


FROM_SCRATCH = TrainingConfig(200, 3e-3, 16)


def train_from_scratch(
    pairs: Sequence[TrainingPair], seeds: Sequence[int], config: TrainingConfig = FROM_SCRATCH
) -> Head:
    """A new head, one network per seed."""
    inputs = np.concatenate([pair.inputs for pair in pairs])
    level, spread = inputs.mean(axis=0), inputs.std(axis=0) + 0.3
    weights = np.stack([_initial_weights(seed) for seed in seeds])
    start = Head(*(np.asarray(v, np.float32) for v in (level, spread, weights)))
    return train(start, pairs, config, seeds)


def train(
    head: Head, pairs: Sequence[TrainingPair], config: TrainingConfig, seeds: Sequence[int]
) -> Head:
    """`head` trained further, network by network; the same seeds give the same bits.

    Adam with decoupled weight decay, one cycle of the learning rate (Loshchilov, Hutter 2019;
    Smith, Topin 2018), on the weighted squared error of each channel.
    """
    normalised = [
        TrainingPair(head.normalised(one.inputs), np.clip(one.mouth, -MOST, MOST), one.seen)
        for one in pairs
    ]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # another order of summation would change bits
    try:
        networks = [
            _train_network(weights, normalised, config, seed)
            for weights, seed in zip(head.weights, seeds, strict=True)
        ]
    finally:
        torch.set_num_threads(threads)
    return Head(head.level, head.spread, np.stack(networks))


def _initial_weights(seed: int) -> Array:
    """Random initial weights: scaled by the number of inputs, the later layers smaller."""
    rng = np.random.default_rng(seed)
    parts = []
    for name, shape in SHAPES.items():
        size = 0.0 if name.endswith("bias") else (int(np.prod(shape[:-1])) * 3) ** -0.5
        size *= {"narrow": 0.5, "last": 0.3}.get(name.rstrip("0123456789"), 1.0)
        parts.append(rng.uniform(-1, 1, int(np.prod(shape))) * size)
    return np.asarray(np.concatenate(parts), np.float32)


def _train_network(
    weights: Array, pairs: Sequence[TrainingPair], config: TrainingConfig, seed: int
) -> Array:
    """One trained network."""
    rng = np.random.default_rng(seed)
    dropout_rng = torch.Generator().manual_seed(seed)
    parameters = {
        name: torch.tensor(part.copy(), requires_grad=True)
        for name, part in named(np.asarray(weights)).items()
    }
    optimiser = torch.optim.AdamW(parameters.values(), config.rate, weight_decay=DECAY)
    rate_schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, config.rate, total_steps=config.steps, pct_start=0.15
    )
    channel_weights = torch.tensor(CHANNEL_WEIGHTS)
    sampling_weight = np.array([len(pair.mouth) for pair in pairs], np.float64) ** 0.7
    for _ in range(config.steps):
        drawn = rng.choice(
            len(sampling_weight), config.at_once, p=sampling_weight / sampling_weight.sum()
        )
        inputs, mouth, seen = (
            torch.from_numpy(np.stack(part).astype(np.float32))
            for part in zip(*(_run(pairs[n], rng) for n in drawn), strict=True)
        )
        squared_error = (
            _forward(inputs, parameters, dropout_rng) - mouth
        ).square() * channel_weights
        loss = (squared_error * seen[..., None]).sum() / (seen.sum() + 1) / len(CHANNELS)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
        optimiser.step()
        rate_schedule.step()
    return np.concatenate([part.detach().numpy().ravel() for part in parameters.values()])


def _run(pair: TrainingPair, rng: np.random.Generator) -> tuple[Values, Values, Values]:
    """A random excerpt at a random tempo, as by another voice."""
    count = round(RUN_S * STEPS)
    speed = float(np.exp(rng.uniform(-PACE, PACE)))
    length = min(int(count * speed) + 2, len(pair.mouth))
    first = int(rng.integers(0, len(pair.mouth) - length + 1))
    at = np.minimum(np.arange(count) * speed, length - 1)
    low = at.astype(np.intp)
    high, share = np.minimum(low + 1, length - 1), (at - low)[:, None]
    cut = slice(first, first + length)
    inputs, mouth = (
        part[cut][low] * (1 - share) + part[cut][high] * share for part in (pair.inputs, pair.mouth)
    )
    seen = pair.seen[cut][low] * pair.seen[cut][high] * (np.arange(count) * speed < length - 1)
    return inputs + rng.normal(0, ANOTHER_VOICE, inputs.shape[1]), mouth, seen


def _forward(inputs: Tensor, parameters: dict[str, Tensor], dropout_rng: torch.Generator) -> Tensor:
    """(B, T, 7) for (B, T, 64): the network of `sound_head`, with dropout."""
    now = (
        _dropped(inputs, INPUT_DROPOUT, dropout_rng) @ parameters["first"]
        + parameters["first bias"]
    )
    for n, dilation in enumerate(DILATIONS):
        inner = functional.conv1d(
            now.transpose(1, 2),
            parameters[f"wide{n}"].permute(2, 1, 0),
            parameters[f"wide{n} bias"],
            padding=dilation,
            dilation=dilation,
        ).transpose(1, 2)
        add = torch.relu(inner) @ parameters[f"narrow{n}"] + parameters[f"narrow{n} bias"]
        now = now + _dropped(add, HIDDEN_DROPOUT, dropout_rng)
    return torch.relu(now) @ parameters["last"] + parameters["last bias"]


def _dropped(values: Tensor, share: float, dropout_rng: torch.Generator) -> Tensor:
    kept = torch.rand(values.shape, generator=dropout_rng) >= share
    return values * kept / (1 - share)
