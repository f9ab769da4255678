"""The plain U-Net of `baselines.inpainting`, and its inputs."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from dubsync.core.arrays import Array
from dubsync.engine.compositing.matte import BORDER, JAW_POINTS
from dubsync.engine.exemplars.sheet import Sheet
from dubsync.engine.geometry.mesh import INNER_LIPS, OUTER_LIPS

CHANNELS = (16, 32, 64, 96, 112)
INPUTS = 10  #: erased plate 3, mask 1, outlines 3, reference 3
#: Faces whose size differs by more than this factor from those trained on are resampled.
LIKE = 1.15
#: Landmarks that neither jaw nor lips move: a reference is aligned by them.
STILL = (33, 133, 362, 263, 168, 6, 197, 195)

Outline = NDArray[np.uint8]


class UNet(nn.Module):
    """(n, INPUTS, h, w) to (n, 3, h, w) in 0..1; h and w multiples of 16."""

    def __init__(self) -> None:
        super().__init__()
        down = zip((INPUTS, *CHANNELS[:-1]), CHANNELS, strict=True)
        self.down = nn.ModuleList(_pair(before, now) for before, now in down)
        up = zip(CHANNELS[1:], CHANNELS[:-1], strict=True)
        self.up = nn.ModuleList(_single(below + beside, beside) for below, beside in up)
        self.out = nn.Conv2d(CHANNELS[0], 3, 3, padding=1)

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        kept = []
        for n, stage in enumerate(self.down):
            seen = stage(seen if n == 0 else functional.max_pool2d(seen, 2))
            kept.append(seen)
        for stage, beside in zip(reversed(self.up), reversed(kept[:-1]), strict=True):
            larger = functional.interpolate(seen, scale_factor=2.0, mode="nearest")
            seen = stage(torch.cat([larger, beside], dim=1))
        return torch.sigmoid(self.out(seen))


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A sheet at the network's size, h x w; `points` (478, 2) are relative to it."""

    plate: Array
    mask: NDArray[np.bool_]
    outline: Outline
    points: Array

    @classmethod
    def of(cls, sheet: Sheet, unit: float) -> Crop:
        times = unit / sheet.unit
        if 1 / LIKE < times < LIKE:
            times = 1.0
        height, width = sheet.matte.shape
        size = (round(width * times), round(height * times))
        way = cv2.INTER_AREA if times < 1 else cv2.INTER_CUBIC
        plate = sheet.plate if times == 1 else cv2.resize(sheet.plate, size, interpolation=way)
        mask = cv2.resize(sheet.matte, size, interpolation=cv2.INTER_NEAREST) > 0
        corner = np.array([sheet.region.left, sheet.region.top], np.float32)
        scale = np.array([size[0] / width, size[1] / height], np.float32)
        points = np.asarray((sheet.wanted[:, :2] - corner) * scale, np.float32)
        return cls(np.clip(plate, 0, 1), mask, _outline(points, mask.shape), points)

    def net_input(self, picture: Array, points: Array) -> Array:
        """(INPUTS, h, w) the network's input with a reference picture with landmarks `points`."""
        hidden = self.mask[..., None]
        planes = [
            np.where(hidden, np.float32(0.5), self.plate),
            hidden.astype(np.float32),
            self.outline.astype(np.float32) / 255,
            _aligned_reference(picture, points, self.points, self.mask.shape),
        ]
        return np.concatenate(planes, axis=2).transpose(2, 0, 1)


def padded(planes: Array, height: int, width: int) -> Array:
    """(c, h, w) with zeros below and to the right."""
    missing = ((0, 0), (0, height - planes.shape[1]), (0, width - planes.shape[2]))
    return np.ascontiguousarray(np.pad(planes, missing), np.float32)


def whole(pixels: int) -> int:
    """The next multiple of 16."""
    return -(-pixels // 16) * 16


def _outline(points: Array, shape: tuple[int, ...]) -> Outline:
    """(h, w, 3) lines along the outer lips, the inner lips and the jaw."""
    planes = []
    for line, closed in ((OUTER_LIPS, True), (INNER_LIPS, True), (BORDER[:JAW_POINTS], False)):
        plane = np.zeros(shape[:2], np.uint8)
        at = np.rint((points[line] - 0.5) * 16).astype(np.int32)
        cv2.polylines(plane, [at], closed, 255, 1, cv2.LINE_AA, shift=4)
        planes.append(plane)
    return np.stack(planes, axis=-1)


def _aligned_reference(picture: Array, there: Array, here: Array, shape: tuple[int, ...]) -> Array:
    """(h, w, 3) the picture aligned by a similarity from landmarks `there` to `here`."""
    a, b = (np.asarray(p[list(STILL), :2], np.float64) @ (1, 1j) for p in (here, there))
    turn = np.vdot(a - a.mean(), b - b.mean()) / max(np.vdot(a - a.mean(), a - a.mean()).real, 1e-9)
    move = b.mean() - turn * a.mean() + (turn - 1) * (0.5 + 0.5j)
    matrix = np.array([[turn.real, -turn.imag, move.real], [turn.imag, turn.real, move.imag]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (shape[1], shape[0])
    aligned = cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(np.clip(aligned, 0, 1), np.float32)


def _pair(before: int, now: int) -> nn.Module:
    return nn.Sequential(*_single(before, now), *_single(now, now))


def _single(before: int, now: int) -> nn.Sequential:
    layer = nn.Conv2d(before, now, 3, padding=1)
    # As for ReLU, so that what goes in still matters ten layers on, from the first step.
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return nn.Sequential(layer, nn.SiLU())
