"""Drawing the mark: a keyed change of a finished frame's luma, only where pixels were drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.core.picture import Frame, PictureFormat, frozen
from dubsync.engine.mark.code import symbols
from dubsync.engine.mark.flat_face import (
    CELLS,
    GAMMA,
    SIDE,
    affine,
    bounds,
    display_luma,
    moved,
)
from dubsync.engine.mark.pattern import Keyed, block_of, keyed_bytes, pattern
from dubsync.engine.mark.strength import coded_share, strength

#: Changes with every change of what is drawn: part of the render's key.
MARK_VERSION = 1
#: A float picture darker than this, display luma in 8-bit levels, is not marked.
BLACK = 2.0


class Marker:
    """Marks the frames of one render.  Keeps one block's pattern: memory does not grow."""

    def __init__(self, secret: bytes, payload: int) -> None:
        """secret of at least 16 bytes; payload of 32 bits.

        Raises:
            ShapeError: another secret or payload.
        """
        self._keyed = Keyed(secret)
        self._payload = payload
        symbols(payload)
        self._block = -1
        self._pattern: Array = np.zeros((CELLS, CELLS), np.float32)

    def __call__(self, frame: Frame, matte: NDArray[Any], faces: Sequence[Array]) -> Frame:
        """`frame` with the mark where `matte` is above 0; the same object where nothing is marked.

        matte  (H, W) of the drawn pixels in luma samples: 0..1, or an integer type's whole range
        faces  landmarks (478, 2 or 3) of each drawn face in this frame of the plate, square pixels

        Only luma changes (of RGB: all three alike); integers are dithered and rounded.

        Raises:
            ShapeError: a matte of another size.
        """
        form = frame.format
        if matte.shape != (form.height, form.width):
            raise ShapeError(
                f"the matte of frame {frame.number} is {matte.shape}, "
                f"not {(form.height, form.width)}"
            )
        planes = [*frame.planes]
        share = np.float32(coded_share(form))
        marked = False
        for landmarks in faces:
            where = _where(landmarks, form)
            if where is None or not matte[where[1], where[2]].any():
                continue
            luma = display_luma(replace(frame, planes=tuple(planes)), where[1], where[2])
            change = self._change(luma, matte[where[1], where[2]], where[0], frame.number)
            change = change * share
            _apply(planes, form, where, luma, change, self._dither(frame.number, luma.shape))
            marked = True
        return replace(frame, planes=tuple(frozen(plane) for plane in planes)) if marked else frame

    def change(self, luma: Array, matte: NDArray[Any], landmarks: Array, frame: int) -> Array:
        """(H, W) the bare change of a whole picture's display luma, 8-bit levels."""
        result = np.zeros(luma.shape, np.float32)
        matrix = affine(landmarks)
        if matrix is not None:
            rows, columns = bounds(matrix, luma.shape[0], luma.shape[1], 1)
            part = np.ascontiguousarray(luma[rows, columns], np.float32)
            inside = matte[rows, columns]
            result[rows, columns] = self._change(part, inside, moved(matrix, rows, columns), frame)
        return result

    def _change(
        self, luma: Array, matte: NDArray[Any], matrix: NDArray[np.float64], number: int
    ) -> Array:
        block = block_of(number)
        if block != self._block:
            self._pattern, self._block = pattern(self._keyed, self._payload, block), block
        height, width = luma.shape
        drawn = cv2.warpAffine(self._pattern, matrix, (width, height), flags=cv2.INTER_CUBIC)
        eye_px = float(np.sqrt(abs(np.linalg.det(matrix[:, :2])))) * CELLS / SIDE
        return np.asarray(drawn * strength(luma, eye_px) * _share(matte), np.float32)

    def _dither(self, number: int, shape: tuple[int, ...]) -> Array:
        noise = keyed_bytes(self._keyed.secret, f"dither {number}", int(np.prod(shape)))
        return (noise.reshape(shape).astype(np.float32) + np.float32(0.5)) / np.float32(256)


def change(
    luma: Array, matte: NDArray[Any], landmarks: Array, frame: int, secret: bytes, payload: int
) -> Array:
    """(H, W) the bare change of one picture's display luma, 8-bit levels, before any rounding."""
    return Marker(secret, payload).change(luma, matte, landmarks, frame)


def _where(
    landmarks: Array, form: PictureFormat
) -> tuple[NDArray[np.float64], slice, slice] | None:
    """The affine into the part of the picture that the flat face covers, and that part."""
    matrix = affine(landmarks, form)
    if matrix is None:
        return None
    rows, columns = bounds(matrix, form.height, form.width, 1)
    if rows.stop - rows.start < 2 or columns.stop - columns.start < 2:
        return None
    return moved(matrix, rows, columns), rows, columns


def _share(matte: NDArray[Any]) -> Array:
    """The matte as 0..1."""
    share = matte.astype(np.float32)
    if matte.dtype.kind == "u":
        share /= np.float32(np.iinfo(matte.dtype).max)
    return share


def _apply(
    planes: list[NDArray[Any]],
    form: PictureFormat,
    where: tuple[NDArray[np.float64], slice, slice],
    luma: Array,
    change: Array,
    dither: Array,
) -> None:
    """Change the planes at `where`: luma alone, or red, green and blue alike."""
    _, rows, columns = where
    for n in range(3 if form.model == "rgb" else 1):
        part = planes[n][rows, columns]
        if form.floating:
            seen = np.maximum(luma, BLACK)
            # A shift of what is seen is a factor of the light: colour stays.
            factor = np.power(np.maximum(1 + change / seen, 0.5), 1 / np.float32(GAMMA))
            new = np.where(luma > BLACK, part * factor, part)
        else:
            new = _rounded(
                part, change * np.float32(((256 << form.bits - 8) - 1) / 255), dither, form.bits
            )
        planes[n] = planes[n].copy()
        planes[n][rows, columns] = np.where(change != 0, new, part).astype(part.dtype)


def _rounded(part: NDArray[Any], change: Array, dither: Array, bits: int) -> Array:
    """Integer samples plus `change`, dithered; a sample never goes beyond its neighbours in range.

    The change has faded out near both ends (`strength`), so nothing is cut off there but noise.
    """
    step = np.floor(change + dither)
    return np.asarray(np.clip(part.astype(np.float32) + step, 0, (1 << bits) - 1), np.float32)
