"""Frames in square pixels, and patches back on the plate's own pixels.

Geometry is reckoned in square pixels everywhere: frames are read for the engine, for measures and
for pictures by `squared`, so landmarks and patches are in square pixels too.  This is the one place
that knows otherwise; a patch returns to the plate's grid just before it is composited.  The side
that is too short is stretched, never the other shrunk, so no detail of the plate is lost.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from dubsync.core.colour import chroma_at_luma, stored
from dubsync.core.picture import Frame, PictureFormat, Plane, Region
from dubsync.core.steps import Patch


def square_format(form: PictureFormat) -> PictureFormat:
    """The format of `form`'s frames in square pixels; the same object if they are square already.

    The wider or higher picture has chroma at every pixel, no alpha, and the same depth.
    """
    if form.pixel_aspect == 1:
        return form
    across, down = max(form.pixel_aspect, Fraction(1)), max(1 / form.pixel_aspect, Fraction(1))
    return replace(
        form,
        width=round(form.width * across),
        height=round(form.height * down),
        pixel_aspect=Fraction(1),
        chroma=(0, 0),
        bits=32 if form.floating else form.bits,
        storage="square",
    )


def squared(frame: Frame) -> Frame:
    """The frame in square pixels; itself if they are square already."""
    form = frame.format
    target = square_format(form)
    if target is form:
        return frame
    planes = []
    for n, plane in enumerate(frame.planes[: 1 if form.model == "gray" else 3]):
        values = plane
        if form.model == "yuv" and n and form.chroma != (0, 0):
            values = chroma_at_luma(plane.astype(np.float32), form, (form.height, form.width))
        planes.append(_stretched(values, plane, target))
    return Frame(frame.number, tuple(planes), target)


def squared_matte(matte: NDArray[np.uint8], form: PictureFormat) -> NDArray[np.uint8]:
    """A matte (H, W) of frames of `form` in square pixels."""
    target = square_format(form)
    if target is form:
        return matte
    import cv2  # here, because opening a project stretches nothing

    size = (target.width, target.height)
    return np.asarray(cv2.resize(matte, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def patch_on_plate(patch: Patch, form: PictureFormat) -> Patch:
    """A patch in square pixels as one on the plate's pixels, aligned to its chroma sites."""
    target = square_format(form)
    if target is form:
        return patch
    import cv2  # here, because opening a project stretches nothing

    across, down = target.width / form.width, target.height / form.height
    region = patch.region
    on_plate = Region(
        int(np.floor(region.left / across)),
        int(np.floor(region.top / down)),
        int(np.ceil(region.right / across)),
        int(np.ceil(region.bottom / down)),
    ).aligned(form)
    columns = (np.arange(on_plate.left, on_plate.right) + 0.5) * across - 0.5 - region.left
    rows = (np.arange(on_plate.top, on_plate.bottom) + 0.5) * down - 0.5 - region.top
    x, y = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
    rgb = cv2.remap(
        np.asarray(patch.rgb), x, y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE
    )
    matte = cv2.remap(
        np.asarray(patch.matte), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
    )
    origin = None
    if patch.origin is not None:
        origin = cv2.remap(
            np.asarray(patch.origin), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ) / np.array([across, down], np.float32)
    return Patch(on_plate, np.asarray(rgb, np.float32), np.asarray(matte, np.uint8), origin=origin)


def _stretched(values: Plane, plane: Plane, target: PictureFormat) -> Plane:
    """`values` at the size of `target`, in samples of `plane`."""
    import cv2  # here, because opening a project stretches nothing

    size = (target.width, target.height)
    if target.floating:  # cubic: a wider kernel rings beside highlights far above white
        return np.asarray(
            cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
        )
    wide = cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_LANCZOS4)
    return stored(np.asarray(wide, np.float32), plane, target)
