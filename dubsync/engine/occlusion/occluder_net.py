"""A small network that marks what stands in front of a face: cups, microphones, other heads.

A U-Net on a square of NET_PX about the face, taught on faces with things pasted before them.
Source: Ronneberger, Fischer, Brox 2015, "U-Net"; pasted occluders after Voo, Jiang, Loy 2022,
"Delving into High-Quality Synthetic Face Occlusion Segmentation Datasets".
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional

from dubsync.core.arrays import Array
from dubsync.engine.geometry.mesh import FACE_OVAL, OUTER_LIPS

NET_PX = 96
WIDTHS = (16, 32, 64, 96)
#: Values of the guide, the network's fourth input: inside the face, and inside the lips.
FACE, LIPS = 0.5, 1.0


def _block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class OccluderNet(nn.Module):
    """(N, 4, NET_PX, NET_PX) picture and guide to (N, NET_PX, NET_PX) logits of being in front."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d = WIDTHS
        self.down = nn.ModuleList(
            nn.Sequential(_block(i, o, 2), _block(o, o))
            for i, o in ((4, a), (a, b), (b, c), (c, d))
        )
        self.up = nn.ModuleList((_block(d + c, c), _block(c + b, b), _block(b + a, a)))
        self.coarse = nn.Conv2d(a, 1, 3, 1, 1)
        self.fine = nn.Sequential(
            nn.Conv2d(5, 8, 3, 1, 1), nn.ReLU(inplace=True), nn.Conv2d(8, 1, 3, 1, 1)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits, twice: at half the resolution, and corrected at the full one."""
        levels = [x]
        for block in self.down:
            levels.append(block(levels[-1]))
        y = levels[4]
        for block, level in zip(self.up, (3, 2, 1), strict=True):
            y = block(torch.cat([_doubled(y), levels[level]], dim=1))
        coarse = _doubled(self.coarse(y))
        fine = self.fine(torch.cat([x, torch.sigmoid(coarse)], dim=1))
        return torch.squeeze(coarse + fine, 1)


def guide(points: Array, px: int = NET_PX) -> Array:
    """(px, px) 0 outside the face, FACE inside it, LIPS inside the lips.

    Args:
        points: (478, 2) landmarks, pixels of the square.
    """
    large = np.zeros((2 * px, 2 * px), np.float32)
    flat = np.clip(np.asarray(points, np.float32) * 2, -8 * px, 8 * px)
    oval = cv2.convexHull(flat[FACE_OVAL])[:, 0]
    for shape, value in ((oval, FACE), (flat[OUTER_LIPS], LIPS)):
        cv2.fillPoly(large, [np.rint(shape).astype(np.int32)], value)
    return np.asarray(cv2.resize(large, (px, px), interpolation=cv2.INTER_AREA), np.float32)


def net_input(picture: Array, points: Array) -> Array:
    """(4, NET_PX, NET_PX) of a picture (NET_PX, NET_PX, 3), 0..1, and its landmarks."""
    both = np.concatenate([picture, guide(points)[..., None]], axis=2)
    return np.ascontiguousarray((both * 2 - 1).transpose(2, 0, 1), np.float32)


def _doubled(x: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
