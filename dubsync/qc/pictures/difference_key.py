"""The difference key of a render: render minus plate, amplified, so that any stray sample shows."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.picture import Frame, Region, changed_region, whole
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

    def add(self, plate: Frame, render: Frame, matte: NDArray[np.uint8]) -> None:
        """Take in one frame; it is left out where plate and render have other planes."""
        kinds = [[(p.shape, p.dtype) for p in one.planes] for one in (plate, render)]
        if kinds[0] != kinds[1]:
            return
        step = max(1, -(-plate.format.width // WIDEST))
        small, covered = _shrunk_difference(plate, render, step), _largest(matte, step)
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
        old, new = (p[part.rows, part.columns].astype(np.float32) for p in (before, after))
        scale = 255.0 if form.floating else 255.0 / ((1 << form.bits) - 1)
        with np.errstate(invalid="ignore", over="ignore"):
            apart = np.abs(new - old)
        apart = np.where(np.isfinite(apart), apart, 0)
        shown = np.minimum(np.ceil(apart * np.float32(scale * AMPLIFIED)), 255).astype(np.uint8)
        if form.plane_shape(n) != form.plane_shape(0):
            across, down = form.chroma
            shown = shown.repeat(1 << down, axis=0).repeat(1 << across, axis=1)
        np.maximum(result, shown[: region.height, : region.width], out=result)
    return result


def _shrunk_difference(plate: Frame, render: Frame, step: int) -> Small:
    """`difference` made `step` times smaller, compared only where the frames differ."""
    form = plate.format
    apart = np.zeros((form.height, form.width), np.uint8)
    region = changed_region(plate, render)
    if region is not None:
        apart[region.rows, region.columns] = difference(plate, render, region)
    return _largest(apart, step)


def _largest(plane: NDArray[np.uint8], step: int) -> Small:
    """`plane` made `step` times smaller, each pixel the largest that it covers."""
    height, width = (-(-side // step) for side in plane.shape)
    small = np.zeros((height, width), np.uint8)
    left, top, across, down = cv2.boundingRect(plane)
    if not across:
        return small
    first = (top // step, left // step)
    part = plane[first[0] * step : top + down, first[1] * step : left + across]
    rows, columns = (-(-side // step) for side in part.shape)
    full = np.zeros((rows * step, columns * step), np.uint8)
    full[: part.shape[0], : part.shape[1]] = part
    sites = [full[y::step, x::step] for y in range(step) for x in range(step)]
    small[first[0] : first[0] + rows, first[1] : first[1] + columns] = np.maximum.reduce(sites)
    return small


def _outlined(small: Small, covered: Small) -> RGB:
    """`small` as a picture, blue first, with the outline of where the matte is above 0."""
    picture = cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)
    edges, _ = cv2.findContours((covered > 0).astype(np.uint8), cv2.RETR_EXTERNAL,
                                cv2.CHAIN_APPROX_NONE)  # fmt: skip
    cv2.drawContours(picture, edges, -1, _OUTLINE, 1)
    return np.asarray(picture, np.uint8)
