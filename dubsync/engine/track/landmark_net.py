"""The landmark network in torch: the runtime's weights, batched, on any device, differentiable.

landmarker.py runs the same network for tracking, one face at a time on the CPU, where it is faster;
this one is for losses: it gives the gradient of landmarks with respect to the picture.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

import torch
from torch import nn
from torch.nn import functional

from dubsync.core.errors import ModelError
from dubsync.core.face import LANDMARKS
from dubsync.engine.track.landmark_graph import Operator, read_graph
from dubsync.engine.track.landmarker import INPUT_PX, WEIGHTS, network_file


class LandmarkNet(nn.Module):
    """See the module.  Its weights are frozen."""

    def __init__(self, model: bytes) -> None:
        """`model`: the .tflite file's bytes.

        Raises:
            ModelError: not such a network, or a damaged one.
        """
        super().__init__()
        graph = read_graph(model, outputs=2)
        self._input, self._outputs = graph.input, graph.outputs
        self._reads = [operator.reads for operator in graph.operators]
        self._makes = [operator.makes for operator in graph.operators]
        self.layers = nn.ModuleList(_layer(operator) for operator in graph.operators)
        self.requires_grad_(False).eval()
        self._check_layers()

    @classmethod
    def shipped(cls, weights: Path = WEIGHTS) -> LandmarkNet:
        """The network of the landmark model that ships.

        Raises:
            ModelError: the weight file is missing or altered.
        """
        return cls(network_file(weights))

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Landmarks (B, 478, 3), in pixels of the picture as in `Face`, and presence (B,) 0..1.

        Args:
            pictures: (B, 3, 256, 256) working colour in 0..1, squares as `square_of` cuts them.
        """
        made = {self._input: pictures}
        for layer, reads, makes in zip(self.layers, self._reads, self._makes, strict=True):
            made[makes] = layer(*(made[n] for n in reads))
        points, presence = (made[n] for n in self._outputs)
        return points.reshape(-1, LANDMARKS, 3), torch.sigmoid(presence.reshape(-1))

    def _check_layers(self) -> None:
        """Check that the layers fit each other, on an empty picture."""
        try:
            with torch.no_grad():
                points, presence = self(torch.zeros(1, 3, INPUT_PX, INPUT_PX))
        except (RuntimeError, KeyError) as error:
            raise ModelError("the landmark network's layers do not fit each other") from error
        if points.shape[0] != 1 or presence.shape[0] != 1 or not torch.isfinite(points).all():
            raise ModelError("the landmark network gives no landmarks")


class _Conv(nn.Conv2d):
    """A convolution padded as in TensorFlow.

    ceil(size / stride) pixels come out; an odd pixel of padding is on the right and below.
    """

    def __init__(self, operator: Operator) -> None:
        kernel, bias = (torch.from_numpy(array) for array in operator.weights)
        depthwise = operator.kind == "depthwise"
        # To (out, in, h, w).
        kernel = kernel.permute(3, 0, 1, 2) if depthwise else kernel.permute(0, 3, 1, 2)
        out, into, *sides = kernel.shape
        groups = out if depthwise else 1
        super().__init__(into * groups, out, (sides[0], sides[1]), operator.stride, groups=groups)
        self.weight = nn.Parameter(kernel.contiguous())
        self.bias = nn.Parameter(bias)
        self._same = operator.same

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self._same:
            step, (high, wide) = self.stride[0], self.kernel_size
            down, across = _padding(x.shape[2], high, step), _padding(x.shape[3], wide, step)
            x = functional.pad(x, (across // 2, across - across // 2, down // 2, down - down // 2))
        return super().forward(x)


class _Sum(nn.Module):
    def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return a + b


def _padding(size: int, kernel: int, step: int) -> int:
    """Pixels of padding for a side of `size`."""
    return max((-(-size // step) - 1) * step + kernel - size, 0)


def _layer(operator: Operator) -> nn.Module:
    if operator.kind in ("conv", "depthwise"):
        return _Conv(operator)
    if operator.kind == "prelu":
        slopes = torch.from_numpy(operator.weights[0].reshape(-1))
        layer = nn.PReLU(len(slopes))
        layer.weight = nn.Parameter(slopes)
        return layer
    if operator.kind == "pool":
        return nn.MaxPool2d(operator.amount, operator.stride)
    if operator.kind == "channels":
        return cast(nn.Module, nn.ConstantPad3d((0, 0, 0, 0, 0, operator.amount), 0.0))
    return _Sum()
