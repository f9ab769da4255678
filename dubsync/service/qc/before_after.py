"""One picture of a face before and after, collected while a shot is read frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.colour import working_rgb
from dubsync.core.errors import MediaError
from dubsync.core.picture import Frame, PictureFormat, Region
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
class _Cut:
    """The samples of a frame that `box` shows; the rest of the frame may be let go.

    form    the frame's
    inside  the part of the box within the frame, on chroma sites
    part    its samples; None: there are none
    """

    box: Region
    form: PictureFormat
    inside: Region
    part: Frame | None

    def kept(self) -> _Cut:
        """The same with samples of its own."""
        if self.part is None:
            return self
        planes = tuple(np.array(plane) for plane in self.part.planes)
        return replace(self, part=replace(self.part, planes=planes))

    def picture(self, size: tuple[int, int]) -> RGB:
        """(height, width, 3) uint8 R'G'B' of `size` (width, height)."""
        box, form, inside = self.box, self.form, self.inside
        if self.part is None:
            return np.full((size[1], size[0], 3), GROUND, np.uint8)
        rgb = working_rgb(self.part)
        if form.floating or form.colour is not None:  # integers alone are finite
            rgb = np.nan_to_num(rgb)
        rgb = shown_rgb(rgb, form)
        left, top = max(box.left, 0) - inside.left, max(box.top, 0) - inside.top
        rgb = rgb[top : top + _clipped(box.top, box.bottom, form.height),
                  left : left + _clipped(box.left, box.right, form.width)]  # fmt: skip
        scaled = rgb * 255
        padded = cv2.copyMakeBorder(
            np.rint(scaled, out=scaled).astype(np.uint8),
            max(-box.top, 0),
            max(box.bottom - form.height, 0),
            max(-box.left, 0),
            max(box.right - form.width, 0),
            cv2.BORDER_CONSTANT,
            value=GROUND,
        )
        way = cv2.INTER_AREA if padded.shape[1] > size[0] else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(padded, size, interpolation=way), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """The frame of a group that changed most so far: cut, but no picture yet.

    cuts   as ROWS
    matte  what `_outlined` reads of it
    """

    group: int
    frame: int
    cuts: tuple[_Cut, ...]
    matte: NDArray[np.uint8]

    def column(self) -> _Column:
        """Its pictures."""
        sizes = (FACE_PX, FACE_PX, MOUTH_PX, MOUTH_PX)
        pictures = tuple(cut.picture(size) for cut, size in zip(self.cuts, sizes, strict=True))
        outlined = _outlined(pictures[1], self.matte, self.cuts[1].box)
        return _Column(self.frame, pictures, outlined)


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    frame: int
    pictures: tuple[RGB, ...]  # as ROWS
    outlined: RGB  # the render's face with the matte's edge drawn in


class StripMaker:
    """Keeps, from each eighth of the changed frames, the one that changed most.

    At most eight columns, whatever the shot's length.  Pictures are made once a group is over.
    """

    def __init__(self, places: NDArray[np.intp]) -> None:
        """`places` are the frames to choose from, counted from the shot's first."""
        groups = [g for g in np.array_split(places, COLUMNS) if len(g)]
        self._group = {int(place): n for n, group in enumerate(groups) for place in group}
        self._best: list[_Column | None] = [None] * len(groups)
        self._most = [-np.inf] * len(groups)
        self._pending: _Candidate | None = None

    def offer(
        self,
        place: int,
        change: float,
        plate: Frame,
        render: Frame,
        matte: NDArray[np.uint8],
        landmarks: NDArray[np.floating],
    ) -> None:
        """Consider frame `place`, from the shot's first."""
        group = self._group.get(place)
        if group is None or not np.isfinite(change) or self._most[group] >= change:
            return
        if self._pending is not None and self._pending.group != group:
            self._settle()
        self._most[group] = change
        face, mouth = face_square(landmarks), mouth_frame(landmarks)
        cuts = tuple(_cut(f, box).kept() for box in (face, mouth) for f in (plate, render))
        seen = face.within(matte.shape[1], matte.shape[0])
        covered = np.array(matte[seen.rows, seen.columns])
        self._pending = _Candidate(group, plate.number, cuts, covered)

    def _settle(self) -> None:
        """Make the pictures of the frame that changed most of the last group."""
        if self._pending is not None:
            self._best[self._pending.group] = self._pending.column()
            self._pending = None

    @property
    def frames(self) -> tuple[int, ...]:
        """Plate frame numbers of the columns."""
        self._settle()
        return tuple(column.frame for column in self._best if column)

    def strip(self, caption: str, labels: Sequence[str]) -> Strip | None:
        """The picture; None if no frame was kept.  `labels`: one for each column."""
        self._settle()
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
    return _cut(frame, box).picture(size)


def _cut(frame: Frame, box: Region) -> _Cut:
    """What `box` shows of `frame`; it shares the frame's samples."""
    form, inside = frame.format, box.aligned(frame.format)
    if inside.width <= 0 or inside.height <= 0:
        return _Cut(box, form, inside, None)
    regions = [inside.in_plane(form, n) for n in range(len(frame.planes[:3]))]
    planes = (p[r.rows, r.columns] for p, r in zip(frame.planes, regions, strict=False))
    own = replace(form, width=inside.width, height=inside.height)
    return _Cut(box, form, inside, Frame(frame.number, tuple(planes), own))


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
    """`picture`, a crop of `box`, with the outline of the matte drawn on it.

    Args:
        matte: the part of it in `box`, see `_within`.
    """
    changed = np.zeros((box.height, box.width), np.uint8)
    y, x = max(-box.top, 0), max(-box.left, 0)
    changed[y : y + matte.shape[0], x : x + matte.shape[1]] = matte > 0
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
