"""Perceptual distance (LPIPS v0.1 with AlexNet).

Both pictures' features, normalised to unit length at every position, are compared and weighted by
weights learnt from human judgements.  The weights and what is known of their origin:
weights/README.md.
Source: Zhang, Isola, Efros, Shechtman, Wang 2018, "The Unreasonable Effectiveness of Deep
Features as a Perceptual Metric".
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load as from_safetensors
from torch import nn
from torch.nn import functional

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.core.shipped import shipped

WEIGHTS = Path(__file__).parents[1] / "weights" / "lpips_alex.safetensors"
WEIGHTS_SHA256 = "95e25a3120ddb339cceae8a7840c46bb48b7ff3c1c07516f25e8cc6f2bc2118b"
#: Sides of a picture: smaller than the first is refused; smaller than the second is enlarged
#: (bicubic, both pictures alike), because the network halves its input five times.
LEAST_PX, ENLARGED_PX = 32, 64
#: Stride and padding of the five convolutions; the second and third follow a max pool.
STEPS = ((4, 2), (1, 2), (1, 1), (1, 1), (1, 1))
POOLED = (1, 2)
#: Added to a length before the division, as the authors do.
TINY = 1e-10


class Perception(nn.Module):
    """The network.  Differentiable in both pictures; its weights are constant.

    Raises:
        ModelError: the weight file is missing, altered, or does not load.
    """

    shift: torch.Tensor
    scale: torch.Tensor

    def __init__(self, weights: Path = WEIGHTS) -> None:
        super().__init__()
        for name, value in _arrays(weights).items():
            self.register_buffer(name.replace(".", "_"), value.float())
        self.register_buffer("shift", torch.tensor([-0.030, -0.088, -0.188])[:, None, None])
        self.register_buffer("scale", torch.tensor([0.458, 0.448, 0.450])[:, None, None])

    def features(self, pictures: torch.Tensor) -> list[torch.Tensor]:
        """Five stages' features, unit length along dim 1, of pictures (n, 3, h, w) in 0..1."""
        seen = (pictures * 2 - 1 - self.shift) / self.scale
        result = []
        for n, (stride, padding) in enumerate(STEPS):
            if n in POOLED:
                seen = functional.max_pool2d(seen, 3, 2)
            weight, bias = getattr(self, f"conv{n}_weight"), getattr(self, f"conv{n}_bias")
            seen = functional.relu(functional.conv2d(seen, weight, bias, stride, padding))
            # Not norm(): its gradient is NaN where all features are 0.
            length = torch.sqrt((seen * seen).sum(dim=1, keepdim=True) + TINY**2)
            result.append(seen / (length + TINY))
        return result

    def forward(self, truth: torch.Tensor, made: torch.Tensor) -> torch.Tensor:
        """(n,) distances of pictures (n, 3, h, w) in 0..1."""
        stages = []
        for n, (x, y) in enumerate(zip(self.features(truth), self.features(made), strict=True)):
            weighed = functional.conv2d((x - y) ** 2, getattr(self, f"linear{n}_weight"))
            stages.append(weighed.mean(dim=(1, 2, 3)))
        return torch.stack(stages).sum(dim=0)


def perceptual_distance(truth: Array, made: Array) -> float:
    """Perceptual distance of two pictures (h, w, 3) in working colour, clipped to 0..1; 0 equal.

    A picture with a side under 64 px is enlarged first, its sides in proportion.

    Raises:
        ShapeError: pictures of two sizes, or under 32 px on a side.
    """
    if truth.shape != made.shape or truth.ndim != 3 or truth.shape[2] != 3:
        raise ShapeError(f"pictures of {truth.shape} and {made.shape} do not compare")
    if min(truth.shape[:2]) < LEAST_PX:
        raise ShapeError(f"a picture of {truth.shape[:2]} is under {LEAST_PX} px on a side")
    with torch.inference_mode():
        return float(_perception()(_tensor(truth), _tensor(made)))


@cache
def _perception() -> Perception:
    return Perception().eval()


def _tensor(picture: Array) -> torch.Tensor:
    """(1, 3, h, w) of a picture (h, w, 3), enlarged where it is too small."""
    shown = np.clip(np.asarray(picture, np.float32), 0, 1)
    times = ENLARGED_PX / min(shown.shape[:2])
    if times > 1:
        size = (round(shown.shape[1] * times), round(shown.shape[0] * times))
        shown = np.clip(cv2.resize(shown, size, interpolation=cv2.INTER_CUBIC), 0, 1)
    return torch.from_numpy(np.ascontiguousarray(shown.transpose(2, 0, 1)))[None]


def _arrays(weights: Path) -> dict[str, torch.Tensor]:
    """The tensors in the weight file."""
    return from_safetensors(shipped(weights, WEIGHTS_SHA256, "perceptual model"))
