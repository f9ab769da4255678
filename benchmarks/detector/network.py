"""The detector: a small convolutional network, taught from scratch with much augmentation."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

Bytes = NDArray[np.uint8]
SEEN, PAIRS, RATE = 96, 16, 4e-3
CHANNELS = (16, 32, 48, 64)


def network() -> nn.Sequential:
    """(N, 3, 96, 96) in -1..1 to (N, 1), above 0 for drawn; 48,000 weights."""
    layers: list[nn.Module] = []
    before = 3
    for n, channels in enumerate(CHANNELS):
        side = 3 if n else 5
        layers += [nn.Conv2d(before, channels, side, 2, side // 2, bias=False),
                   nn.BatchNorm2d(channels), nn.ReLU()]  # fmt: skip
        before = channels
    return nn.Sequential(*layers, _Pooled(), nn.Dropout(0.2), nn.Linear(2 * before, 1))


class _Pooled(nn.Module):
    """(N, C, h, w) to (N, 2 C): what is usual in the picture, and the most of it anywhere."""

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        return torch.cat([given.mean(dim=(2, 3)), given.amax(dim=(2, 3))], dim=1)


def taught(choices: list[tuple[Bytes, Bytes]], epochs: int, seed: int) -> nn.Sequential:
    """A network taught on pairs of (real, drawn) crops (T, S, S, 3), one pair for each copy.

    Copies hold the same mouths in the same order, and each time one of them is taken.  Row n of
    both sides is one frame, or one place in the lot: the two are changed alike and compared, so
    that face and light, which they share, teach nothing.  The last weights are taken: nothing is
    chosen by what is measured later.
    """
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    made = network()
    made.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    count = min(len(side) for side in choices[0])
    steps = -(-count // PAIRS)
    optimiser = torch.optim.AdamW(made.parameters(), RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=epochs * steps)
    made.train()
    for _ in range(epochs):
        for at in np.array_split(chance.permutation(count), steps):
            pair = choices[chance.integers(len(choices))]
            seeds = chance.integers(2**32, size=len(at))
            given = [
                changed(side[n], np.random.default_rng(each))
                for side in pair
                for n, each in zip(at, seeds, strict=True)
            ]
            real, drawn = made(_tensor(np.stack(given)))[:, 0].chunk(2)
            soft = nn.functional.softplus
            loss = soft(real - drawn).mean() + (soft(real) + soft(-drawn)).mean() / 4
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return made.eval()


def scores(made: nn.Sequential, crops: Bytes) -> NDArray[np.float64]:
    """(T,) of crops (T, S, S, 3): higher is more likely drawn.  A crop and its mirror image."""
    edge = (crops.shape[1] - SEEN) // 2
    middle = np.ascontiguousarray(crops[:, edge : edge + SEEN, edge : edge + SEEN])
    with torch.no_grad():
        both = [made(_tensor(view))[:, 0] for view in (middle, middle[:, :, ::-1])]
    return np.asarray(torch.stack(both).mean(dim=0).numpy(), np.float64)


def changed(crop: Bytes, chance: np.random.Generator) -> Bytes:
    """A crop moved, mirrored, lit, blurred, made noisy, compressed by chance: SEEN on a side."""
    top, left = chance.integers(0, crop.shape[0] - SEEN + 1, 2)
    view = crop[top : top + SEEN, left : left + SEEN]
    if chance.random() < 0.5:
        view = view[:, ::-1]
    light = chance.uniform(0.8, 1.2) * chance.uniform(0.92, 1.08, 3)
    part = np.clip(view.astype(np.float32) * light + chance.uniform(-15, 15), 0, 255)
    if chance.random() < 0.3:
        part = cv2.GaussianBlur(part, (0, 0), chance.uniform(0.3, 1.2))
    if chance.random() < 0.3:
        part = part + chance.normal(0, chance.uniform(0.5, 4), part.shape)
    if chance.random() < 0.25:
        small = cv2.resize(part, None, fx=(by := chance.uniform(0.5, 0.9)), fy=by,
                           interpolation=cv2.INTER_AREA)  # fmt: skip
        part = cv2.resize(small, (SEEN, SEEN), interpolation=cv2.INTER_CUBIC)
    result = np.clip(np.rint(part), 0, 255).astype(np.uint8)
    if chance.random() < 0.5:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(40, 96))]
        packed = cv2.imencode(".jpg", result, quality)[1]
        result = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return result


def _tensor(crops: Bytes) -> torch.Tensor:
    """(N, S, S, 3) as (N, 3, S, S) in -1..1, channels last in memory: half the time."""
    floats = np.ascontiguousarray(crops, np.float32) / np.float32(127.5) - np.float32(1)
    return torch.from_numpy(floats).permute(0, 3, 1, 2)
