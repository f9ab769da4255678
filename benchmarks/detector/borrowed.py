"""The better detector: a straight line through the features of a network that has seen much.

Its five stages are LPIPS's AlexNet, which ships with dubsync to measure renders; only the line is
taught.  Of few people it learns more than a network from scratch.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchmarks.detector.crops import COPIES, MADE, SIDE, Bytes, Mouths
from benchmarks.detector.network import SEEN, changed
from dubsync.engine.train.perceptual import Perception

Floats = NDArray[np.float32]
CHANGED = 2  #: times that each crop is learnt from once more, changed by chance
STIFF = 0.1  #: weight of the line's squared length
BATCH, STEPS = 32, 60
#: What is taught on: copies as they are, and changed.
TAUGHT_ON = (*COPIES[1:], *(f"{way}, changed {n}" for way in COPIES[1:] for n in range(CHANGED)))


def described(one: Mouths) -> Mouths:
    """The shot with features (T, 2304) for each picture; real and drawn ones changed alike."""
    network = Perception().eval()
    edge = (SIDE - SEEN) // 2
    seen: dict[tuple[str, str], NDArray[Any]] = {
        key: _features(network, one.crops[key][:, edge : edge + SEEN, edge : edge + SEEN])
        for key in MADE
    }
    for version in ("real", "drawn", "marked"):
        for way in COPIES[1:]:
            for n in range(CHANGED):
                other = [
                    changed(crop, np.random.default_rng([n, row]))
                    for row, crop in enumerate(one.crops[version, way])
                ]
                seen[version, f"{way}, changed {n}"] = _features(network, np.stack(other))
    return Mouths(one.shot, seen)


def _features(network: Perception, crops: Bytes) -> Floats:
    """(T, 2304): mean and deviation over the picture of each feature of each stage."""
    found = []
    with torch.inference_mode():
        for n in range(0, len(crops), BATCH):
            part = np.ascontiguousarray(crops[n : n + BATCH].transpose(0, 3, 1, 2), np.float32)
            stages = network.features(torch.from_numpy(part / np.float32(255)))
            found.append(torch.cat([
                torch.cat([stage.mean((2, 3)), stage.std((2, 3))], dim=1) for stage in stages
            ], dim=1).numpy())  # fmt: skip
    return np.concatenate(found)


class Line:
    """The direction in which drawn mouths lie from the real ones of the same frames."""

    def __init__(self, choices: list[tuple[Floats, Floats]]) -> None:
        """choices: pairs of (real, drawn) features, whose rows n are of one frame."""
        counts = [min(len(real), len(drawn)) for real, drawn in choices]
        apart = np.concatenate([
            drawn[:count] - real[:count]
            for (real, drawn), count in zip(choices, counts, strict=True)
        ])  # fmt: skip
        self._spread = np.concatenate([real for real, _ in choices]).std(axis=0) + np.float32(1e-4)
        given = torch.from_numpy(np.ascontiguousarray(apart / self._spread, np.float32))
        line = torch.zeros(given.shape[1], requires_grad=True)
        optimiser = torch.optim.LBFGS([line], max_iter=STEPS)

        def loss() -> torch.Tensor:
            optimiser.zero_grad()
            value = nn.functional.softplus(-given @ line).mean() + STIFF * (line * line).sum()
            value.backward()  # type: ignore[no-untyped-call]
            return value

        optimiser.step(loss)  # type: ignore[no-untyped-call]
        self._line = line.detach().numpy()

    def __call__(self, features: Floats) -> NDArray[np.float64]:
        """(T,) of features (T, 2304): higher is more likely drawn."""
        return np.asarray(features / self._spread @ self._line, np.float64)
