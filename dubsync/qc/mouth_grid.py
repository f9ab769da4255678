"""Pictures and detail of one mouth on a grid that moves with the head, small enough to keep.

They are taken while the files are read, and compared once the render's landmarks are known.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.qc.mouth import EYE_CORNERS, INNER_LIPS, LIPS, eye_distance

Gray = NDArray[np.float32]
Half = NDArray[np.float16]
Flags = NDArray[np.bool_]

GRID = 64  #: side of the grid
SPAN = 1.6  #: the same in eye distances
DOWN = 1.25  #: its centre below the middle of the eyes, eye distances
#: Round the lips, eye distances: skin nearer than this moves with them.
LIPS_GROWN, SKIN_BESIDE = 0.05, 0.14
#: A mouth upright and of one size, (height, width), and its margin in mouth widths.
MOUTH = (32, 48)
MOUTH_ROOM = 0.25
#: Right and left corner, middle of the upper and of the lower lip.
CORNERS = (61, 291, 0, 17)
#: Corners and upper lip: the lower lip moves most with the jaw.
UPPER = (61, 291, 0, 37, 267, 39, 269, 40, 270)
#: Outer and inner lips, whose places are the shape of a mouth.
OUTLINE = (*LIPS, *(point for pair in INNER_LIPS for point in pair))
SHAPE_POINTS = len(OUTLINE)


@dataclass(frozen=True, slots=True, eq=False)
class MouthGrid:
    """One frame.  All arrays are (GRID, GRID).

    plate, render                grey pictures
    plate_detail, render_detail  squared Laplacian, averaged over each cell
    inside                       where the matte is 128 or more
    to_grid                      (2, 3) from plate pixels to cells
    """

    plate: Half
    render: Half
    plate_detail: Half
    render_detail: Half
    inside: Flags
    to_grid: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        plate: Gray,
        render: Gray,
        matte: NDArray[np.uint8],
        landmarks: NDArray[np.floating],
        corner: tuple[int, int] = (0, 0),
    ) -> MouthGrid | None:
        """From pictures (H, W) of the same pixels; None where the eyes coincide.

        Args:
            landmarks: the plate's, (478, 3) in plate pixels.
            corner: (x, y) of the pictures' first pixel in the plate.
        """
        whole = _to_grid(landmarks)
        if whole is None:
            return None
        to_grid = whole.copy()
        to_grid[:, 2] += whole[:, :2] @ np.array(corner, np.float64)
        if min(plate.shape, default=0) < 8:
            return None
        cell = max(1, round(1 / float(np.hypot(*to_grid[0, :2]))))
        part = _read(to_grid, plate.shape)
        grown = cell // 2 + 2  # what a cell and a Laplacian reach beyond it
        wide = tuple(slice(max(x.start - grown, 0), x.stop + grown) for x in part)
        inner = tuple(
            slice(x.start - y.start, x.stop - y.start) for x, y in zip(part, wide, strict=True)
        )
        canvas = _canvas(plate.shape)

        def sampled(picture: Gray) -> Gray:
            """Of a picture of `wide`."""
            canvas[part] = (cv2.blur(picture, (cell, cell)) if cell > 1 else picture)[inner]
            return _sampled(canvas, to_grid)

        cut = [np.ascontiguousarray(picture[wide], np.float32) for picture in (plate, render)]
        detail = (_squared_laplacian(picture) for picture in cut)
        on_grid = [sampled(picture) for picture in (*cut, *detail)]
        canvas[part] = matte[part]
        inside = _sampled(canvas, to_grid) >= 128
        # A Laplacian reaches one pixel across the matte's edge.
        inside = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        halves = (np.asarray(x, np.float16) for x in on_grid)
        plate_half, render_half, one, other = halves
        return cls(plate_half, render_half, one, other, inside, whole)

    def lips(self, landmarks: NDArray[np.floating], grown: float = LIPS_GROWN) -> Flags:
        """Cells inside the outer lips of `landmarks` (478, 3), grown by so many eye distances."""
        points = _moved(self.to_grid, landmarks[list(LIPS), :2])
        filled = np.zeros((GRID, GRID), np.uint8)
        cv2.fillPoly(filled, [np.rint(points * 16).astype(np.int32)], 1, shift=4)
        size = 2 * round(grown * GRID / SPAN) + 1
        return np.asarray(cv2.dilate(filled, np.ones((size, size), np.uint8)) > 0, bool)

    def place(self, landmarks: NDArray[np.floating]) -> NDArray[np.float64]:
        """(x, y) of the middle of the corners and the upper lip on the grid, eye distances."""
        cells = _moved(self.to_grid, landmarks[list(UPPER), :2]).mean(axis=0)
        return np.asarray(cells * (SPAN / GRID), np.float64)

    def shape(self, landmarks: NDArray[np.floating]) -> NDArray[np.float64]:
        """(2 P,) the points of OUTLINE on the grid less their middle, eye distances."""
        cells = _moved(self.to_grid, landmarks[list(OUTLINE), :2]) * (SPAN / GRID)
        return np.asarray((cells - cells.mean(axis=0)).ravel(), np.float64)

    def mouth(self, picture: Half, landmarks: NDArray[np.floating]) -> Gray:
        """The mouth of `picture` upright and of one size, MOUTH."""
        height, width = MOUTH
        middle, room = height / 2, width * MOUTH_ROOM
        half = (width - 2 * room) / 2
        wanted = np.array(
            [[room, middle], [width - room, middle], [width / 2, middle], [width / 2, middle]]
        )
        corners = _moved(self.to_grid, landmarks[list(CORNERS), :2])
        across = corners[1] - corners[0]
        centre = corners.mean(axis=0)
        scale = 2 * half / max(float(np.hypot(*across)), 1e-6)
        turn = across / max(float(np.hypot(*across)), 1e-6) * scale
        move = np.array([[turn[0], turn[1], 0.0], [-turn[1], turn[0], 0.0]])
        move[:, 2] = wanted.mean(axis=0) - move[:, :2] @ centre
        warped = cv2.warpAffine(
            picture.astype(np.float32), move, (width, height), borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(warped, np.float32)


def _to_grid(landmarks: NDArray[np.floating]) -> NDArray[np.float64] | None:
    """(2, 3) from pixels to cells: upright by the eyes, scaled by their distance in depth too."""
    right, left = (landmarks[list(pair), :2].mean(axis=0) for pair in EYE_CORNERS)
    unit = float(eye_distance(landmarks[None])[0])
    across = np.asarray(left - right, np.float64)
    flat = float(np.hypot(*across))
    if unit < 4 or flat < 1e-3:
        return None
    x = across / flat
    y = np.array([-x[1], x[0]])
    centre = (right + left) / 2 + DOWN * unit * y
    move = np.stack([x, y]) * (GRID / (SPAN * unit))
    return np.concatenate([move, (GRID / 2 - move @ centre)[:, None]], axis=1)


def _moved(matrix: NDArray[np.float64], points: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], np.float64)


def _read(to_grid: NDArray[np.float64], shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of a picture of `shape` that the grid reads."""
    corners = np.array([[0, 0], [GRID, 0], [0, GRID], [GRID, GRID]], np.float64)
    turn = np.linalg.inv(to_grid[:, :2])
    places = (corners - to_grid[:, 2]) @ turn.T  # x, y
    low, high = places.min(axis=0) - 2, places.max(axis=0) + 2
    rows, columns = (
        slice(
            int(np.clip(np.floor(low[axis]), 0, side - 1)),
            int(np.clip(np.ceil(high[axis]), 1, side)),
        )
        for axis, side in ((1, shape[0]), (0, shape[1]))
    )
    return rows, columns


#: Each thread's own canvas: where a grid reads, its pictures lie in it as they lie in the frame.
_own = threading.local()


def _canvas(shape: tuple[int, ...]) -> Gray:
    """A picture of `shape` of which nothing is known; the next one takes the same memory."""
    size = shape[0] * shape[1]
    known = getattr(_own, "canvas", None)
    if known is None or known.size < size:
        known = _own.canvas = np.zeros(size, np.float32)
    return np.asarray(known[:size].reshape(shape), np.float32)


def _sampled(picture: Gray, to_grid: NDArray[np.float64]) -> Gray:
    """`picture` on the grid; pixel and cell centres are at .5."""
    shifted = to_grid.copy()
    shifted[:, 2] += to_grid[:, :2] @ np.array([0.5, 0.5]) - 0.5
    return np.asarray(
        cv2.warpAffine(
            picture, shifted, (GRID, GRID), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.float32,
    )


def _squared_laplacian(picture: Gray) -> Gray:
    return np.asarray(cv2.Laplacian(picture, cv2.CV_32F, ksize=1) ** 2, np.float32)
