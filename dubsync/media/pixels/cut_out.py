"""Cuts polygons out of a patch's matte: inside them the plate's own samples stay.

The matte is 0 on every pixel whose centre lies inside an outline, and rises softly outside.  So
the composite copies those samples, and the matte that is written says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import PictureFormat, Region
from dubsync.core.steps import Patch
from dubsync.core.tweak.matte_edit import CutOut, Outline


@dataclass(frozen=True, slots=True)
class Cut:
    """One outline in pixels of a picture, pixel centres at .5, and the width of its soft edge."""

    outline: Outline
    soft: float


def cuts_at(cut_outs: Sequence[CutOut], frame: int, scale: tuple[float, float]) -> tuple[Cut, ...]:
    """The outlines that apply in plate frame `frame`.

    Args:
        scale: (across, down) pixels of the picture to a square pixel of the plate.
    """
    return tuple(
        Cut(
            tuple((x * scale[0], y * scale[1]) for x, y in one.at(frame)),
            one.soft * min(scale),
        )
        for one in cut_outs
        if one.applies(frame)
    )


def cuts_on_plate(cut_outs: Sequence[CutOut], frame: int, form: PictureFormat) -> tuple[Cut, ...]:
    """The outlines that apply in plate frame `frame`, on the plate's own pixels."""
    width, height = form.square_size
    scale = min(form.width / width, form.height / height)
    return tuple(
        Cut(
            tuple((float(x), float(y)) for x, y in form.stored_places(np.array(one.at(frame)))),
            one.soft * scale,
        )
        for one in cut_outs
        if one.applies(frame)
    )


def cut(patch: Patch, cuts: Sequence[Cut]) -> Patch | None:
    """`patch` without the outlines of `cuts`; None where nothing of it is left."""
    matte = patch.matte
    for one in cuts:
        share = free_share(one, patch.region)
        if share is not None:
            free = np.floor(255 * share).astype(np.uint8)
            matte = np.minimum(matte, free)
    if matte is patch.matte:
        return patch
    return replace(patch, matte=matte) if matte.any() else None


def free_share(one: Cut, region: Region) -> Array | None:
    """(h, w) 0 inside the outline, rising to 1 outside; None where all of `region` is free."""
    import cv2  # here, because opening a project cuts nothing

    beside = ceil(one.soft) + 2
    points = np.array(one.outline, np.float64)
    low, high = points.min(axis=0) - beside, points.max(axis=0) + beside
    if (
        high[0] < region.left or high[1] < region.top
        or low[0] > region.right or low[1] > region.bottom
    ):  # fmt: skip
        return None
    inside = _filled(points, region, beside)
    if not inside.any():
        return None
    away = cv2.distanceTransform(1 - inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    rise = np.clip(away / max(one.soft, 1.0), 0, 1)[beside:-beside, beside:-beside]
    return np.asarray(rise * rise * (3 - 2 * rise), np.float32)


def _filled(points: NDArray[np.float64], region: Region, beside: int) -> NDArray[np.uint8]:
    """(h + 2 beside, w + 2 beside) 1 where a pixel's centre lies inside the outline.

    By the even-odd rule, exactly: a drawing library's polygons miss some centres near the edge.
    """
    high, wide = region.height + 2 * beside, region.width + 2 * beside
    at = points - np.array([region.left - beside, region.top - beside]) - 0.5
    turns = np.zeros((high, wide + 1), np.uint8)
    for (x, y), (u, v) in zip(at, np.roll(at, -1, axis=0), strict=True):
        low, top = sorted((y, v))
        # Rows whose centres the edge crosses, its upper end included and its lower end not.
        rows = np.arange(max(ceil(low), 0), min(ceil(top), high))
        if not len(rows):
            continue
        crossing = x + (rows - y) / (v - y) * (u - x)
        columns = np.clip(np.ceil(crossing), 0, wide).astype(np.intp)
        turns[rows, columns] ^= 1
    return np.asarray(np.bitwise_xor.accumulate(turns, axis=1)[:, :-1], np.uint8)
