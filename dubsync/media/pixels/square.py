"""Frames in square pixels and upright, and patches back on the plate's own samples.

Geometry is reckoned in square pixels, upright, everywhere: frames are read for the engine, for
measures and for pictures by `squared`, so landmarks and patches are so too.  This is the one place
that knows otherwise; a patch returns to the plate's grid just before it is composited, so that the
plate's own samples are never turned or stretched.  The side that is too short is stretched, never
the other shrunk, so no detail of the plate is lost.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from dubsync.core.colour import chroma_at_luma, stored
from dubsync.core.picture import Frame, PictureFormat, Plane, Region
from dubsync.core.reading.turned import AS_SHOWN
from dubsync.core.steps import ELSEWHERE, Patch
from dubsync.media.pixels.fields import (
    field_of,
    in_order,
    matte_of_field,
    patch_on_field,
    whole_lines,
)


def square_format(form: PictureFormat) -> PictureFormat:
    """The format of `form`'s frames in square pixels, upright; the same object if they are so.

    Another picture than the stored one has chroma at every pixel, no alpha, and the same depth.
    """
    if form.as_seen:
        return form
    width, height = form.turned.size(*form.square_size)
    return replace(
        form,
        width=width,
        height=height,
        pixel_aspect=Fraction(1),
        turned=AS_SHOWN,
        fields="",
        field="",
        chroma=(0, 0),
        bits=32 if form.floating else form.bits,
        storage="square",
    )


def lying_as(frame: Frame, like: PictureFormat) -> Frame:
    """A frame of a plate's size whose samples lie as those of `like` do.

    Renders and mattes are written as the plate is stored; not every container can say how.
    """
    form = replace(
        frame.format,
        pixel_aspect=like.pixel_aspect,
        turned=like.turned,
        fields="" if frame.format.field else like.fields,
    )
    return Frame(frame.number, frame.planes, form, frame.extra)


def squared(frame: Frame) -> Frame:
    """The frame in square pixels, upright; itself if it is so already.

    Of an interlaced frame the earlier field is seen; a field has all lines of its frame.
    """
    if frame.format.fields:
        frame = field_of(frame, in_order(frame.format)[0])
    form = frame.format
    target = square_format(form)
    if target is form:
        return frame
    planes = []
    for n, plane in enumerate(frame.planes[: 1 if form.model == "gray" else 3]):
        values = plane
        if form.model == "yuv" and n and form.chroma != (0, 0):
            values = chroma_at_luma(plane.astype(np.float32), form, (form.height, form.width))
        seen = _stretched(values, plane, form, target)
        planes.append(np.ascontiguousarray(form.turned.shown(seen)))
    return Frame(frame.number, tuple(planes), target)


def upright(frame: Frame) -> Frame:
    """The frame as it is shown, its pixels not stretched, with chroma at every pixel, no alpha."""
    form = frame.format
    if not form.turned:
        return frame
    stored = Frame(frame.number, frame.planes, replace(form, pixel_aspect=Fraction(1)))
    seen = squared(stored)
    return Frame(frame.number, seen.planes, upright_format(form))


def upright_format(form: PictureFormat) -> PictureFormat:
    """The format of `upright` frames of `form`."""
    if not form.turned:
        return form
    aspect = 1 / form.pixel_aspect if form.turned.sideways else form.pixel_aspect
    return replace(square_format(replace(form, pixel_aspect=Fraction(1))), pixel_aspect=aspect)


def squared_matte(matte: NDArray[np.uint8], form: PictureFormat) -> NDArray[np.uint8]:
    """A matte (H, W) of frames of `form` in square pixels, upright."""
    if square_format(form) is form:
        return matte
    if form.fields:
        lines = matte_of_field(matte, in_order(form)[0])
        matte = np.repeat(lines, 2, axis=0)
    import cv2  # here, because opening a project stretches nothing

    if form.pixel_aspect != 1:
        size = form.square_size
        matte = np.asarray(cv2.resize(matte, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    return np.ascontiguousarray(form.turned.shown(matte))


def patch_on_plate(patch: Patch, form: PictureFormat) -> Patch:
    """A patch in square pixels, upright, as one on the plate's samples, on its chroma sites.

    On a field it has that field's lines.
    """
    if form.field:
        whole = replace(form, height=2 * form.height, field="", chroma=(0, 0))
        return _on_sites(patch_on_field(patch_on_plate(patch, whole), form.field), form)
    if replace(form, fields="").as_seen:
        return patch
    width, height = form.square_size
    patch = _turned_back(patch, form, width, height)
    if form.pixel_aspect == 1:
        return _on_sites(patch, form)
    import cv2  # here, because opening a project stretches nothing

    across, down = width / form.width, height / form.height
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


def _turned_back(patch: Patch, form: PictureFormat, width: int, height: int) -> Patch:
    """An upright patch as the picture is stored; `width`, `height`: of that, in square pixels."""
    if not form.turned:
        return patch
    region, turned = patch.region, form.turned
    corners = np.array([[region.left, region.top], [region.right, region.bottom]])
    (x, y), (u, v) = turned.places_stored(corners, width, height)
    origin = None
    if patch.origin is not None:
        elsewhere = np.asarray(patch.origin) == ELSEWHERE
        moved = turned.places_stored(np.asarray(patch.origin), width, height)
        moved = np.where(elsewhere.any(axis=-1, keepdims=True), ELSEWHERE, moved)
        origin = np.ascontiguousarray(turned.stored(moved), np.float32)
    return replace(
        patch,
        region=Region(int(min(x, u)), int(min(y, v)), int(max(x, u)), int(max(y, v))),
        rgb=np.ascontiguousarray(turned.stored(np.asarray(patch.rgb))),
        matte=np.ascontiguousarray(turned.stored(patch.matte)),
        origin=origin,
    )


def _on_sites(patch: Patch, form: PictureFormat) -> Patch:
    """The patch grown to chroma sites of `form`; what is added keeps the plate."""
    region, wide = patch.region, patch.region.aligned(form)
    if wide == region:
        return patch
    edges = ((region.top - wide.top, wide.bottom - region.bottom),
             (region.left - wide.left, wide.right - region.right))  # fmt: skip
    origin = patch.origin
    if origin is not None:
        origin = np.pad(origin, (*edges, (0, 0)), mode="edge")
    return replace(
        patch,
        region=wide,
        rgb=np.pad(patch.rgb, (*edges, (0, 0)), mode="edge"),
        matte=np.pad(patch.matte, edges),
        origin=origin,
    )


def _stretched(values: Plane, plane: Plane, form: PictureFormat, target: PictureFormat) -> Plane:
    """`values` of `form` in square pixels, as stored, in samples of `plane`."""
    import cv2  # here, because opening a project stretches nothing

    size = form.square_size
    if form.field:
        values = whole_lines(values, form.field)
    if form.pixel_aspect == 1:
        return values if values.dtype == plane.dtype else stored(values, plane, target)
    if target.floating:  # cubic: a wider kernel rings beside highlights far above white
        return np.asarray(
            cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
        )
    wide = cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_LANCZOS4)
    return stored(np.asarray(wide, np.float32), plane, target)
