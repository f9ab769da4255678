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
from dubsync.engine.clean_plate.camera_motion import CameraFollower, Registration
from dubsync.engine.clean_plate.canvas import Canvas, canvas_of
from dubsync.engine.clean_plate.frame_stack import FrameStack, KeptFrame
from dubsync.engine.clean_plate.grain import Grain
from dubsync.engine.clean_plate.light import Glimpse, Light, glimpse
from dubsync.engine.clean_plate.median_plate import Median
from dubsync.engine.clean_plate.patch_fill import patch_fill

#: (H, W) float 0..1 or uint8 0..255 of a whole frame: everybody in it, what they hold included.
People = Callable[[Frame], NDArray[Any]]
Known = NDArray[np.uint8]
Slices = tuple[slice, slice]

#: Frames of which the median is taken, at most, and bytes of them kept, at most.
MOST_FRAMES, MOST_BYTES = 48, 320_000_000
#: A pixel this much person or more is not background.
PERSON = 0.05
#: The matte is widened by this before it counts as all of the person, eye distances.
ROOM = 0.18
#: What lies nearer to everybody in every frame is taken, with doubt, from those in which it is
#: farthest from them: made up, a light behind the hair would be cut where the room ends.
NEARER = (0.07, 0.12)
#: Values of `CleanPlate.known`.
SEEN, DOUBTFUL, INPAINTED = 255, 128, 0
#: Seen in fewer frames than this, a pixel is doubtful: a matte's mistake would show.
ENOUGH_FRAMES = 3
#: Quartiles further apart than this many times the grain's: leaves, water, passers-by.
UNSTEADY, LEAST_UNSTEADY = 6.0, 0.03
#: Structure is continued so far into what is never seen, eye distances: no head turns further.
REACH = 1.2
NEAREST = cv2.INTER_NEAREST


@dataclass(frozen=True, slots=True, eq=False)
class CleanPlate:
    """The background of a shot over the region that a head may reach.

    region   where, square pixels of the plate
    numbers  rising frame numbers that it knows
    picture  (h, w, 3) float16 working colour, in the light of all frames' median, without grain,
             on the canvas
    trust    (h, w) uint8 on the canvas: SEEN, DOUBTFUL or INPAINTED
    canvas   where each frame's region lies on it; a still camera's canvas is the region
    camera   how each frame is registered
    grain    what each frame has on top
    lights   of each frame, against `picture`
    """

    region: Region
    numbers: tuple[int, ...]
    picture: NDArray[np.float16]
    trust: NDArray[np.uint8]
    canvas: Canvas
    camera: tuple[Registration, ...]
    grain: Grain
    lights: tuple[Light, ...]

    def at(
        self, frame_number: int, part: Region | None = None,
        wanted: NDArray[np.bool_] | None = None,
    ) -> Array:  # fmt: skip
        """(h, w, 3) float32 working colour: the background of a frame, in its light and grain.

        Args:
            part: a rectangle within `region`, square pixels of the plate; None: all of it.
            wanted: (h, w) pixels of it that count; None: all.

        Raises:
            ShapeError: a frame that the plate was not made for, or a part outside it.
        """
        where = self._slices(part)
        at = self.canvas.on_canvas(self._row(frame_number), self.size, where)
        return self._shown(frame_number, at, where, wanted)

    def known(self, frame_number: int, part: Region | None = None) -> Known:
        """(h, w) uint8: 255 seen in this shot, 128 seen with doubt, 0 inpainted."""
        where = self._slices(part)
        at = self.canvas.on_canvas(self._row(frame_number), self.size, where)
        return self._trusted(frame_number, at, where)

    def both(self, frame_number: int, part: Region | None = None) -> tuple[Array, Known]:
        """What `at` and `known` say, for little more than one of them."""
        where = self._slices(part)
        at = self.canvas.on_canvas(self._row(frame_number), self.size, where)
        return self._shown(frame_number, at, where), self._trusted(frame_number, at, where)

    def _shown(
        self, frame_number: int, at: Array | None, where: Slices,
        wanted: NDArray[np.bool_] | None = None,
    ) -> Array:  # fmt: skip
        # The canvas is float16, which OpenCV does not sample; a still camera's is not sampled.
        seen = self.canvas.sampled(self.picture, at, where, wanted=wanted)
        plate = seen.astype(np.float32, copy=False)
        lit = self.lights[self._row(frame_number)].laid_on(plate, where, self.size)
        return self.grain.drawn_on(lit, frame_number, (where[1].start, where[0].start))

    def _trusted(self, frame_number: int, at: Array | None, where: Slices) -> Known:
        seen = self.canvas.sampled(self.trust, at, where, NEAREST)
        doubt = not self.canvas.still and self.camera[self._row(frame_number)].because
        return np.minimum(seen, np.uint8(DOUBTFUL)) if doubt else seen

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the region."""
        return self.region.height, self.region.width

    def _row(self, frame_number: int) -> int:
        row = int(np.searchsorted(self.numbers, frame_number))
        if row == len(self.numbers) or self.numbers[row] != frame_number:
            raise ShapeError(f"frame {frame_number} is not one of the clean plate's")
        return row

    def _slices(self, part: Region | None) -> Slices:
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
    """The clean plate of a shot.

    Every frame is read once.  Memory does not grow with the shot but for some 12 KB a frame.

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
    follower = CameraFollower()
    kept: list[KeptFrame] = []
    glimpses: list[Glimpse] = []
    camera: list[Registration] = []
    for row, frame in enumerate(read(numbers)):
        apart = away_from(people(frame))
        person = apart <= ROOM * eye_px
        camera.append(follower.add(frame, person))
        picture, free = working_rgb(frame, region), ~person[region.rows, region.columns]
        glimpses.append(glimpse(picture, free))
        if row in kept_rows:
            here = apart[region.rows, region.columns]
            beside = np.searchsorted(np.array([*NEARER, ROOM]) * eye_px, here).astype(np.uint8)
            kept.append(KeptFrame(row, picture.astype(np.float16), beside))
        progress(Step("clean plate", shot, row + 1, len(numbers)))
    canvas = canvas_of(camera, region)
    placed = [k for k in kept if canvas.still or not camera[k.row].because] or kept
    stack = FrameStack(canvas, tuple(placed), (region.height, region.width))
    median = stack.median(glimpses)
    sharp = stack.sharpened(median.picture, median.seen >= ENOUGH_FRAMES)
    picture = patch_fill(sharp, median.seen > 0, REACH * eye_px)
    lights = stack.lights(picture, median.seen > 0, glimpses)
    grain = stack.grain(picture, median.seen >= ENOUGH_FRAMES, lights)
    return CleanPlate(
        region, tuple(numbers), picture.astype(np.float16), _trust(median, grain), canvas,
        tuple(camera), grain, lights,
    )  # fmt: skip


def away_from(matte: NDArray[Any]) -> Array:
    """(H, W) pixels to the people of a matte (H, W), 0 within; far away where there are none."""
    top = 255 if matte.dtype == np.uint8 else 1
    person = np.asarray(matte > PERSON * top, np.uint8)
    if not person.any():
        return np.full(person.shape, max(person.shape), np.float32)
    away = cv2.distanceTransform(1 - person, cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(away, np.float32)


def widened(matte: NDArray[Any], room: float) -> NDArray[np.bool_]:
    """(H, W) where the people of a matte (H, W) are, and `room` pixels round them."""
    return np.asarray(away_from(matte) <= room)


def _spread_rows(count: int, region: Region) -> list[int]:
    """Rows of the frames to keep, evenly spread, as many as memory allows."""
    each = region.width * region.height * 7
    most = max(3, min(MOST_FRAMES, MOST_BYTES // each))
    return [int(row) for row in np.unique(np.linspace(0, count - 1, min(most, count)).round())]


def _trust(median: Median, grain: Grain) -> NDArray[np.uint8]:
    steady = max(LEAST_UNSTEADY, UNSTEADY * float(grain.amount.max()))
    sure = (median.seen >= ENOUGH_FRAMES) & (median.spread <= steady)
    known = np.where(median.seen > 0, DOUBTFUL, INPAINTED)
    return np.where(sure, SEEN, known).astype(np.uint8)
