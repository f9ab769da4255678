"""A picture sampled by eight points a side, on any device: what cv2.remap does on a processor.

Source: Lanczos 1956, "Applied Analysis", the sigma factors, as a window of four lobes.
"""

from __future__ import annotations

import torch

#: Points on either side, and the parts of a pixel to which cv2 rounds a place.
LOBES, PARTS = 4, 32


def lanczos(picture: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
    """`picture` (C, H, W) at points `at` (h, w, 2), pixel centres at .5; edges are repeated."""
    channels, height, width = picture.shape
    # As cv2 does, so that a GPU draws what a processor draws.
    places = torch.round((at - 0.5) * PARTS) / PARTS
    first = torch.floor(places)
    weights = _weights(places - first)
    taps = torch.arange(1 - LOBES, LOBES + 1, device=at.device)
    x, y = (
        (first[..., axis, None].long() + taps).clamp(0, side - 1)
        for axis, side in ((0, width), (1, height))
    )
    flat = picture.reshape(channels, -1)
    total = picture.new_zeros((channels, *at.shape[:2]))
    for row in range(2 * LOBES):
        line = picture.new_zeros(total.shape)
        for column in range(2 * LOBES):
            read = flat[:, (y[..., row] * width + x[..., column]).reshape(-1)]
            line = line + read.reshape(total.shape) * weights[..., 0, column]
        total = total + line * weights[..., 1, row]
    return total


def _weights(part: torch.Tensor) -> torch.Tensor:
    """(h, w, 2, 8) weights of the points beside a place that is `part` (h, w, 2) of a pixel on."""
    taps = torch.arange(1 - LOBES, LOBES + 1, device=part.device, dtype=part.dtype)
    away = part[..., None] - taps
    raw = torch.sinc(away) * torch.sinc(away / LOBES)
    return raw / raw.sum(dim=-1, keepdim=True)
