"""Frames scaled down for a viewer, square and upright, with chroma at every pixel."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.picture import Frame, PictureFormat, Plane
from dubsync.media.pixels.square import square_format, squared


def viewer_format(form: PictureFormat, width: int) -> PictureFormat:
    """The format of `scaled` frames of `form`."""
    square = square_format(form)
    if square.width <= width:
        return square
    height = max(round(square.height * width / square.width), 1)
    return replace(square, width=width, height=height, chroma=(0, 0), storage="scaled")


def scaled(frame: Frame, width: int) -> Frame:
    """The frame in square pixels, upright, `width` pixels wide; never enlarged.

    Samples are averaged over the area of the new pixel, as stored: gamma-encoded integers, or
    scene-linear floats.
    """
    target = viewer_format(frame.format, width)
    if target.storage != "scaled":
        return squared(frame)
    if frame.format.fields:
        frame = squared(frame)
    form, turned = frame.format, frame.format.turned
    width, height = turned.size(target.width, target.height)
    stored = replace(target, width=width, height=height)
    planes = (
        _plane(frame.planes[n], n, form, stored) for n in range(1 if form.model == "gray" else 3)
    )
    return Frame(
        frame.number, tuple(np.ascontiguousarray(turned.shown(one)) for one in planes), target
    )


def _plane(plane: Plane, n: int, form: PictureFormat, target: PictureFormat) -> Plane:
    """Plane `n` at the size of `target`."""
    across, down = form.chroma if form.model == "yuv" and n in (1, 2) else (0, 0)
    step = form.width / target.width, form.height / target.height
    if plane.dtype == np.float16:
        plane = np.asarray(plane, np.float32)
    size = target.width, target.height
    if not across and not down:
        return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA))
    # Chroma sample k lies at luma column k * 2^across (BT.709), midway between luma rows.
    place = _places(step, (across, down))
    if step[0] / (1 << across) > 1.5:  # averaged first, or it would alias
        half = max(round(step[0] / (1 << across)), 1)
        small = plane.shape[1] // half, max(plane.shape[0] // half, 1)
        plane = np.asarray(cv2.resize(plane, small, interpolation=cv2.INTER_AREA))
        place[0] = place[0] / half
        place[1] = place[1] / half
        place[:, 2] += 0.5 / half - 0.5
    return np.asarray(
        cv2.warpAffine(
            plane, place, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
    )  # fmt: skip


def _places(step: tuple[float, float], chroma: tuple[int, int]) -> Array:
    """(2, 3) affine map from a new pixel's index to an index of the chroma plane.

    Args:
        step: luma pixels to a new pixel, (across, down).
        chroma: log2 of the subsampling.
    """
    wide, high = 1 << chroma[0], 1 << chroma[1]
    x = step[0] / wide, (0.5 * step[0] - 0.5) / wide
    y = step[1] / high, (0.5 * step[1] - 0.5 - (high - 1) / 2) / high
    return np.array([[x[0], 0, x[1]], [0, y[0], y[1]]], np.float32)
