"""The frames of a shot that its clean plate is made of, laid one upon another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.clean_plate.canvas import Canvas
from dubsync.engine.clean_plate.grain import Grain, Residual, measure_grain
from dubsync.engine.clean_plate.light import Glimpse, Light, glimpse, light_between, typical
from dubsync.engine.clean_plate.median_plate import Median, Strip, median_of

#: `KeptFrame.beside` of what is surely background.
FREE = 3
#: Frames whose grain is measured.
GRAIN_FRAMES = 12
#: Detail finer than this is what a median loses; less of it than this says nothing; more than so
#: many times as much is not put back.
FINE_PX, LEAST_FINE, MOST_SHARPER = 1.0, 0.003, 1.6


@dataclass(frozen=True, slots=True, eq=False)
class KeptFrame:
    """A frame of the stack.

    row      its place in the shot
    picture  (h, w, 3) float16 working colour of the region
    beside   (h, w) 0 where people may be, more the farther they are, FREE where its background
             shows for sure
    """

    row: int
    picture: NDArray[np.float16]
    beside: NDArray[np.uint8]

    @property
    def free(self) -> NDArray[np.bool_]:
        """(h, w) where its background shows."""
        return np.asarray(self.beside == FREE)


@dataclass(frozen=True, slots=True, eq=False)
class FrameStack:
    """Kept frames and the canvas they lie on; `size` (height, width) is the region's."""

    canvas: Canvas
    frames: tuple[KeptFrame, ...]
    size: tuple[int, int]

    def median(self, glimpses: Sequence[Glimpse]) -> Median:
        """The Median on the canvas, every frame brought to the light they have in common.

        Args:
            glimpses: of every frame of the shot.
        """
        if self.canvas.still:
            common = typical(glimpses)
            gains = [light_between(common, glimpses[f.row]).gain for f in self.frames]
            return self._median(gains)
        first = self._median([np.ones(3, np.float32)] * len(self.frames))
        lights = self.lights(first.picture, first.seen > 0, glimpses)
        gains = [lights[frame.row].gain for frame in self.frames]
        if max(float(np.abs(gain - 1).max()) for gain in gains) < 0.01:
            return first
        return self._median(gains)

    def lights(
        self, picture: Array, known: NDArray[np.bool_], glimpses: Sequence[Glimpse]
    ) -> tuple[Light, ...]:
        """The light of every frame of the shot against a canvas `picture`, known where `known`."""
        if self.canvas.still:
            plain = glimpse(picture, known)
            return tuple(light_between(plain, one) for one in glimpses)
        shown = known.astype(np.uint8) * np.uint8(255)
        whole = (slice(0, self.size[0]), slice(0, self.size[1]))
        lights = []
        for row, one in enumerate(glimpses):
            at = self.canvas.on_canvas(row, self.size, whole)
            seen = self.canvas.sampled(picture, at, whole, cv2.INTER_AREA)
            free = self.canvas.sampled(shown, at, whole, cv2.INTER_NEAREST) > 0
            lights.append(light_between(glimpse(seen, free, self.size), one))
        return tuple(lights)

    def sharpened(self, picture: Array, known: NDArray[np.bool_]) -> Array:
        """A canvas `picture` with the fine detail back that sampling and the median cost it.

        The frames' fine detail is regressed on its own: their grain has no part in that.
        """
        fine = np.asarray(picture - cv2.GaussianBlur(picture, (0, 0), FINE_PX), np.float32)
        fine_green = np.ascontiguousarray(fine[..., 1])
        whole = (slice(0, self.size[0]), slice(0, self.size[1]))
        shown = known.astype(np.uint8)
        slopes = []
        for frame in self.frames[:: max(1, len(self.frames) // GRAIN_FRAMES)]:
            at = self.canvas.on_canvas(frame.row, self.size, whole)
            ours = self.canvas.sampled(fine_green, at, whole)
            sure = self.canvas.sampled(shown, at, whole, cv2.INTER_NEAREST) > 0
            green = frame.picture[..., 1].astype(np.float32)
            theirs = green - cv2.GaussianBlur(green, (0, 0), FINE_PX)
            inside = cv2.erode((sure & frame.free).astype(np.uint8), np.ones((9, 9))) > 0
            power = float((ours[inside] ** 2).mean()) if inside.any() else 0.0
            if power > LEAST_FINE**2:
                slopes.append(float((ours[inside] * theirs[inside]).mean()) / power)
        if not slopes:
            return picture
        gain = float(np.clip(np.median(slopes), 1, MOST_SHARPER))
        return np.asarray(picture + np.float32(gain - 1) * fine, np.float32)

    def grain(self, picture: Array, known: NDArray[np.bool_], lights: Sequence[Light]) -> Grain:
        """What frames have beside a canvas `picture`, measured where it is `known`."""
        every = max(1, len(self.frames) // GRAIN_FRAMES)
        whole = (slice(0, self.size[0]), slice(0, self.size[1]))
        shown = known.astype(np.uint8)
        residuals: list[Residual] = []
        for frame in self.frames[::every]:
            at = self.canvas.on_canvas(frame.row, self.size, whole)
            seen = self.canvas.sampled(picture, at, whole)
            sure = self.canvas.sampled(shown, at, whole, cv2.INTER_NEAREST) > 0
            lit = lights[frame.row].laid_on(seen, whole, self.size)
            residuals.append((lit, frame.picture - lit, frame.free & sure))
        return measure_grain(residuals)

    def _median(self, gains: Sequence[Array]) -> Median:
        def strip(n: int, top: int, bottom: int) -> Strip | None:
            frame = self.frames[n]
            laid = self.canvas.laid(frame.row, frame.picture, frame.beside, (top, bottom))
            return None if laid is None else (laid[0].astype(np.float32) / gains[n], laid[1])

        return median_of(len(self.frames), self.canvas.size, strip, FREE)
