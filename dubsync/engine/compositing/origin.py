"""Where in the plate what is drawn was: `Patch.origin` of patches that lie over each other.

It goes out of the house as an ST-map; nothing is drawn from it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.core.steps import ELSEWHERE, Patch


def merged_origin(region: Region, patches: Sequence[Patch]) -> Array | None:
    """`Patch.origin` over `region` of patches, each over those before it; None: nothing moves.

    Where a patch is more than half transparent what lies below it counts.
    """
    if all(patch.origin is None for patch in patches):
        return None
    origin = centres(region)
    for patch in patches:
        top, left = patch.region.top - region.top, patch.region.left - region.left
        part = origin[top : top + patch.region.height, left : left + patch.region.width]
        over = (patch.matte >= 128) | (part == centres(patch.region)).all(axis=-1)
        own = centres(patch.region) if patch.origin is None else patch.origin
        np.copyto(part, own, where=over[..., None])
    return origin


def centres(region: Region) -> Array:
    """(h, w, 2) the pixel centres of `region`, pixels x, y."""
    x = np.arange(region.left, region.right, dtype=np.float32) + np.float32(0.5)
    y = np.arange(region.top, region.bottom, dtype=np.float32) + np.float32(0.5)
    return np.stack(np.meshgrid(x, y), axis=-1)


def from_elsewhere(region: Region) -> Array:
    """(h, w, 2) the origin of pixels that other frames lend."""
    return np.full((region.height, region.width, 2), ELSEWHERE, np.float32)
