"""What a network learns to draw from: frames and their truths, a few of them at a time.

Source of the changed light: the colour jitter usual since Krizhevsky, Sutskever, Hinton 2012,
"ImageNet Classification with Deep Convolutional Neural Networks", section 4.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from dubsync.core.arrays import Array
from dubsync.engine.network.mouth_net import ERASED, EXEMPLAR, FORETOLD, FUSED, MATTE, SHOWN, Inputs

#: Frames follow each other where no more time than this lies between them, seconds.
FOLLOWS_S = 0.11
#: Training pairs are shown in windows of at most this side, pixels.
WINDOW = 192
#: Deviation of the light training pairs are shown in: common gain, gain and offset of a channel.
GAIN, CHANNEL_GAIN, CHANNEL_OFFSET = 0.06, 0.03, 0.02


@dataclass(frozen=True, slots=True, eq=False)
class TrainingPairs:
    """n frames, padded to one size.

    shown    (n, SHOWN, h, w) float16;  truth (n, 3, h, w) float16
    held     (n,) whether a frame is kept back;  often (n,) how often it is taken, relatively
    follows  (n,) whether a frame comes right after the one before it, on the same plate
    """

    shown: torch.Tensor
    truth: torch.Tensor
    held: NDArray[np.bool_]
    often: Array
    follows: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        inputs: Sequence[Inputs],
        held: NDArray[np.bool_],
        often: Array,
        follows: NDArray[np.bool_],
    ) -> TrainingPairs:
        """From the frames' Inputs, whose `plate` is the truth."""
        height = -(-max(i.matte.shape[0] for i in inputs) // 16) * 16
        width = -(-max(i.matte.shape[1] for i in inputs) // 16) * 16
        shown = torch.zeros((len(inputs), SHOWN, height, width), dtype=torch.float16)
        truth = torch.zeros((len(inputs), 3, height, width), dtype=torch.float16)
        for n, one in enumerate(inputs):
            h, w = one.matte.shape
            shown[n, :, :h, :w] = torch.from_numpy(one.stacked())
            truth[n, :, :h, :w] = torch.from_numpy(one.plate.transpose(2, 0, 1).copy())
        return cls(shown, truth, held, often, follows)

    def clips(self, length: int) -> NDArray[np.intp]:
        """(m, length) training pairs not held back, each row's following each other."""
        first = np.arange(max(0, len(self.held) - length + 1))
        rows = first[:, None] + np.arange(length)
        fit = ~self.held[rows].any(axis=1) & self.follows[rows[:, 1:]].all(axis=1)
        return np.asarray(rows[fit], np.intp)

    def thinned(self, step: int) -> TrainingPairs:
        """Every `step`-th training pair."""
        rows = np.arange(0, len(self.held), step)
        unbroken = [bool(self.follows[max(0, r - step + 1) : r + 1].all()) for r in rows]
        return TrainingPairs(
            self.shown[rows], self.truth[rows], self.held[rows], self.often[rows],
            np.array(unbroken),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """B training pairs as they are shown once: a window of each, in a light of its own.

    shown    (B, SHOWN, h, w);  truth (B, 3, h, w)
    rows     (B,) which training pairs
    corners  (B, 2) x, y of the window's first pixel in its training pair
    clip     so many that follow each other stand together, their faces on one another
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
        shown, truth = self.shown.to(device), self.truth.to(device)
        return Batch(shown, truth, self.rows, self.corners, self.clip)


def taken(
    lessons: TrainingPairs, clips: NDArray[np.intp], count: int, window: int, dice: torch.Generator
) -> Batch:
    """About `count` training pairs, drawn with `dice` from `clips` (m, length).

    Args:
        window: side of what is shown of each at most, pixels.
    """
    length = clips.shape[1]
    often = torch.from_numpy(lessons.often[clips[:, 0]])
    drawn = torch.multinomial(often, max(1, count // length), True, generator=dice)
    rows = clips[drawn.numpy()].ravel()
    height, width = lessons.truth.shape[2:]
    top, left = (
        int(torch.randint(0, max(1, side - window + 1), (1,), generator=dice))
        for side in (height, width)
    )
    part = (..., slice(top, top + window), slice(left, left + window))
    shown, truth = lessons.shown[rows][part].float(), lessons.truth[rows][part].float()
    shown, truth = _lit(shown, truth, dice, length)
    moved = _apart(lessons.shown[rows], length)
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


def plain(lessons: TrainingPairs, rows: NDArray[np.intp]) -> Batch:
    """The training pairs of `rows` as they are, whole."""
    shown, truth = lessons.shown[rows].float(), lessons.truth[rows].float()
    return Batch(shown, truth, rows, np.zeros((len(rows), 2), np.intp), 1)


def _apart(shown: torch.Tensor, length: int) -> NDArray[np.intp]:
    """(B, 2) whole pixels x, y by which each face stands off from its clip's first.

    Each training pair is cropped round its own face, so that one crop's place says nothing of the
    next's; the guides' x and y change sign between the eyes.
    """
    if length == 1:
        return np.zeros((len(shown), 2), np.intp)
    left, above = shown[:, -2, 0] < 0, shown[:, -1, :, 0] < 0
    places = torch.stack([left.sum(dim=1), above.sum(dim=1)], dim=1).numpy()
    first = np.repeat(places[::length], length, axis=0)
    return np.asarray(places - first, np.intp)


def _lit(
    shown: torch.Tensor, truth: torch.Tensor, dice: torch.Generator, length: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """The training pairs in a little other light, all pictures of a clip alike."""
    count = len(shown) // length

    def drawn(channels: int, deviation: float) -> torch.Tensor:
        result = deviation * torch.randn((count, channels, 1, 1), generator=dice)
        return result.repeat_interleave(length, dim=0)

    gain = 1 + drawn(1, GAIN) + drawn(3, CHANNEL_GAIN)
    offset = drawn(3, CHANNEL_OFFSET)
    shown = shown.clone()
    bare = (shown[:, MATTE] <= 0).float()
    shown[:, FUSED] = (shown[:, FUSED] + 1) * gain - 1 + 2 * offset
    shown[:, EXEMPLAR] *= gain
    shown[:, FORETOLD] *= gain
    shown[:, ERASED] = ((shown[:, ERASED] + 1) * gain - 1 + 2 * offset) * bare
    return shown, truth * gain + offset
