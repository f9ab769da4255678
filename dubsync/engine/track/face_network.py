"""The face recognition network: a face chip to 128 numbers that are close for one person.

dlib's ResNet with 29 layers, by Davis King, in our own code; the weights' origin, licence and
rounding are in weights/README.md, the card in docs/reference/face_network.md.
Source of the layers: dlib's examples/dnn_face_recognition_ex.cpp; He, Zhang, Ren, Sun 2016, "Deep
Residual Learning for Image Recognition".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch.nn import functional

from dubsync.core.arrays import Array
from dubsync.core.errors import ModelError, ShapeError
from dubsync.core.shipped import shipped

WEIGHTS = Path(__file__).parents[1] / "weights" / "face_network.safetensors"
WEIGHTS_SHA256 = "fbd8ee54b458915745a876412b58b6bba24bf0c85672e2ecc191732692bc2dc6"
#: Side of a face chip, pixels, and length of a descriptor.
CHIP_PX, NUMBERS = 150, 128
#: Mean colour of the training pictures, 0..255, which is subtracted.
MEAN_COLOUR = (122.782, 117.001, 104.298)
#: Channels of each residual block, from the picture on; True: it halves the picture.
BLOCKS = (
    *[(32, False)] * 3,
    (64, True), *[(64, False)] * 3,
    (128, True), *[(128, False)] * 2,
    (256, True), *[(256, False)] * 2,
    (256, True),
)  # fmt: skip

Weights = Mapping[str, torch.Tensor]


def describe_chips(chips: Array, weights: Weights | None = None) -> Array:
    """Descriptors (N, 128) of face chips (N, 150, 150, 3) in working colour, 0..1.

    Args:
        weights: as `face_weights` gives them, the default.

    Raises:
        ShapeError: chips of another shape.
        ModelError: the weights are missing or altered.
    """
    if chips.ndim != 4 or chips.shape[1:] != (CHIP_PX, CHIP_PX, 3):
        raise ShapeError(f"face chips are (N, {CHIP_PX}, {CHIP_PX}, 3), not {chips.shape}")
    weights = face_weights() if weights is None else weights
    with torch.inference_mode():
        pictures = torch.from_numpy(np.ascontiguousarray(chips, np.float32)).permute(0, 3, 1, 2)
        mean = torch.tensor(MEAN_COLOUR)[:, None, None]
        # One chip at a time: the first layers of eight would take 60 MB at once.
        return np.stack([_described((one[None] * 255 - mean) / 256, weights) for one in pictures])


@cache
def face_weights() -> Weights:
    """The weights that ship with dubsync, as float32: name -> tensor; 22 MB.

    Raises:
        ModelError: the file is missing, altered, or does not load.
    """
    try:
        stored = load(shipped(WEIGHTS, WEIGHTS_SHA256, "face recognition network"))
    except SafetensorError as error:
        raise ModelError(f"{WEIGHTS} cannot be read: {error}") from error
    return {name: value.float() for name, value in stored.items()}


def _described(picture: torch.Tensor, weights: Weights) -> Array:
    seen = functional.relu(_convolved(picture, weights, 0, stride=2, padding=0))
    seen = functional.max_pool2d(seen, 3, 2)
    layer = 1
    for channels, halves in BLOCKS:
        stride, padding = (2, 0) if halves else (1, 1)
        inner = functional.relu(_convolved(seen, weights, layer, stride=stride, padding=padding))
        inner = _convolved(inner, weights, layer + 1, stride=1, padding=1)
        short = functional.avg_pool2d(seen, 2, 2) if halves else seen
        seen = functional.relu(_added(inner, short, channels))
        layer += 2
    return np.asarray((weights["last.weight"] @ seen.mean(dim=(2, 3))[0]).numpy(), np.float32)


def _convolved(
    seen: torch.Tensor, weights: Weights, layer: int, *, stride: int, padding: int
) -> torch.Tensor:
    weight, bias = weights[f"conv{layer}.weight"], weights[f"conv{layer}.bias"]
    return functional.conv2d(seen, weight, bias, stride, padding)


def _added(one: torch.Tensor, other: torch.Tensor, channels: int) -> torch.Tensor:
    """The sum of two stacks; a smaller one is extended with zeros, in channels and picture."""
    height = max(one.shape[2], other.shape[2])
    width = max(one.shape[3], other.shape[3])

    def whole(stack: torch.Tensor) -> torch.Tensor:
        right, below = width - stack.shape[3], height - stack.shape[2]
        return functional.pad(stack, (0, right, 0, below, 0, channels - stack.shape[1]))

    return whole(one) + whole(other)
