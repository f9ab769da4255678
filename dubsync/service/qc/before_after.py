"""One picture of a face before and after, collected while a shot is read frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.colour import working_rgb
from dubsync.core.errors import MediaError
from dubsync.core.picture import Frame, Region
from dubsync.media.pixels.display import shown_rgb
from dubsync.qc.mouth import eye_distance, lips_centre
from dubsync.qc.report import Strip

RGB = NDArray[np.uint8]

COLUMNS = 8
FACE_PX, MOUTH_PX = (160, 160), (160, 112)  #: (width, height) of the pictures in a strip
GAP_PX = 4
GROUND = (31, 34, 38)  #: the report's panel colour, between pictures
OUTLINE = (90, 225, 245)
JPEG_QUALITY = 86
ROWS = ("plate", "render", "plate, mouth", "render, mouth")


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    frame: int
    change: float
    pictures: tuple[RGB, ...]  # as ROWS
    outlined: RGB  # the render's face with the matte's edge drawn in


class StripMaker:
    """Keeps, from each eighth of the changed frames, the one that changed most.

    At most eight columns, whatever the shot's length.
    """

    def __init__(self, places: NDArray[np.intp]) -> None:
        """`places` are the frames to choose from, counted from the shot's first."""
        groups = [g for g in np.array_split(places, COLUMNS) if len(g)]
        self._group = {int(place): n for n, group in enumerate(groups) for place in group}
        self._best: list[_Column | None] = [None] * len(groups)

    def offer(
        self,
        place: int,
        change: float,
        plate: Frame,
        render: Frame,
        matte: NDArray[np.uint8],
        landmarks: NDArray[np.floating],
    ) -> None:
        """Consider frame `place`, from the shot's first; pictures are made only if it is kept."""
        group = self._group.get(place)
        if group is None or not np.isfinite(change):
            return
        best = self._best[group]
        if best is not None and best.change >= change:
            return
        face, mouth = face_square(landmarks), mouth_frame(landmarks)
        pictures = tuple(
            cropped(frame, box, size)
            for box, size in ((face, FACE_PX), (mouth, MOUTH_PX))
            for frame in (plate, render)
        )
        outlined = _outlined(pictures[1], matte, face)
        self._best[group] = _Column(plate.number, change, pictures, outlined)

    @property
    def frames(self) -> tuple[int, ...]:
        """Plate frame numbers of the columns."""
        return tuple(column.frame for column in self._best if column)

    def strip(self, caption: str, labels: Sequence[str]) -> Strip | None:
        """The picture; None if no frame was kept.  `labels`: one for each column."""
        columns = [column for column in self._best if column]
        if not columns:
            return None
        rows = []
        for n in range(len(ROWS)):
            cells = [
                column.outlined if n == 1 and place == 0 else column.pictures[n]
                for place, column in enumerate(columns)
            ]
            rows.append(_joined(cells, axis=1))
        return Strip(
            caption,
            tuple(labels),
            ("plate", "render (first: matte outlined)", "plate", "render"),
            tuple(row.shape[0] for row in rows),
            encoded(_joined(rows, axis=0)),
        )


def face_square(landmarks: NDArray[np.floating]) -> Region:
    """A square round the face with landmarks (478, 3); it may reach outside the frame."""
    low, high = landmarks[:468, :2].min(axis=0), landmarks[:468, :2].max(axis=0)
    middle, half = (low + high) / 2, 0.62 * float((high - low).max())
    return _box(middle[0], middle[1], half, half)


def mouth_frame(landmarks: NDArray[np.floating]) -> Region:
    """A rectangle round the mouth, shaped as MOUTH_PX; it may reach outside the frame."""
    x, y = lips_centre(landmarks)
    half = 0.62 * float(eye_distance(landmarks[None])[0])
    return _box(x, y, half, half * MOUTH_PX[1] / MOUTH_PX[0])


def cropped(frame: Frame, box: Region, size: tuple[int, int]) -> RGB:
    """`box` of `frame` as (height, width, 3) uint8 R'G'B' of `size` (width, height)."""
    inside = box.aligned(frame.format)
    if inside.width <= 0 or inside.height <= 0:
        return np.full((size[1], size[0], 3), GROUND, np.uint8)
    rgb = shown_rgb(np.nan_to_num(working_rgb(frame, inside)), frame.format)
    left, top = max(box.left, 0) - inside.left, max(box.top, 0) - inside.top
    rgb = rgb[top : top + _clipped(box.top, box.bottom, frame.format.height),
              left : left + _clipped(box.left, box.right, frame.format.width)]  # fmt: skip
    pixels = np.rint(rgb * 255).astype(np.uint8)
    padded = cv2.copyMakeBorder(
        pixels,
        max(-box.top, 0),
        max(box.bottom - frame.format.height, 0),
        max(-box.left, 0),
        max(box.right - frame.format.width, 0),
        cv2.BORDER_CONSTANT,
        value=GROUND,
    )
    way = cv2.INTER_AREA if padded.shape[1] > size[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(padded, size, interpolation=way), np.uint8)


def encoded(rgb: RGB) -> bytes:
    """`rgb` as a baseline JPEG.

    Raises:
        MediaError: the encoder failed.
    """
    done, data = cv2.imencode(
        ".jpg", np.ascontiguousarray(rgb[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    )
    if not done:
        raise MediaError(f"a picture of shape {rgb.shape} cannot be encoded as JPEG")
    return bytes(data)


def _outlined(picture: RGB, matte: NDArray[np.uint8], box: Region) -> RGB:
    """`picture`, a crop of `box`, with the outline of the matte drawn on it."""
    height, width = matte.shape
    changed = np.zeros((box.height, box.width), np.uint8)
    top, left = max(box.top, 0), max(box.left, 0)
    part = matte[top : min(box.bottom, height), left : min(box.right, width)] > 0
    y, x = top - box.top, left - box.left
    changed[y : y + part.shape[0], x : x + part.shape[1]] = part
    small = cv2.resize(changed, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    edges, _ = cv2.findContours(small, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    drawn = picture.copy()
    cv2.drawContours(drawn, edges, -1, OUTLINE, 2, cv2.LINE_AA)
    return drawn


def _joined(pictures: Sequence[RGB], axis: int) -> RGB:
    """The pictures side by side (axis 1) or one below the other (axis 0), GAP_PX apart."""
    parts: list[RGB] = []
    for picture in pictures:
        if parts:
            shape = list(picture.shape)
            shape[axis] = GAP_PX
            parts.append(np.full(shape, GROUND, np.uint8))
        parts.append(picture)
    return np.concatenate(parts, axis=axis)


def _box(x: float, y: float, half_width: float, half_height: float) -> Region:
    left, top = round(x - half_width), round(y - half_height)
    return Region(
        left, top, left + max(round(2 * half_width), 2), top + max(round(2 * half_height), 2)
    )


def _clipped(start: int, stop: int, size: int) -> int:
    return max(min(stop, size) - max(start, 0), 0)
