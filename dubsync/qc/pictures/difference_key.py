"""The difference key of a render: render minus plate, amplified, so that any stray sample shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.picture import Frame, Plane, Region, whole
from dubsync.core.plural import counted
from dubsync.qc.drawing import RGB
from dubsync.qc.report import Strip

AMPLIFIED = 8  #: times
WIDEST = 560  #: pixels of each picture
_OUTLINE, _QUALITY = (245, 225, 90), 90  #: blue, green, red

Small = NDArray[np.uint8]


class DifferenceKey:
    """Keeps two pictures of a shot: the frame that changed most, and the most of all frames.

    When a picture is made smaller each pixel shows the largest difference that it covers, so that
    a single sample does not get lost.
    """

    def __init__(self) -> None:
        self._sum: Small | None = None
        self._covered: Small | None = None
        self._most: tuple[int, Small, Small] = (-1, np.zeros((1, 1), np.uint8),
                                                np.zeros((1, 1), np.uint8))  # fmt: skip
        self._change = -1.0

    def add(
        self, plate: Frame, render: Frame, matte: NDArray[np.uint8], changed: Region | None
    ) -> None:
        """Take in one frame; it is left out where plate and render have other planes.

        Args:
            changed: where they differ, see `changed_region`.
        """
        kinds = [[(p.shape, p.dtype) for p in one.planes] for one in (plate, render)]
        if kinds[0] != kinds[1]:
            return
        step = max(1, -(-plate.format.width // WIDEST))
        small, covered = _shrunk_difference(plate, render, step, changed), _largest(matte, step)
        if self._sum is None or self._covered is None:
            self._sum, self._covered = small, covered
        self._sum, self._covered = np.maximum(self._sum, small), np.maximum(self._covered, covered)
        change = float(small.sum(dtype=np.int64))
        if change > self._change:
            self._change, self._most = change, (plate.number, small, covered)

    def strip(self, stray: int, label: Callable[[int], str]) -> Strip | None:
        """The picture for the report; None where nothing differs.

        Args:
            stray: pixels that differ from the plate where the matte is 0.
            label: the timecode of a plate frame.
        """
        if self._sum is None or self._covered is None or self._change <= 0:
            return None
        number, small, covered = self._most
        pictures = [_outlined(small, covered), _outlined(self._sum, self._covered)]
        joined = cv2.hconcat([np.asarray(one) for one in pictures])
        done, data = cv2.imencode(".jpg", joined, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        if not done:
            return None
        return Strip(
            f"Difference key: render minus plate, amplified {AMPLIFIED} times; "
            f"{counted(stray, 'pixel')} outside the matte differ",
            (f"{label(number)}, most changed", "all frames, the most of each pixel"),
            ("matte outlined",), (joined.shape[0],), bytes(data.tobytes()),
        )  # fmt: skip


def difference(plate: Frame, render: Frame, region: Region | None = None) -> Small:
    """(H, W) the largest difference of any of a pixel's samples, amplified; 255 at most.

    Any difference at all is at least 1.

    Args:
        region: the part of the frame to compare, on chroma sites; None: all of it.
    """
    form = plate.format
    region = whole(form) if region is None else region
    result = np.zeros((region.height, region.width), np.uint8)
    for n, (before, after) in enumerate(zip(plate.planes, render.planes, strict=True)):
        part = region.in_plane(form, n)
        scale = 255.0 if form.floating else 255.0 / ((1 << form.bits) - 1)
        apart = _apart(*(p[part.rows, part.columns] for p in (before, after)))
        apart *= np.float32(scale * AMPLIFIED)
        np.minimum(np.ceil(apart, out=apart), 255, out=apart)
        shown = apart.astype(np.uint8)
        if form.plane_shape(n) != form.plane_shape(0):
            across, down = form.chroma
            shown = shown.repeat(1 << down, axis=0).repeat(1 << across, axis=1)
        np.maximum(result, shown[: region.height, : region.width], out=result)
    return result


def _apart(old: Plane, new: Plane) -> NDArray[np.float32]:
    """How far samples are apart; 0 where that is infinite or not a number."""
    if old.dtype.kind == "u":
        return np.asarray(cv2.absdiff(old, new), np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(new.astype(np.float32) - old.astype(np.float32))
    return np.asarray(np.where(np.isfinite(apart), apart, np.float32(0)), np.float32)


def _shrunk_difference(plate: Frame, render: Frame, step: int, changed: Region | None) -> Small:
    """`difference` made `step` times smaller, compared only in `changed`."""
    form = plate.format
    if changed is None:
        return np.zeros((-(-form.height // step), -(-form.width // step)), np.uint8)
    apart = difference(plate, render, changed)
    return _placed(apart, (changed.top, changed.left), (form.height, form.width), step)


def _largest(plane: NDArray[np.uint8], step: int) -> Small:
    """`plane` made `step` times smaller, each pixel the largest that it covers."""
    left, top, across, down = cv2.boundingRect(plane)
    part = plane[top : top + down, left : left + across]
    return _placed(part, (top, left), plane.shape, step)


def _placed(part: Small, corner: tuple[int, int], size: tuple[int, ...], step: int) -> Small:
    """A plane of `size`, 0 but for `part` at `corner` (row, column), made `step` times smaller."""
    small = np.zeros((-(-size[0] // step), -(-size[1] // step)), np.uint8)
    if not part.size:
        return small
    first = [at // step for at in corner]
    beyond = [at % step for at in corner]
    rows, columns = (-(-(n + side) // step) for n, side in zip(beyond, part.shape, strict=True))
    full = np.zeros((rows * step, columns * step), np.uint8)
    full[beyond[0] : beyond[0] + part.shape[0], beyond[1] : beyond[1] + part.shape[1]] = part
    down = reduce(np.maximum, [full[n::step] for n in range(step)])
    both = reduce(np.maximum, [down[:, n::step] for n in range(step)])
    small[first[0] : first[0] + rows, first[1] : first[1] + columns] = both
    return small


def _outlined(small: Small, covered: Small) -> RGB:
    """`small` as a picture, blue first, with the outline of where the matte is above 0."""
    picture = cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)
    edges, _ = cv2.findContours((covered > 0).astype(np.uint8), cv2.RETR_EXTERNAL,
                                cv2.CHAIN_APPROX_NONE)  # fmt: skip
    cv2.drawContours(picture, edges, -1, _OUTLINE, 1)
    return np.asarray(picture, np.uint8)
