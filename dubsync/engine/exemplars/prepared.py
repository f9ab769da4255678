"""Exemplars, prepared on a device to be drawn from."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.compositing.colour_match import laplacian_energy
from dubsync.engine.compositing.matte import flat_eye_distance, mouth_box
from dubsync.engine.compositing.pixel_order import by_plane
from dubsync.engine.exemplars.bank import Picture
from dubsync.engine.exemplars.low_frequencies import LOW_SAMPLES
from dubsync.engine.exemplars.sheet import Source
from dubsync.engine.geometry import thin_plate


def prepared(
    picture: Picture | Array,
    points: Array,
    device: torch.device,
    hidden: NDArray[np.bool_] | None = None,
    *,
    low_only: bool = False,
) -> Source:
    """An exemplar's picture (H, W, 3), with its landmarks `points`, prepared for sampling.

    Args:
        hidden: (H, W) where something stands in front of the face in it.
        low_only: only its low frequencies, see `Source.without_picture`.
    """
    full = picture.astype(np.float32)
    unit = flat_eye_distance(points)
    height, width = full.shape[:2]
    low = thin_plate.downscaled(full, max(unit / LOW_SAMPLES, 1.0))
    scale = np.array([low.shape[1] / width, low.shape[0] / height], np.float32)
    mask = None if hidden is None else as_planes(hidden[..., None].astype(np.float32), device)
    coarse = as_planes(low, device)
    if low_only:
        none = torch.empty(3, 0, 0)
        return Source(none, coarse, points, scale, unit, 0.0, mask, none).without_picture()
    sharpness = laplacian_energy(full, mouth_box(points, width, height))
    host = torch.from_numpy(by_plane(full))
    return Source(host.to(device), coarse, points, scale, unit, sharpness, mask, host)


def as_planes(picture: Array, device: torch.device) -> torch.Tensor:
    """A picture (H, W, 3), or a mask (H, W, 1), as (3 or 1, H, W) on the device."""
    if picture.shape[2] == 3:
        return torch.as_tensor(by_plane(np.asarray(picture, np.float32)), device=device)
    flat = np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32)
    return torch.as_tensor(flat, device=device)
