"""Where the frames of a moving camera lie on one large picture of the background.

Points are pixels with centres at .5.  Between a frame and the canvas stands one homography, and a
slow field of what it leaves: a background of different depths, a rolling shutter.  Each picture is
sampled once, by Lanczos, on its way to the canvas, and the canvas once on its way to a frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.clean_plate.camera_motion import Matrix, Registration, moved
from dubsync.engine.geometry.sample_where import sample_where

#: Samples of the canvas at most; a longer journey is drawn smaller.
MOST_SAMPLES = 16_000_000
MOST_SCALE = 3.0  #: canvas pixels a pixel of the reference, where the camera zooms in
#: Corners of less than this movement stand still, pixels.
STILL_PX = 0.05
#: Cells of the slow field a side; reach of a corner, in sides of the region; corners that count as
#: much as the homography itself; pixels beyond which a corner is something else.
SLACK_CELLS, SLACK_REACH, SLACK_PRIOR, SLACK_MOST_PX = 12, 0.12, 1.5, 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """The canvas, and every frame's region on it.

    size    (height, width)
    places  (T, 3, 3) frame pixels (of the region, its corner at 0, 0) to canvas pixels
    slack   (T, n, n, 2) float16 canvas pixels to take off, over the frame's region
    still   whether the camera stands still: canvas and region are one
    """

    size: tuple[int, int]
    places: NDArray[np.float64]
    slack: NDArray[np.float16]
    still: bool

    def seen_by(
        self, row: int, picture: NDArray[Any], size: tuple[int, int], part: tuple[slice, slice],
        how: int = cv2.INTER_LANCZOS4,
    ) -> NDArray[Any]:  # fmt: skip
        """The canvas `picture` as frame `row` sees it: the `part` of its region of `size`."""
        return self.sampled(picture, self.on_canvas(row, size, part), part, how)

    def sampled(
        self, picture: NDArray[Any], at: Array | None, part: tuple[slice, slice],
        how: int = cv2.INTER_LANCZOS4, wanted: NDArray[np.bool_] | None = None,
    ) -> NDArray[Any]:  # fmt: skip
        """As `seen_by`, where `on_canvas` has said where the `part` is.

        Args:
            wanted: (h, w) pixels that count; None: all.
        """
        return picture[part] if at is None else _sampled(picture, at, how, wanted)

    def on_canvas(self, row: int, size: tuple[int, int], part: tuple[slice, slice]) -> Array | None:
        """(h, w, 2) canvas sample numbers of a part of frame `row`; None: a still camera's own."""
        if self.still:
            return None
        rows, columns = part
        x = np.arange(columns.start, columns.stop) + 0.5
        y = np.arange(rows.start, rows.stop)[:, None] + 0.5
        at = _through(self.places[row], x, y)
        if self.slack[row].any():
            at -= self._slack_at(row, size, *np.broadcast_arrays(x, y))
        at -= np.float32(0.5)
        return at

    def _slack_at(
        self, row: int, size: tuple[int, int], x: NDArray[np.floating], y: NDArray[np.floating]
    ) -> Array:
        """(h, w, 2) the slow field at frame pixels."""
        field = self.slack[row].astype(np.float32)
        if not field.any():
            return np.zeros((*x.shape, 2), np.float32)
        cells = field.shape[0]
        across = (x * (cells / size[1]) - 0.5).astype(np.float32)
        down = (y * (cells / size[0]) - 0.5).astype(np.float32)
        return np.asarray(
            cv2.remap(field, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        )

    def laid(
        self, row: int, picture: NDArray[Any], surely: NDArray[np.uint8], rows: tuple[int, int]
    ) -> tuple[NDArray[Any], NDArray[np.uint8]] | None:
        """Rows of the canvas from a frame's region, and how surely they show the background.

        None where the frame does not reach them.
        """
        top, bottom = rows
        if self.still:
            return picture[top:bottom], surely[top:bottom]
        size = surely.shape
        back = np.linalg.inv(self.places[row])
        reach = moved(self.places[row], _corners_of(size))
        left, right = (int(v) for v in (np.floor(reach[:, 0].min()), np.ceil(reach[:, 0].max())))
        left, right = max(left, 0), min(right, self.size[1])
        if reach[:, 1].max() < top or reach[:, 1].min() > bottom or left >= right:
            return None
        x, y = np.arange(left, right) + 0.5, np.arange(top, bottom)[:, None] + 0.5
        at = _through(back, x, y)
        if self.slack[row].any():
            off = self._slack_at(row, size, at[..., 0], at[..., 1])
            at = _through(back, x + off[..., 0], y + off[..., 1])
        at -= np.float32(0.5)
        drawn = _sampled(picture, at, cv2.INTER_LANCZOS4)
        shown = np.zeros(drawn.shape[:2], np.uint8)
        for level in range(1, int(surely.max()) + 1):
            mask = np.asarray(surely >= level, np.uint8) * np.uint8(255)
            shown += _sampled(mask, at, cv2.INTER_LINEAR) > 250
        shown[cv2.inRange(at, (0, 0), (size[1] - 1, size[0] - 1)) == 0] = 0
        whole = np.zeros((bottom - top, self.size[1], 3), np.float32)
        known = np.zeros((bottom - top, self.size[1]), np.uint8)
        whole[:, left:right], known[:, left:right] = drawn, shown
        return whole, known


def canvas_of(places: Sequence[Registration], region: Region) -> Canvas:
    """The Canvas on which the `region` of all registered frames lies."""
    size = (region.height, region.width)
    corner = np.array([[1, 0, region.left], [0, 1, region.top], [0, 0, 1.0]])
    onto = np.stack([np.linalg.inv(corner) @ one.to_reference @ corner for one in places])
    onto /= onto[:, 2:, 2:]
    ends = np.stack([moved(one, _corners_of(size)) for one in onto])
    field = np.zeros((len(places), SLACK_CELLS, SLACK_CELLS, 2), np.float16)
    if np.abs(ends - _corners_of(size)).max() < STILL_PX:
        return Canvas(size, np.stack([np.eye(3)] * len(places)), field, True)
    tight = 1 / np.sqrt(np.abs(np.linalg.det(onto[:, :2, :2])))
    low, high = ends.min(axis=(0, 1)), ends.max(axis=(0, 1))
    wide = float(np.prod(high - low))
    scale = min(float(np.clip(tight.max(), 1, MOST_SCALE)), float(np.sqrt(MOST_SAMPLES / wide)))
    place = np.array([[scale, 0, -scale * low[0]], [0, scale, -scale * low[1]], [0, 0, 1.0]])
    width, height = (int(np.ceil(v)) for v in (high - low) * scale)
    for row, one in enumerate(places):
        field[row] = _slow_field(one.slack, region) * np.float32(scale)
    return Canvas((height, width), place @ onto, field, False)


def _slow_field(slack: Array, region: Region) -> Array:
    """(n, n, 2) what the homography leaves over the region, from corners near each cell."""
    cells = (np.arange(SLACK_CELLS) + 0.5) / SLACK_CELLS
    x = region.left + cells * region.width
    y = region.top + cells * region.height
    slack = slack[np.linalg.norm(slack[:, 2:], axis=1) < SLACK_MOST_PX]
    across = (x[None, :, None] - slack[:, 0]) / (SLACK_REACH * region.width)
    down = (y[:, None, None] - slack[:, 1]) / (SLACK_REACH * region.height)
    weight = np.exp(-0.5 * (across**2 + down**2))
    field = weight @ slack[:, 2:] / (weight.sum(axis=-1) + SLACK_PRIOR)[..., None]
    return np.asarray(field, np.float32)


def _sampled(
    picture: NDArray[Any], at: Array, how: int, wanted: NDArray[np.bool_] | None = None
) -> NDArray[Any]:
    """`picture` at sample numbers (h, w, 2), having read only the part that they reach."""
    ends = np.array(picture.shape[1::-1]) - 1
    reach = np.array([cv2.minMaxLoc(at[..., n])[:2] for n in (0, 1)])
    low = np.clip(np.floor(reach[:, 0]).astype(int) - 4, 0, ends)
    high = np.clip(np.ceil(reach[:, 1]).astype(int) + 5, low + 1, ends + 1)
    part = picture[low[1] : high[1], low[0] : high[0]]
    # OpenCV does not sample float16.
    part = part.astype(np.float32) if part.dtype == np.float16 else part
    return sample_where(part, at - low.astype(np.float32), how, wanted)


def _through(matrix: Matrix, x: NDArray[np.floating], y: NDArray[np.floating]) -> Array:
    """(h, w, 2) points (h, w), or (w,) and (h, 1), through a homography."""
    w = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    at = np.empty((*w.shape, 2), np.float32)
    for n in (0, 1):
        np.divide(
            matrix[n, 0] * x + matrix[n, 1] * y + matrix[n, 2], w, out=at[..., n],
            casting="same_kind",
        )  # fmt: skip
    return at


def _corners_of(size: tuple[int, ...]) -> Matrix:
    height, width = size
    return np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float64)
