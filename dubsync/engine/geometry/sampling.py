"""Sample a rotated square of a plate into a small upright picture, directly from stored planes.

Only the square is read: a 4K plate costs what its face costs.  Plate points count pixel centres
at .5, so the middle of the top left pixel is (0.5, 0.5), in the plate and in the picture alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.colour import LUMA_WEIGHTS
from dubsync.core.errors import ShapeError
from dubsync.core.picture import Frame, PictureFormat, Plane

#: From this many plate samples per picture pixel, samples are skipped before averaging.
THIN_FROM = 6


@dataclass(frozen=True, slots=True)
class Square:
    """A square on a frame in square pixels, rotated by `angle` radians, clockwise.

    x, y   its centre, pixels
    side   pixels
    """

    x: float
    y: float
    side: float
    angle: float = 0.0

    def to_plate(self, px: int) -> NDArray[np.float64]:
        """(2, 3) matrix from a `px` wide picture's points to plate points."""
        step = self.side / px
        cos, sin = np.cos(self.angle) * step, np.sin(self.angle) * step
        turn = np.array([[cos, -sin], [sin, cos]])
        move = np.array([self.x, self.y]) - turn @ np.full(2, px / 2)
        return np.hstack([turn, move[:, None]])


def rgb_frame(rgb: NDArray[np.uint8], number: int = 0) -> Frame:
    """An 8-bit RGB picture (H, W, 3) as a Frame, for stills and synthetic pictures."""
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise ShapeError(f"an RGB picture is (H, W, 3) uint8, not {rgb.shape} {rgb.dtype}")
    height, width = rgb.shape[:2]
    form = PictureFormat(width, height, "rgb", 8, matrix="rgb", full_range=True)
    planes = tuple(np.ascontiguousarray(rgb[..., c]) for c in range(3))
    return Frame(number, planes, form)


def sample(frame: Frame, square: Square, px: int) -> Array:
    """The square as a (px, px, 3) float32 picture in working colour, clipped to 0..1; HDR as seen.

    Outside the plate its edge is repeated.  Bilinear; where the plate is finer than the picture by
    1.5 or more, whole blocks of plate samples are averaged first, so that it does not alias.
    """
    form = frame.format
    matrix = square.to_plate(px)
    planes = [
        _sampled(plane, _plane_matrix(matrix, form, n), px)
        for n, plane in enumerate(frame.planes[: 1 if form.model == "gray" else 3])
    ]
    return _shown(planes, form)


def thumbnail(frame: Frame, width: int, height: int) -> Array:
    """The whole frame as a coarse (height, width) luma (or green) picture: for comparing frames."""
    plane = frame.planes[1 if frame.format.model == "rgb" else 0]
    step = max(1, min(plane.shape[0] // (height * 4), plane.shape[1] // (width * 4)))
    small = cv2.resize(
        np.ascontiguousarray(plane[::step, ::step]).astype(np.float32),
        (width, height),
        interpolation=cv2.INTER_AREA,
    )
    if frame.format.floating:
        return np.asarray(np.sqrt(np.clip(small, 0, 4)), np.float32)
    return np.asarray(small / float((1 << frame.format.bits) - 1), np.float32)


def _plane_matrix(
    matrix: NDArray[np.float64], form: PictureFormat, plane: int
) -> NDArray[np.float64]:
    """Picture points to plane sample numbers; chroma left-sited across, centred down."""
    across, down = form.chroma if form.model == "yuv" and plane else (0, 0)
    moved = matrix.copy()
    moved[0] /= 1 << across
    moved[1] /= 1 << down
    moved[0, 2] -= 0.5 / (1 << across)
    moved[1, 2] -= 0.5
    return moved


def _sampled(plane: Plane, matrix: NDArray[np.float64], px: int) -> Plane:
    """`plane` at matrix @ (x + .5, y + .5) for each of the px x px picture pixels."""
    matrix = matrix.copy()
    matrix[:, 2] += matrix[:, :2] @ np.full(2, 0.5)
    if plane.dtype == np.float16:
        plane, matrix = _cut(plane, matrix, px)
        plane = plane.astype(np.float32)
    block = int(np.hypot(matrix[0, 0], matrix[1, 0]) + 0.5)
    if block >= THIN_FROM:
        # Far finer than needed, as a whole frame is for the detector: skip samples.
        step = block // (THIN_FROM // 2)
        plane, matrix = _cut(plane, matrix, px)
        plane, matrix = plane[::step, ::step], matrix / step
        block = int(np.hypot(matrix[0, 0], matrix[1, 0]) + 0.5)
    if block > 1:
        plane, matrix = _blocks(*_cut(plane, matrix, px), block)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(plane, matrix, (px, px), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    )


def _cut(plane: Plane, matrix: NDArray[np.float64], px: int) -> tuple[Plane, NDArray[np.float64]]:
    """The part of `plane` that the picture reads, and the matrix into that part."""
    corners = matrix @ np.array([[0, px, 0, px], [0, 0, px, px], [1, 1, 1, 1]], np.float64)
    margin = 2 + int(np.hypot(matrix[0, 0], matrix[1, 0]))
    height, width = plane.shape
    low = np.floor(corners.min(axis=1)).astype(int) - margin
    high = np.ceil(corners.max(axis=1)).astype(int) + margin
    left, right = (int(np.clip(v, 0, width)) for v in (low[0], high[0]))
    top, bottom = (int(np.clip(v, 0, height)) for v in (low[1], high[1]))
    left, top = min(left, width - 1), min(top, height - 1)
    moved = matrix.copy()
    moved[:, 2] -= (left, top)
    return plane[top : max(bottom, top + 1), left : max(right, left + 1)], moved


def _blocks(
    plane: Plane, matrix: NDArray[np.float64], block: int
) -> tuple[Plane, NDArray[np.float64]]:
    """`plane` averaged over block x block samples (a short last block repeats its edge)."""
    height, width = plane.shape
    short = (-height % block, -width % block)
    if any(short):
        plane = cv2.copyMakeBorder(plane, 0, short[0], 0, short[1], cv2.BORDER_REPLICATE)
    size = (plane.shape[1] // block, plane.shape[0] // block)
    moved = matrix / block
    moved[:, 2] += 0.5 / block - 0.5
    return cv2.resize(plane, size, interpolation=cv2.INTER_AREA), moved


def _shown(planes: list[Plane], form: PictureFormat) -> Array:
    """Sampled planes as working colour (core/colour.py), one 3 x 4 matrix for integer plates."""
    if len(planes) == 1:
        planes = planes * 3
    stacked: Any = cv2.merge([np.asarray(p) for p in planes]).astype(np.float32)
    if form.colour is not None:
        code = stacked if form.floating else cv2.transform(stacked, _colour_matrix(form))
        shown = form.colour.seen_of(form.colour.working_of(code))
        return np.asarray(np.clip(shown, 0, 1), np.float32)
    if form.floating:
        linear = np.clip(stacked, 0, 1)
        curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
        return np.asarray(curved, np.float32)
    shown = cv2.transform(stacked, _colour_matrix(form))
    return np.asarray(np.clip(shown, 0, 1, out=shown), np.float32)


@cache
def _colour_matrix(form: PictureFormat) -> NDArray[np.float32]:
    """(3, 4): stored integers to R'G'B'; BT.601-7, BT.709-6, BT.2020-2 as in core/colour.py."""
    top = float((1 << form.bits) - 1)
    if form.model == "rgb" or (form.model == "gray" and form.full_range):
        return np.hstack([np.eye(3) / top, np.zeros((3, 1))]).astype(np.float32)
    unit = float(1 << (form.bits - 8))
    luma, chroma = (top, top) if form.full_range else (219 * unit, 224 * unit)
    black = 0.0 if form.full_range else 16 * unit
    if form.model == "gray":
        return np.hstack([np.eye(3) / luma, np.full((3, 1), -black / luma)]).astype(np.float32)
    kr, kb = LUMA_WEIGHTS[form.matrix]
    kg = 1 - kr - kb
    to_rgb = np.array(
        [
            [1, 0, 2 * (1 - kr)],
            [1, -2 * kb * (1 - kb) / kg, -2 * kr * (1 - kr) / kg],
            [1, 2 * (1 - kb), 0],
        ]
    ) / np.array([luma, chroma, chroma])
    zero = np.array([black, 128 * unit, 128 * unit])
    return np.hstack([to_rgb, (-to_rgb @ zero)[:, None]]).astype(np.float32)
