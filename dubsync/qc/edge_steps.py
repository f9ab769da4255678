"""How far the picture's brightness and colour step at the edge of the matte."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.picture import Frame, Region

Gray = NDArray[np.float32]
Curve = NDArray[np.float64]
#: Rows and columns of a picture.
Part = tuple[slice, slice]

ARCS = 16  #: the edge is cut into this many arcs, by angle round the matte's middle
MOST_PX = 192  #: larger mattes are reduced
ROOM = 12  #: pixels of plate kept round the matte
MARGIN = 4  #: pixels on either side of the edge, after reduction
LEAST_PIXELS, LEAST_SPREAD = 30, 0.02  #: of an arc: pixels, and variance of the matte there


def colour_differences(frame: Frame, region: Region) -> tuple[Gray, ...]:
    """Two colour differences of `region`, full scale 1, as large as the region; empty for gray."""
    if len(frame.planes) < 3:
        return ()
    scale = np.float32(1 if frame.format.floating else (1 << frame.format.bits) - 1)
    if frame.format.model == "rgb":
        cut = (p[region.rows, region.columns].astype(np.float32) for p in frame.planes[:3])
        red, green, blue = (
            np.sqrt(np.clip(p, 0, 4)) if frame.format.floating else p / scale for p in cut
        )
        return _gray((blue - green) / 2), _gray((red - green) / 2)
    return tuple(_at_luma(plane, region) for plane in _chroma(frame, region))


def colour_changes(before: Frame, after: Frame, region: Region) -> tuple[Gray, ...]:
    """By how much the two colour differences of `region` change; as `colour_differences`.

    What several pixels share is compared once.
    """
    one, other = before.format, after.format
    if (one.model, other.model) != ("yuv", "yuv") or one.chroma != other.chroma:
        pairs = zip(*(colour_differences(f, region) for f in (before, after)), strict=True)
        return tuple(new - old for old, new in pairs)
    wide = region.aligned(one)
    top, left = region.top - wide.top, region.left - wide.left
    return tuple(
        _at_luma(new - old, wide)[top : top + region.height, left : left + region.width]
        for old, new in zip(_chroma(before, wide), _chroma(after, wide), strict=True)
    )


def _chroma(frame: Frame, region: Region) -> tuple[Gray, ...]:
    """The stored colour differences of a Y'CbCr frame in an aligned `region`, full scale 1."""
    scale = np.float32(1 if frame.format.floating else (1 << frame.format.bits) - 1)
    part = region.in_plane(frame.format, 1)
    return tuple(_gray(p[part.rows, part.columns]) / scale for p in frame.planes[1:3])


def _at_luma(plane: Gray, region: Region) -> Gray:
    size = (region.width, region.height)
    return _gray(cv2.resize(plane, size, interpolation=cv2.INTER_NEAREST))


def edge_part(matte: NDArray[np.uint8]) -> Part | None:
    """The part of pictures (H, W) that `edge_steps` reads; None where the matte is empty."""
    rows = np.flatnonzero(matte.any(axis=1))
    if not len(rows):
        return None
    columns = np.flatnonzero(matte[rows[0] : rows[-1] + 1].any(axis=0))
    down, across = (slice(max(int(x[0]) - ROOM, 0), int(x[-1]) + ROOM + 1) for x in (rows, columns))
    return down, across


def edge_steps(changes: Sequence[Gray], matte: NDArray[np.uint8]) -> Curve:
    """(C, ARCS) step of each channel across each arc of the matte's edge, full scale 1, signed.

    The step is the slope of the change against the matte, by least squares: what the change grows
    by from outside the matte to inside.  NaN where an arc has no edge.

    Args:
        changes: C pictures (H, W), render less plate.
        matte: (H, W).

    Source: ours.
    """
    steps = np.full((len(changes), ARCS), np.nan)
    cut = edge_part(matte)
    if cut is None or not changes:
        return steps
    whole = _gray(matte[cut]) / np.float32(255)
    shrink = max(1.0, max(whole.shape) / MOST_PX)
    size = (max(8, round(whole.shape[1] / shrink)), max(8, round(whole.shape[0] / shrink)))
    weight = _reduced(whole, size)
    y, x = np.nonzero(_band(weight))
    if not len(y):
        return steps
    middle = np.argwhere(weight >= weight.max() / 2).mean(axis=0)
    angle = np.arctan2(y - middle[0], x - middle[1])
    arc = np.floor((angle + np.pi) / (2 * np.pi) * ARCS).astype(int) % ARCS
    count = np.bincount(arc, minlength=ARCS)

    def mean(values: Curve) -> Curve:
        return np.asarray(np.bincount(arc, values, ARCS) / np.maximum(count, 1), np.float64)

    at = weight[y, x].astype(np.float64)
    spread = mean(at * at) - mean(at) ** 2
    clear = (count >= LEAST_PIXELS) & (spread >= LEAST_SPREAD)
    for n, change in enumerate(changes):
        values = _reduced(_gray(change[cut]), size)[y, x].astype(np.float64)
        slope = (mean(at * values) - mean(at) * mean(values)) / np.maximum(spread, 1e-9)
        steps[n, clear] = slope[clear]
    return steps


def _band(weight: Gray) -> NDArray[np.bool_]:
    """Pixels within MARGIN of the edge of a matte (h, w), 0..1."""
    kernel = np.ones((2 * MARGIN + 1, 2 * MARGIN + 1), np.uint8)
    covered, full = ((weight > x).astype(np.uint8) for x in (0.02, 0.98))
    near = cv2.dilate(covered, kernel) > 0
    return np.asarray(near & ~(cv2.erode(full, kernel, borderValue=1) > 0), bool)


def _reduced(picture: Gray, size: tuple[int, int]) -> Gray:
    if picture.shape[::-1] == size:
        return picture
    return _gray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def _gray(picture: NDArray[np.generic]) -> Gray:
    return np.asarray(picture, np.float32)
