"""The clean plate: what the camera would see behind the people of a shot.

A whole head drawn anew uncovers background that the old head hid.  It is taken from frames of the
same shot in which the person was elsewhere (a median outside everybody's matte), in each frame's
own light and with the plate's grain; what no frame shows is filled from round it, and said so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.colour import working_rgb
from dubsync.core.errors import ShapeError
from dubsync.core.picture import Frame, Region
from dubsync.core.progress import Progress, Step
from dubsync.core.steps import ReadFrames
from dubsync.engine.clean_plate.fill import push_pull
from dubsync.engine.clean_plate.grain import Grain, Residual, measure_grain
from dubsync.engine.clean_plate.light import Glimpse, Light, glimpse, light_between, typical
from dubsync.engine.clean_plate.median_plate import Median, Strip, median_of

#: (H, W) float 0..1 or uint8 0..255 of a whole frame: everybody in it, what they hold included.
People = Callable[[Frame], NDArray[Any]]

#: Frames of which the median is taken, at most, and bytes of them kept, at most.
MOST_FRAMES, MOST_BYTES = 90, 480_000_000
#: A pixel this much person or more is not background.
PERSON = 0.05
#: The matte is widened by this before it counts as all of the person, eye distances.
ROOM = 0.18
#: Values of `CleanPlate.known`.
SEEN, DOUBTFUL, INPAINTED = 255, 128, 0
#: Seen in fewer frames than this, a pixel is doubtful: a matte's mistake would show.
ENOUGH_FRAMES = 3
#: Quartiles further apart than this many times the grain's: leaves, water, passers-by.
UNSTEADY, LEAST_UNSTEADY = 6.0, 0.03
#: Kept frames whose grain is measured.
GRAIN_FRAMES = 12


@dataclass(frozen=True, slots=True, eq=False)
class CleanPlate:
    """The background of a shot over the region that a head may reach.

    region   where, square pixels of the plate
    numbers  rising frame numbers that it knows
    picture  (h, w, 3) float16 working colour, in the light of all frames' median, without grain
    trust    (h, w) uint8: SEEN, DOUBTFUL or INPAINTED
    grain    what each frame has on top
    plain    the coarse picture of `picture`
    glimpses of each frame, in the order of `numbers`
    """

    region: Region
    numbers: tuple[int, ...]
    picture: NDArray[np.float16]
    trust: NDArray[np.uint8]
    grain: Grain
    plain: Glimpse
    glimpses: tuple[Glimpse, ...]

    def at(self, frame_number: int, part: Region | None = None) -> Array:
        """(h, w, 3) float32 working colour: the background of a frame, in its light and grain.

        Args:
            part: a rectangle within `region`, square pixels of the plate; None: all of it.

        Raises:
            ShapeError: a frame that the plate was not made for, or a part outside it.
        """
        rows, columns = self._slices(part)
        plate = self.picture[rows, columns].astype(np.float32)
        lit = self.light(frame_number).laid_on(plate, (rows, columns), self.trust.shape)
        return self.grain.drawn_on(lit, frame_number, (columns.start, rows.start))

    def known(self, frame_number: int, part: Region | None = None) -> NDArray[np.uint8]:
        """(h, w) uint8: 255 seen in this shot, 128 seen with doubt, 0 inpainted."""
        self._row(frame_number)
        return self.trust[self._slices(part)]

    def light(self, frame_number: int) -> Light:
        """The light of a frame against `picture`."""
        return light_between(self.plain, self.glimpses[self._row(frame_number)])

    def _row(self, frame_number: int) -> int:
        row = int(np.searchsorted(self.numbers, frame_number))
        if row == len(self.numbers) or self.numbers[row] != frame_number:
            raise ShapeError(f"frame {frame_number} is not one of the clean plate's")
        return row

    def _slices(self, part: Region | None) -> tuple[slice, slice]:
        whole = self.region
        part = whole if part is None else part
        if not (
            whole.left <= part.left <= part.right <= whole.right
            and whole.top <= part.top <= part.bottom <= whole.bottom
        ):
            raise ShapeError(f"{part} is not within the clean plate's {whole}")
        return (
            slice(part.top - whole.top, part.bottom - whole.top),
            slice(part.left - whole.left, part.right - whole.left),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """A frame kept for the median: its row, its picture, and where its background shows."""

    row: int
    picture: NDArray[np.float16]
    free: NDArray[np.bool_]


def clean_plate(
    read: ReadFrames,
    numbers: Sequence[int],
    people: People,
    region: Region,
    *,
    eye_px: float,
    shot: str,
    progress: Progress,
) -> CleanPlate:
    """The clean plate of a shot whose camera stands still.

    Every frame is read once.  Memory does not grow with the shot but for some 2 KB a frame.

    Args:
        read: reads the shot's frames, in square pixels.
        numbers: rising frame numbers of the shot.
        people: the matte of everybody in a frame.
        region: what the drawn head may reach, aligned to chroma sites.
        eye_px: an eye distance, pixels of the plate: the mattes' room is in proportion.
        shot: its name, for progress.

    Raises:
        ShapeError: no frames, or an empty region.
    """
    if not len(numbers) or region.width <= 0 or region.height <= 0:
        raise ShapeError(f"a clean plate of {len(numbers)} frames and {region}")
    kept_rows = set(_spread_rows(len(numbers), region))
    kept: list[_Kept] = []
    glimpses: list[Glimpse] = []
    for row, frame in enumerate(read(numbers)):
        picture = working_rgb(frame, region)
        free = ~widened(people(frame), region, ROOM * eye_px)
        glimpses.append(glimpse(picture, free))
        if row in kept_rows:
            kept.append(_Kept(row, picture.astype(np.float16), free))
        progress(Step("clean plate", shot, row + 1, len(numbers)))
    common = typical(glimpses)
    gains = [light_between(common, glimpses[part.row]).gain for part in kept]
    median = _median(kept, gains)
    grain = _grain(median, kept, glimpses)
    weight = (median.seen > 0).astype(np.float32)
    filled = push_pull(median.picture, weight)
    return CleanPlate(
        region, tuple(numbers), filled.astype(np.float16), _trust(median, grain), grain,
        glimpse(median.picture, median.seen > 0), tuple(glimpses),
    )  # fmt: skip


def widened(matte: NDArray[Any], region: Region, room: float) -> NDArray[np.bool_]:
    """(h, w) over `region`: where the people of a whole frame's matte are, and `room` px round."""
    top = 255 if matte.dtype == np.uint8 else 1
    margin = int(np.ceil(room)) + 1
    rows = slice(max(region.top - margin, 0), region.bottom + margin)
    columns = slice(max(region.left - margin, 0), region.right + margin)
    person = np.asarray(matte[rows, columns] > PERSON * top, np.uint8)
    if person.any():
        away = cv2.distanceTransform(1 - person, cv2.DIST_L2, cv2.DIST_MASK_5)
        person = np.asarray(away <= room, np.uint8)
    rows = slice(region.top - rows.start, region.bottom - rows.start)
    columns = slice(region.left - columns.start, region.right - columns.start)
    return np.asarray(person[rows, columns] > 0)


def _spread_rows(count: int, region: Region) -> list[int]:
    """Rows of the frames to keep, evenly spread, as many as memory allows."""
    each = region.width * region.height * 7
    most = max(3, min(MOST_FRAMES, MOST_BYTES // each))
    return [int(row) for row in np.unique(np.linspace(0, count - 1, min(most, count)).round())]


def _median(kept: Sequence[_Kept], gains: Sequence[Array]) -> Median:
    """The median of the kept frames, each brought to the light that they have in common."""

    def strip(n: int, top: int, bottom: int) -> Strip:
        part = kept[n]
        return part.picture[top:bottom].astype(np.float32) / gains[n], part.free[top:bottom]

    return median_of(len(kept), kept[0].free.shape, strip)


def _trust(median: Median, grain: Grain) -> NDArray[np.uint8]:
    steady = max(LEAST_UNSTEADY, UNSTEADY * float(grain.amount.max()))
    sure = (median.seen >= ENOUGH_FRAMES) & (median.spread <= steady)
    known = np.where(median.seen > 0, DOUBTFUL, INPAINTED)
    return np.where(sure, SEEN, known).astype(np.uint8)


def _grain(median: Median, kept: Sequence[_Kept], glimpses: Sequence[Glimpse]) -> Grain:
    plain = glimpse(median.picture, median.seen > 0)
    every = max(1, len(kept) // GRAIN_FRAMES)
    residuals: list[Residual] = []
    for part in kept[::every]:
        rows, columns = (slice(0, n) for n in part.free.shape)
        light = light_between(plain, glimpses[part.row])
        lit = light.laid_on(median.picture, (rows, columns), part.free.shape)
        residuals.append((part.picture - lit, part.free & (median.seen >= ENOUGH_FRAMES)))
    return measure_grain(median.picture, residuals)
