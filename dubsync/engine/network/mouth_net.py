"""MouthNet: a residual U-Net that corrects the fused picture.

Inputs are the fused picture, the two pictures it was fused of, the plate with mouth and jaw erased,
and guides that say where lips and jaw should be.  It outputs how far to move back towards either
picture, and a colour to add; the finest frequency band is not changed, because a regression would
blur it (DR007). Untrained it returns the fused picture, bit for bit, so that training starts there.
Source: Ronneberger, Fischer, Brox 2015, "U-Net"; residual blocks after He, Zhang, Ren, Sun 2016,
"Identity Mappings in Deep Residual Networks".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from dubsync.core.arrays import Array
from dubsync.core.errors import ModelError
from dubsync.engine.device import copied, in_precision
from dubsync.engine.geometry.mesh import EYE_CORNERS, INNER_LIPS, JAW, OUTER_LIPS

Size = Literal["T", "S", "M", "L"]
#: Channels at each scale, finest first; T is for tests, L for close-ups at 1024.
CHANNELS: Mapping[Size, tuple[int, ...]] = {
    "T": (16, 32, 48),
    "S": (24, 48, 64, 96),
    "M": (32, 64, 128, 192, 256),
    "L": (48, 96, 160, 256, 320),
}
GUIDES = 5
#: Input channels; the guides come last.
FUSED, EXEMPLAR, PREDICTED, ERASED = (slice(n, n + 3) for n in range(0, 12, 3))
MATTE = slice(12, 13)
INPUT_CHANNELS = MATTE.stop + GUIDES
#: Output channels: two shares, three colours.
OUTPUT_CHANNELS = 5
#: Scale of the differences between pictures, which are small compared with the pictures.
DIFFERENCE = 4.0
#: Standard deviation, pixels, of the Gaussian that removes the finest band from the change.
FINEST = 1.0
#: On a GPU sizes are rounded up to this many pixels, so that frames of nearly one size go together;
#: and at most so many pixels go through the network at once, which bounds its memory.
ROUNDED, TOGETHER = 64, 4 << 20
#: Distance from an outline at which a guide saturates, eye distances.
NEAR = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """One frame's pictures at the scale drawn at, (h, w, 3) working colour.

    matte   (h, w)     0..1; the plate is visible to the network where it is 0
    guides  (h, w, 5)  see `guides`
    """

    exemplar: Array
    predicted: Array
    fused: Array
    plate: Array
    matte: Array
    guides: Array

    def stacked(self) -> Array:
        """(INPUT_CHANNELS, h, w), the network's input."""
        bare = (self.matte <= 0)[..., None]
        parts = (
            self.fused * 2 - 1,
            (self.exemplar - self.fused) * DIFFERENCE,
            (self.predicted - self.fused) * DIFFERENCE,
            (self.plate * 2 - 1) * bare,
            self.matte[..., None],
            self.guides,
        )
        together = np.concatenate(parts, axis=2).transpose(2, 0, 1)
        return np.asarray(np.ascontiguousarray(together), np.float32)


def guides(points: Array, size: tuple[int, int], unit: float) -> Array:
    """(h, w, 5) -1..1: signed distance to outer lips, inner lips and jaw, and x, y."""
    height, width = size
    maps = [_inside(points[line], size) / (NEAR * unit) for line in (OUTER_LIPS, INNER_LIPS, JAW)]
    middle = points[np.ravel(EYE_CORNERS), :2].mean(axis=0)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    maps += [(x + 0.5 - middle[0]) / (2 * unit), (y + 0.5 - middle[1]) / (2 * unit)]
    return np.asarray(np.clip(np.stack(maps, axis=-1), -1, 1), np.float32)


class Block(nn.Module):
    """Two convolutions added to their input; the second starts at zero."""

    def __init__(self, wide: int, out: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(wide, out, 3, padding=1)
        self.second = nn.Conv2d(out, out, 3, padding=1)
        self.past = nn.Conv2d(wide, out, 1) if wide != out else nn.Identity()
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(cast(torch.Tensor, self.second.bias))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        done = self.second(functional.silu(self.first(functional.silu(x))))
        return cast(torch.Tensor, self.past(x) + done)


class MouthNet(nn.Module):
    """See the module.  Height and width of its input are multiples of `step`."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        self.in_half = False  # computed in bfloat16
        channels = CHANNELS[size]
        self.step = 2 ** (len(channels) - 1)
        self.shown = nn.Conv2d(INPUT_CHANNELS, channels[0], 3, padding=1)
        self.down = nn.ModuleList(Block(c, c) for c in channels)
        self.smaller = nn.ModuleList(
            nn.Conv2d(a, b, 2, stride=2) for a, b in zip(channels, channels[1:], strict=False)
        )
        up = channels[::-1]
        self.larger = nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in zip(up, up[1:], strict=False))
        self.up = nn.ModuleList(Block(2 * c, c) for c in up[1:])
        self.answer = nn.Conv2d(channels[0], OUTPUT_CHANNELS, 3, padding=1)
        nn.init.zeros_(self.answer.weight)
        nn.init.zeros_(cast(torch.Tensor, self.answer.bias))

    def forward(self, shown: torch.Tensor) -> torch.Tensor:
        """(B, 3, h, w) pictures for (B, INPUT_CHANNELS, h, w) stacked Inputs."""
        x = self.shown(shown)
        passed = []
        for n, block in enumerate(self.down):
            x = block(x)
            if n < len(self.smaller):
                passed.append(x)
                x = self.smaller[n](x)
        for lift, block, beside in zip(self.larger, self.up, reversed(passed), strict=True):
            x = functional.interpolate(lift(x), scale_factor=2, mode="nearest")
            x = block(torch.cat([x, beside], dim=1))
        answer = self.answer(functional.silu(x))
        fused = (shown[:, FUSED] + 1) / 2
        back = torch.tanh(answer[:, :1]) * shown[:, EXEMPLAR] / DIFFERENCE
        on = torch.tanh(answer[:, 1:2]) * shown[:, PREDICTED] / DIFFERENCE
        change = (back + on + answer[:, 2:] / DIFFERENCE).float()
        return fused + coarse(change)

    def picture(self, inputs: Inputs) -> Array:
        """(h, w, 3) one frame's picture."""
        return self.pictures([inputs])[0]

    def pictures(self, inputs: Sequence[Inputs]) -> list[Array]:
        """(h, w, 3) each frame's picture.

        On a GPU frames of one size, rounded up, are drawn together and come back in one copy.  The
        size that a frame is padded to does not depend on the others.  A CPU draws one at a time.
        """
        device = self.answer.weight.device
        step = self.step if device.type == "cpu" else ROUNDED
        sizes = [tuple(-(-side // step) * step for side in one.matte.shape) for one in inputs]
        result: dict[int, Array] = {}
        for height, width in dict.fromkeys(sizes):
            alike = [n for n, size in enumerate(sizes) if size == (height, width)]
            most = 1 if device.type == "cpu" else max(1, TOGETHER // (height * width))
            for first in range(0, len(alike), most):
                rows = alike[first : first + most]
                made = self._made([inputs[n] for n in rows], (height, width), device)
                for n, picture in zip(rows, made, strict=True):
                    h, w = inputs[n].matte.shape
                    result[n] = np.asarray(picture[:, :h, :w].transpose(1, 2, 0), np.float32)
        return [result[n] for n in range(len(inputs))]

    def _made(
        self, inputs: Sequence[Inputs], size: tuple[int, int], device: torch.device
    ) -> NDArray[np.float32]:
        """(B, 3, *size) pictures of frames that are padded to `size`."""
        parts = []
        for one in inputs:
            h, w = one.matte.shape
            shown = copied(torch.from_numpy(one.stacked())[None], device)
            room = (0, size[1] - w, 0, size[0] - h)
            parts.append(functional.pad(shown, room, mode="replicate"))
        shown = torch.cat(parts) if len(parts) > 1 else parts[0]
        if device.type == "cuda":
            shown = shown.contiguous(memory_format=torch.channels_last)
        with in_precision(device, self.in_half):
            return np.asarray(self(shown).float().cpu().numpy(), np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For `from_arrays`."""
        weights = {name: value.detach().cpu().numpy() for name, value in self.state_dict().items()}
        return {f"size.{self.size}": np.zeros(1, np.float32), **weights}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> MouthNet:
        """From `arrays()`.

        Raises:
            ModelError: not such a network.
        """
        sizes = [size for size in CHANNELS if f"size.{size}" in arrays]
        if len(sizes) != 1:
            raise ModelError("a network of no known size")
        network = cls(sizes[0])
        weights = {n: torch.from_numpy(a.copy()) for n, a in arrays.items() if n[:5] != "size."}
        try:
            network.load_state_dict(weights)
        except RuntimeError as error:
            raise ModelError(f"not the weights of a size {sizes[0]} network") from error
        return network.eval()


def size_for(px: int) -> Size:
    """The network size for faces whose crop is `px` wide, unless another is requested."""
    return "T" if px <= 96 else "S" if px <= 320 else "M" if px <= 768 else "L"


def flops(size: Size, height: int, width: int) -> int:
    """Multiplications and additions of one picture."""
    total = 0
    network = MouthNet(size)

    def count(layer: nn.Module, _: Any, made: torch.Tensor) -> None:
        nonlocal total
        assert isinstance(layer, nn.Conv2d)
        each = layer.in_channels * layer.kernel_size[0] * layer.kernel_size[1]
        total += 2 * each * made.shape[1] * made.shape[2] * made.shape[3]

    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(count)
    step = network.step
    with torch.no_grad():
        network(torch.zeros(1, INPUT_CHANNELS, -(-height // step) * step, -(-width // step) * step))
    return total


def coarse(change: torch.Tensor) -> torch.Tensor:
    """`change` without its finest band, which a regression would blur."""
    offsets = torch.arange(-3, 4, device=change.device, dtype=change.dtype)
    line = torch.exp(-0.5 * (offsets / FINEST) ** 2)
    line = line / line.sum()
    kernel = (line[:, None] * line).expand(change.shape[1], 1, 7, 7)
    padded = functional.pad(change, (3, 3, 3, 3), mode="replicate")
    return functional.conv2d(padded, kernel, groups=change.shape[1])


def _inside(outline: Array, size: tuple[int, int]) -> Array:
    """(h, w) signed distance to an outline (n, 2) in pixels, positive inside."""
    filled = np.zeros(size, np.uint8)
    corners = np.rint((outline[:, :2] - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(filled, [corners], 1, shift=4)
    within = cv2.distanceTransform(filled, cv2.DIST_L2, 5)
    return np.asarray(within - cv2.distanceTransform(1 - filled, cv2.DIST_L2, 5), np.float32)
