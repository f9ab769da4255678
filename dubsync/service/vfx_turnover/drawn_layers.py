"""The raw render and the ST-map of a frame, from what the engine drew of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from dubsync.core.picture import PictureFormat, Region, whole
from dubsync.core.steps import ELSEWHERE, Composite, Patch
from dubsync.core.vfx.layers import drawn_rgb

Plane = np.ndarray[Any, Any]


def drawn_channels(made: Composite, samples: str) -> dict[str, Plane]:
    """The channels of the layers "raw" and "st" (H, W).

    raw  the picture as it was drawn, before matte and composite, straight; its A is 1 where
         something was drawn, whatever the matte is there
    st   where in the plate what is at each pixel was: u to the right, v up, of the plate's width
         and height, pixel centres at +0.5 (Nuke's STMap); its own place where nothing moved.
         32-bit, because a half is off by a quarter of a pixel and more.  st.valid is 0 where other
         frames lent the picture, and the map says nothing
    """
    form = made.frame.format
    raw = np.zeros((form.height, form.width, 4), np.float32)
    at = _centres(whole(form))
    valid = np.ones((form.height, form.width), np.float32)
    for patch in made.patches:
        _lay(patch, raw, at, valid, form)
    channels = {f"raw.{c}": raw[..., n].astype(samples) for n, c in enumerate("RGBA")}
    channels["st.u"] = np.ascontiguousarray(at[..., 0] / np.float32(form.width))
    channels["st.v"] = np.ascontiguousarray(1 - at[..., 1] / np.float32(form.height))
    channels["st.valid"] = valid.astype(np.float16)
    return channels


def _lay(patch: Patch, raw: Plane, at: Plane, valid: Plane, form: PictureFormat) -> None:
    """Lay a patch over what was drawn before it: all of it where nothing was, else its matte."""
    where = (patch.region.rows, patch.region.columns)
    shown = (patch.matte > 0) | (raw[where][..., 3] == 0)
    np.copyto(raw[where][..., :3], drawn_rgb(patch.rgb, form), where=shown[..., None])
    raw[where][..., 3] = 1
    origin = _centres(patch.region) if patch.origin is None else patch.origin
    known = origin.min(axis=-1) > ELSEWHERE / 2
    np.copyto(at[where], origin, where=(shown & known)[..., None])
    np.copyto(valid[where], known.astype(np.float32), where=shown)


def _centres(region: Region) -> Plane:
    x = np.arange(region.left, region.right, dtype=np.float32) + np.float32(0.5)
    y = np.arange(region.top, region.bottom, dtype=np.float32) + np.float32(0.5)
    return np.stack(np.meshgrid(x, y), axis=-1)
