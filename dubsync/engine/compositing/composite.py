"""Composite patches over the plate, in the plate's own stored samples.

Only samples whose matte is above zero are written; all others are copied, so they are equal by
construction.  Chroma is stricter: a chroma sample is written only where no common upsampling filter
can spread it to a pixel whose matte is zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.colour import plane_values, stored, working_rgb
from dubsync.core.errors import ShapeError
from dubsync.core.picture import Frame, PictureFormat, Plane, Region
from dubsync.core.steps import Composite, Patch

#: Chroma sites that bicubic upsampling (the widest in use) reads on either side of a pixel.
CHROMA_REACH = 2
#: Chroma that differs from the plate's by this many 8-bit steps is another picture's.
SAME_CHROMA = 4


def composite(frame: Frame, patches: Sequence[Patch]) -> Composite:
    """Implements `Engine.composite`.

    A sample of luma, or of R, G or B, becomes round((1 - m) * plate + m * new), m = matte / 255.
    Chroma m is the mean of the luma samples it covers, or 0 near the matte's edge.  Later patches
    lie over earlier ones; the composite's matte is the maximum of theirs.

    Returns:
        The very same `frame` where no matte is above zero.

    Raises:
        ShapeError: a patch outside the frame, or not aligned to chroma sites.
    """
    form = frame.format
    matte = np.zeros((form.height, form.width), np.uint8)
    drawn = tuple(patch for patch in patches if patch.matte.any())
    if not drawn:
        return Composite(frame, matte, ())
    planes = [np.array(plane) for plane in frame.planes]
    for patch in drawn:
        region = patch.region
        if region != region.aligned(form):
            raise ShapeError(f"a patch at {region} does not fit a {form.width}x{form.height} frame")
        part = matte[region.rows, region.columns]
        np.maximum(part, patch.matte, out=part)
        _blend(planes, patch, frame)
    return Composite(Frame(frame.number, tuple(planes), form, frame.extra), matte, drawn)


def chroma_matte(
    matte: NDArray[np.uint8], form: PictureFormat, region: Region
) -> NDArray[np.float32]:
    """Blend factor 0..1 of each chroma sample of `region`.

    The mean of the luma matte over the samples it covers; 0 unless the matte is above zero on
    every luma sample within CHROMA_REACH sites, so that no pixel with matte 0 is reached.
    """
    across, down = form.chroma
    wide, high = 1 << across, 1 << down
    short = (-matte.shape[0] % high, -matte.shape[1] % wide)
    full = np.pad(matte, ((0, short[0]), (0, short[1])), mode="edge")
    blocks = full.reshape(full.shape[0] // high, high, full.shape[1] // wide, wide)
    sites = [blocks[:, y, :, x] for y in range(high) for x in range(wide)]
    total = np.add.reduce([site.astype(np.float32) for site in sites])  # whole numbers: exact
    mean = total / np.float32(len(sites)) * np.float32(1 / 255)
    inside = np.asarray(np.minimum.reduce(sites) > 0, np.uint8)
    radius = (CHROMA_REACH if across else 0, CHROMA_REACH if down else 0)
    kernel = np.ones((2 * radius[1] + 1, 2 * radius[0] + 1), np.uint8)
    # Past the frame's own edge there is no pixel to protect; past the patch's there is.
    edges = (
        region.top == 0,
        region.bottom == form.height,
        region.left == 0,
        region.right == form.width,
    )
    top, bottom, left, right = (CHROMA_REACH * int(edge) for edge in edges)
    held = cv2.copyMakeBorder(inside, top, bottom, left, right, cv2.BORDER_CONSTANT, value=1)
    held = cv2.erode(held, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    held = held[top : held.shape[0] - bottom, left : held.shape[1] - right]
    return np.asarray(mean * held, np.float32)


def _blend(planes: list[Plane], patch: Patch, frame: Frame) -> None:
    """Blend `patch` into `planes`."""
    form, region = frame.format, patch.region
    share = np.asarray(patch.matte, np.float32) * np.float32(1 / 255)
    new = plane_values(np.asarray(patch.rgb, np.float32), form)
    subsampled = form.model == "yuv" and form.chroma != (0, 0)
    if subsampled:
        # Where the patch is the plate's own picture, subtract the error that conversion to R'G'B'
        # and back adds to its chroma, so that unchanged pixels stay unchanged.
        coarse = chroma_matte(patch.matte, form, region)
        there_and_back = plane_values(working_rgb(frame, region), form)
    for n, values in enumerate(new):
        part = _part(planes[n], region.in_plane(form, n))
        old = part.astype(np.float32)
        if subsampled and n > 0:
            kept = coarse
            plate = _part(frame.planes[n], region.in_plane(form, n)).astype(np.float32)
            alike = _similarity(values, there_and_back[n], form)
            wanted = values + alike * (plate - there_and_back[n])
        else:
            kept, wanted = share, values
        written = kept > 0
        with np.errstate(invalid="ignore"):  # a plate may hold infinity
            blended = _finite(np.asarray(old + kept * (wanted - old), np.float32), old)
        np.copyto(part, stored(blended, part, form), where=written)


def _part(plane: Plane, region: Region) -> Plane:
    return plane[region.rows, region.columns]


def _similarity(values: Array, plate: Array, form: PictureFormat) -> Array:
    """1 where chroma `values` are the plate's, falling to 0 within a few 8-bit steps."""
    apart = np.abs(values - plate) / np.float32(SAME_CHROMA * (1 << (form.bits - 8)))
    return np.asarray(np.maximum(1 - apart, 0), np.float32)


def _finite(values: Array, otherwise: Array) -> Array:
    """`values`, or `otherwise` where they are infinite or NaN because the plate is."""
    known = np.isfinite(values)
    return values if known.all() else np.where(known, values, otherwise)
