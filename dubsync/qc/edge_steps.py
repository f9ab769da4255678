"""How far the picture's brightness and colour step at the edge of the matte."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.picture import Frame, Region

Gray = NDArray[np.float32]
Curve = NDArray[np.float64]

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
    across, down = frame.format.chroma
    rows = slice(region.top >> down, -(-region.bottom >> down))
    columns = slice(region.left >> across, -(-region.right >> across))
    size = (region.width, region.height)
    return tuple(
        _gray(cv2.resize(_gray(p[rows, columns]) / scale, size, interpolation=cv2.INTER_NEAREST))
        for p in frame.planes[1:3]
    )


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
    rows, columns = (np.flatnonzero(matte.any(axis=a)) for a in (1, 0))
    if not len(rows) or not changes:
        return steps
    cut = tuple(slice(max(x[0] - ROOM, 0), x[-1] + ROOM + 1) for x in (rows, columns))
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
