"""A plate's grain: measured where frames differ from their median, drawn anew for each frame.

A median of many frames has next to no grain, and shows as a smooth patch in a grained plate.
Grain here is all that differs from frame to frame: film grain, a sensor's noise, a codec's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.colour import LUMA_WEIGHTS

PATCH_PX = 32  #: side of the patches whose spectrum is measured
TILE_PX = 512  #: side of the drawn tile
LEAST_PATCHES = 4
MOST_PATCHES = 400
#: Brightness at which the amount of grain is known, working colour.
LEVELS = np.linspace(0, 1, 9, dtype=np.float32)
#: Differences above this many times the typical one are something that moves, not grain.
STRAY = 4.0
SHADES = 4096  #: steps of brightness at which the amount is read
SMOOTH_SPECTRUM = 1.5  #: spectrum's cells
SEED = 20
_LUMA = np.array(
    (LUMA_WEIGHTS["bt709"][0], 1 - sum(LUMA_WEIGHTS["bt709"]), LUMA_WEIGHTS["bt709"][1]), np.float32
)

#: A frame's clean plate (h, w, 3), what the frame has beside it (h, w, 3), and where (h, w) it is
#: background.
Residual = tuple[Array, Array, NDArray[np.bool_]]


@dataclass(frozen=True, slots=True, eq=False)
class Grain:
    """What a frame of the plate adds to the median of all.

    tile    (n, n, 3) float32, periodic, standard deviation 1 in luma; all zero: no grain known
    amount  (9,) float32, its standard deviation at LEVELS, working colour
    hold    frames over which the grain changes wholly; 1: anew in each frame
    """

    tile: Array
    amount: Array
    hold: float = 1.0

    def drawn_on(self, picture: Array, number: int, corner: tuple[int, int] = (0, 0)) -> Array:
        """`picture` (h, w, 3) with the grain of frame `number`; the same for the same number.

        Args:
            corner: (x, y) of its top left pixel in the whole picture, so that parts agree.
        """
        if not self.amount.any():
            return picture
        place, share = divmod(number / self.hold, 1.0)
        grain = self._field(picture.shape[:2], int(place), corner)
        if share > 0:
            grain *= np.float32(np.cos(share * np.pi / 2))
            after = self._field(picture.shape[:2], int(place) + 1, corner)
            after *= np.float32(np.sin(share * np.pi / 2))
            grain += after
        grain *= cv2.merge([self._amount_at(picture @ _LUMA)] * 3)
        grain += picture
        return grain

    def _amount_at(self, luma: Array) -> Array:
        """(h, w) the grain's standard deviation at a brightness: read from a table of SHADES."""
        table = np.interp(np.linspace(0, 1, SHADES + 1), LEVELS, self.amount).astype(np.float32)
        shade = np.clip(luma, 0, 1) * np.float32(SHADES) + np.float32(0.5)
        return np.asarray(table.take(shade.astype(np.int32)))

    def _field(self, size: tuple[int, int], key: int, corner: tuple[int, int]) -> Array:
        side = len(self.tile)
        draw = np.random.default_rng((SEED, key & 0xFFFFFFFF))
        across, down = draw.integers(0, side, 2)
        rows = (np.arange(size[0]) + corner[1] + down) % side
        columns = (np.arange(size[1]) + corner[0] + across) % side
        if draw.random() < 0.5:
            columns = side - 1 - columns
        return np.array(self.tile[rows[:, None], columns[None]], np.float32)


def no_grain() -> Grain:
    """The grain of a plate of which too little is seen."""
    return Grain(np.zeros((1, 1, 3), np.float32), np.zeros(len(LEVELS), np.float32))


def measure_grain(residuals: Sequence[Residual], steadiness: float = 0.0) -> Grain:
    """The grain of some frames of a shot.

    Args:
        residuals: what they have beside their clean plate.
        steadiness: correlation -1..1 of the grain of one frame with the next one's.
    """
    patches = _patches(residuals)
    if len(patches) < LEAST_PATCHES:
        return no_grain()
    brightness = np.array([level for level, _ in patches], np.float32)
    values = np.stack([patch for _, patch in patches])
    power = (values @ _LUMA).var(axis=(1, 2))
    usual = power <= max(STRAY**2 * float(np.median(power)), 1e-10)
    brightness, values, power = brightness[usual], values[usual], power[usual]
    amount = _amount(brightness, power)
    steady = float(np.clip(steadiness, 0.0, 0.99))
    hold = max(1.0, float(np.pi / 2 / np.arccos(steady)))
    return Grain(_tile(values), amount, hold)


def _patches(residuals: Sequence[Residual]) -> list[tuple[float, Array]]:
    """(brightness, residual (PATCH_PX, PATCH_PX, 3) of mean 0) of patches all of background.

    The plainer half of them: elsewhere the least shift of the picture looks like grain.
    """
    found = []
    for plate, residual, free in residuals:
        luma = np.asarray(plate @ _LUMA, np.float32)
        detail = np.abs(luma - cv2.GaussianBlur(luma, (0, 0), 2))
        for top in range(0, free.shape[0] - PATCH_PX + 1, PATCH_PX):
            for left in range(0, free.shape[1] - PATCH_PX + 1, PATCH_PX):
                at = (slice(top, top + PATCH_PX), slice(left, left + PATCH_PX))
                if free[at].all():
                    patch = residual[at] - residual[at].mean(axis=(0, 1))
                    found.append((float(detail[at].mean()), float(luma[at].mean()), patch))
    plain = sorted(found, key=lambda one: one[0])[: max(LEAST_PATCHES, len(found) // 2)]
    every = max(1, len(plain) // MOST_PATCHES)
    return [(level, patch) for _, level, patch in plain[::every]]


def _amount(brightness: Array, power: Array) -> Array:
    """(9,) standard deviation at LEVELS: an average of patches near each, weighted by nearness."""
    near = np.exp(-0.5 * ((LEVELS[:, None] - brightness[None]) / 0.08) ** 2) + 1e-4
    mean = (near * np.minimum(power, 4 * np.median(power))).sum(axis=1) / near.sum(axis=1)
    return np.asarray(np.sqrt(mean), np.float32)


def _tile(values: Array) -> Array:
    """Noise (TILE_PX, TILE_PX, 3) of the patches' spectrum and colour, deviation 1."""
    colour = np.cov(values.reshape(-1, 3).T.astype(np.float64))
    size, axes = np.linalg.eigh(colour + np.eye(3) * 1e-12)
    window = np.outer(np.hanning(PATCH_PX), np.hanning(PATCH_PX)).astype(np.float32)
    noise = np.random.default_rng(SEED).standard_normal((TILE_PX, TILE_PX, 3))
    tile = np.empty((TILE_PX, TILE_PX, 3), np.float32)
    for n in range(3):
        parts = (values @ axes[:, n].astype(np.float32)) * window
        spectrum = (np.abs(np.fft.fft2(parts)) ** 2).mean(axis=0)
        spectrum[0, 0] = min(spectrum[0, 0], spectrum[0, 1])
        # A codec's blocks stand as lines in the spectrum, and would be drawn as a lattice.
        smooth = cv2.GaussianBlur(np.fft.fftshift(spectrum), (0, 0), SMOOTH_SPECTRUM)
        full = cv2.resize(np.sqrt(smooth), (TILE_PX, TILE_PX), interpolation=cv2.INTER_LINEAR)
        drawn = np.fft.ifft2(np.fft.fft2(noise[..., n]) * np.fft.ifftshift(full)).real
        tile[..., n] = drawn / max(float(drawn.std()), 1e-12) * np.sqrt(max(size[n], 0))
    tile = tile @ axes.T.astype(np.float32)
    return np.asarray(tile / max(float((tile @ _LUMA).std()), 1e-9), np.float32)
