"""Training pairs as tensors: network inputs and truths, and random batches of them.

Source of the light augmentation: the colour jitter usual since Krizhevsky, Sutskever, Hinton 2012,
"ImageNet Classification with Deep Convolutional Neural Networks", section 4.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from dubsync.core.arrays import Array
from dubsync.engine.device import copied
from dubsync.engine.network.mouth_net import (
    ERASED,
    EXEMPLAR,
    FUSED,
    INPUT_CHANNELS,
    MATTE,
    PREDICTED,
    Inputs,
)

#: Frames are consecutive where at most this much time lies between them, seconds.
FOLLOWS_S = 0.11
#: Largest side of the crops of training pairs, pixels.
WINDOW = 192
#: Light augmentation, standard deviations: common gain, gain and offset of a channel.
GAIN, CHANNEL_GAIN, CHANNEL_OFFSET = 0.06, 0.03, 0.02


@dataclass(frozen=True, slots=True, eq=False)
class TrainingPairs:
    """n frames, padded to one size.

    shown            (n, INPUT_CHANNELS, h, w) float16 network inputs
    truth            (n, 3, h, w) float16
    held_out         (n,) whether a frame is held out
    sampling_weight  (n,) relative frequency with which a frame is sampled
    follows          (n,) whether a frame comes right after the one before it, on the same plate
    """

    shown: torch.Tensor
    truth: torch.Tensor
    held_out: NDArray[np.bool_]
    sampling_weight: Array
    follows: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        inputs: Sequence[Inputs],
        held_out: NDArray[np.bool_],
        sampling_weight: Array,
        follows: NDArray[np.bool_],
    ) -> TrainingPairs:
        """From the frames' Inputs, whose `plate` is the truth."""
        height = -(-max(i.matte.shape[0] for i in inputs) // 16) * 16
        width = -(-max(i.matte.shape[1] for i in inputs) // 16) * 16
        shown = torch.zeros((len(inputs), INPUT_CHANNELS, height, width), dtype=torch.float16)
        truth = torch.zeros((len(inputs), 3, height, width), dtype=torch.float16)
        for n, one in enumerate(inputs):
            h, w = one.matte.shape
            shown[n, :, :h, :w] = torch.from_numpy(one.stacked())
            truth[n, :, :h, :w] = torch.from_numpy(one.plate.transpose(2, 0, 1).copy())
        return cls(shown, truth, held_out, sampling_weight, follows)

    def clips(self, length: int) -> NDArray[np.intp]:
        """(m, length) training pairs not held out; the pairs of a row are consecutive frames."""
        first = np.arange(max(0, len(self.held_out) - length + 1))
        rows = first[:, None] + np.arange(length)
        fit = ~self.held_out[rows].any(axis=1) & self.follows[rows[:, 1:]].all(axis=1)
        return np.asarray(rows[fit], np.intp)

    def near(self, device: torch.device) -> TrainingPairs:
        """The same on a CUDA device that has room for them twice, so that no step waits for a copy;
        else these."""
        if device.type != "cuda" or not torch.cuda.is_available():
            return self
        free, _ = torch.cuda.mem_get_info(device)
        if 2 * (self.shown.nbytes + self.truth.nbytes) > free:
            return self
        return replace(self, shown=copied(self.shown, device), truth=copied(self.truth, device))

    def thinned(self, step: int) -> TrainingPairs:
        """Every `step`-th training pair."""
        rows = np.arange(0, len(self.held_out), step)
        unbroken = [bool(self.follows[max(0, r - step + 1) : r + 1].all()) for r in rows]
        return TrainingPairs(
            self.shown[rows], self.truth[rows], self.held_out[rows], self.sampling_weight[rows],
            np.array(unbroken),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """B training pairs: a crop of each, in augmented light.

    shown    (B, INPUT_CHANNELS, h, w)
    truth    (B, 3, h, w)
    rows     (B,) which training pairs
    corners  (B, 2) x, y of the crop's first pixel in its training pair
    clip     number of consecutive frames in a clip, their faces aligned
    """

    shown: torch.Tensor
    truth: torch.Tensor
    rows: NDArray[np.intp]
    corners: NDArray[np.intp]
    clip: int

    @property
    def matte(self) -> torch.Tensor:
        """(B, 1, h, w)."""
        return self.shown[:, MATTE]

    def on(self, device: torch.device) -> Batch:
        """The same on `device`."""
        shown, truth = copied(self.shown, device), copied(self.truth, device)
        if device.type == "cuda":  # as its convolutions want it; the weights follow
            shown = shown.contiguous(memory_format=torch.channels_last)
        return Batch(shown, truth, self.rows, self.corners, self.clip)


def sample_batch(
    pairs: TrainingPairs, clips: NDArray[np.intp], count: int, window: int, rng: torch.Generator
) -> Batch:
    """About `count` training pairs, sampled with `rng` from `clips` (m, length).

    Args:
        window: largest side of a crop, pixels.
    """
    length = clips.shape[1]
    weights = torch.from_numpy(pairs.sampling_weight[clips[:, 0]])
    drawn = torch.multinomial(weights, max(1, count // length), True, generator=rng)
    rows = clips[drawn.numpy()].ravel()
    height, width = pairs.truth.shape[2:]
    top, left = (
        int(torch.randint(0, max(1, side - window + 1), (1,), generator=rng))
        for side in (height, width)
    )
    part = (..., slice(top, top + window), slice(left, left + window))
    shown, truth = pairs.shown[rows][part].float(), pairs.truth[rows][part].float()
    shown, truth = _jitter_light(shown, truth, rng, length)
    moved = _clip_offsets(pairs.shown[rows], length)
    for n, (x, y) in enumerate(moved):
        if x or y:
            shown[n] = functional.pad(shown[n], (-x, x, -y, y))
            truth[n] = functional.pad(truth[n], (-x, x, -y, y))
    return Batch(shown, truth, rows, np.array([left, top]) + moved, length)


def follows(plates: NDArray[np.str_], seconds: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) whether each of n frames comes right after the one before it, on the same plate."""
    gaps = np.diff(seconds, prepend=np.inf)
    same = plates == np.roll(plates, 1)
    return np.asarray(same & (gaps > 0) & (gaps <= FOLLOWS_S))


def whole_batch(pairs: TrainingPairs, rows: NDArray[np.intp]) -> Batch:
    """The training pairs of `rows`, uncropped and without augmentation."""
    shown, truth = pairs.shown[rows].float(), pairs.truth[rows].float()
    return Batch(shown, truth, rows, np.zeros((len(rows), 2), np.intp), 1)


def _clip_offsets(shown: torch.Tensor, length: int) -> NDArray[np.intp]:
    """(B, 2) whole pixels x, y by which each face is off from its clip's first.

    Each training pair is cropped round its own face, so crops of a clip are not aligned; the
    guides' x and y change sign between the eyes, which locates them.
    """
    if length == 1:
        return np.zeros((len(shown), 2), np.intp)
    left, above = shown[:, -2, 0] < 0, shown[:, -1, :, 0] < 0
    places = torch.stack([left.sum(dim=1), above.sum(dim=1)], dim=1).cpu().numpy()
    first = np.repeat(places[::length], length, axis=0)
    return np.asarray(places - first, np.intp)


def _jitter_light(
    shown: torch.Tensor, truth: torch.Tensor, rng: torch.Generator, length: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """The training pairs in randomly changed light, the same for all frames of a clip."""
    count = len(shown) // length

    def drawn(channels: int, deviation: float) -> torch.Tensor:
        result = deviation * torch.randn((count, channels, 1, 1), generator=rng)
        return copied(result.repeat_interleave(length, dim=0), shown.device)

    gain = 1 + drawn(1, GAIN) + drawn(3, CHANNEL_GAIN)
    offset = drawn(3, CHANNEL_OFFSET)
    shown = shown.clone()
    bare = (shown[:, MATTE] <= 0).float()
    shown[:, FUSED] = (shown[:, FUSED] + 1) * gain - 1 + 2 * offset
    shown[:, EXEMPLAR] *= gain
    shown[:, PREDICTED] *= gain
    shown[:, ERASED] = ((shown[:, ERASED] + 1) * gain - 1 + 2 * offset) * bare
    return shown, truth * gain + offset
