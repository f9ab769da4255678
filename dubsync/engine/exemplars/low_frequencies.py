"""What several exemplars have in common: the mean of their low frequencies, drawn on a sheet."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.compositing.matte import inner_share
from dubsync.engine.exemplars.sheet import Sheet, Source

#: Low frequencies are what remains at this many samples per eye distance.
LOW_SAMPLES = 32.0
#: Fraction of a mouth's interior taken from one exemplar, low frequencies included: averaged teeth
#: look grey.
TEETH_HELD = 0.45


def low_correction(
    sheet: Sheet, sources: Sequence[Source], share: Array, nodes: NDArray[np.float64]
) -> torch.Tensor:
    """(3, h, w) the mean of all sources' low frequencies minus those of the first; 0 of one alone.

    Args:
        share: of each source in the mean.
        nodes: (rows, columns, 2 * sources) where each source shows the sheet's nodes.
    """
    device = sources[0].low.device
    ratio = max(sheet.unit / LOW_SAMPLES, 1.0)
    height, width = sheet.region.height, sheet.region.width
    if len(sources) < 2:
        return torch.zeros((3, height, width), device=device)
    size = (max(4, round(height / ratio)), max(4, round(width / ratio)))
    grids = torch.from_numpy(_grids(nodes, sheet.region, size, sources)).to(device)
    total = torch.zeros((3, *size), device=device)
    for n, (source, part) in enumerate(zip(sources, share, strict=True)):
        drawn = torch.nn.functional.grid_sample(
            source.low[None], grids[n, None], "bilinear", padding_mode="border", align_corners=False
        )[0]
        total += drawn * (float(part) - (1.0 if n == 0 else 0.0))
    smooth = torch.nn.functional.interpolate(
        total[None], size=(height, width), mode="bicubic", align_corners=False
    )[0]
    teeth = inner_share(sheet.wanted, sheet.region, sheet.unit)
    held = torch.from_numpy(1 - TEETH_HELD * teeth).to(device)
    return smooth * held


def _grids(
    nodes: NDArray[np.float64], region: Region, size: tuple[int, int], sources: Sequence[Source]
) -> Array:
    """(sources, *size, 2) places in each source's low picture, as torch's grids have them."""
    at = _at_low_pixels(nodes, region, size).reshape(*size, len(sources), 2)
    places = np.ascontiguousarray(at.transpose(2, 0, 1, 3))
    for place, source in zip(places, sources, strict=True):
        _, height, width = source.low.shape
        for axis, side in enumerate((width, height)):
            one = place[..., axis]
            one *= source.low_scale[axis]
            one /= np.float32(side)
    places *= 2
    places -= 1
    return places


def _at_low_pixels(
    nodes: NDArray[np.float64], region: Region, size: tuple[int, int]
) -> NDArray[np.float32]:
    """Values of `nodes` at the centres of `size` larger pixels that cover the same region."""
    rows, columns, _ = nodes.shape
    ends = []
    for full, low, count in zip((region.height, region.width), size, (rows, columns), strict=True):
        inset = (full / low - 1) / 2 / (full - 1) * (count - 1)
        ends.append(np.linspace(inset, count - 1 - inset, low, dtype=np.float32))
    x, y = np.meshgrid(ends[1], ends[0])
    planes = [
        cv2.remap(nodes[..., c : c + 4].astype(np.float32), x, y, cv2.INTER_LINEAR)
        for c in range(0, nodes.shape[2], 4)
    ]
    return np.concatenate([p.reshape(*size, -1) for p in planes], axis=-1)
