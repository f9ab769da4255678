"""A rising curve by its samples, and its inverse: both by tables, fast enough for pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError

#: The inverse is tabled at every float32 whose lower bits, so many, are 0: at 512 values between
#: each power of two and the next, so that highlights and shadows are as fine, each for its size.
_COARSE_BITS = 14
_FINE = (1 << _COARSE_BITS) - 1
#: Larger values, infinity among them, count as this one; no picture holds any.
_MOST = 1e30


@dataclass(frozen=True, eq=False)
class Curve:
    """A rising curve of straight pieces between even samples; beyond them it goes on straight.

    low, high   place of the first and of the last sample
    values      (n,) float64, strictly rising, finite; read-only
    """

    low: float
    high: float
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        values = self.values
        if values.ndim != 1 or len(values) < 2 or not self.low < self.high:
            raise ShapeError(f"{values.shape} samples from {self.low} to {self.high} are no curve")
        if not np.isfinite(values).all() or not (np.diff(values) > 0).all():
            raise ShapeError("a curve's samples must be finite, and rise from each to the next")
        values.flags.writeable = False

    def at(self, places: Array) -> Array:
        """The curve at `places`, of any shape, float32."""
        starts, steps = self._pieces
        on = np.asarray(places, np.float32) - np.float32(self.low)
        on *= np.float32((len(self.values) - 1) / (self.high - self.low))
        piece = np.clip(on, 0, len(steps) - 1).astype(np.int32)
        on -= piece
        on *= steps.take(piece)
        on += starts.take(piece)
        return on

    def back(self, values: Array) -> Array:
        """The places at which the curve has `values`, of any shape, float32."""
        starts, steps = self._inverse
        bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
        piece = (bits >> _COARSE_BITS).astype(np.int32)
        share = (bits & _FINE).astype(np.float32)
        share *= steps.take(piece)
        share += starts.take(piece)
        return share

    def places_of(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """As `back`, slowly and in float64: the very inverse of the pieces."""
        known, low, high = self.values, self.low, self.high
        step = (high - low) / (len(known) - 1)
        places = np.interp(values, known, np.linspace(low, high, len(known)))
        under, over = values < known[0], values > known[-1]
        places = np.where(under, low + (values - known[0]) * step / (known[1] - known[0]), places)
        past = high + (values - known[-1]) * step / (known[-1] - known[-2])
        return np.asarray(np.where(over, past, places), np.float64)

    @cached_property
    def _pieces(self) -> tuple[Array, Array]:
        """Value at the start of each piece, and its step to the next, float32."""
        return self.values[:-1].astype(np.float32), np.diff(self.values).astype(np.float32)

    @cached_property
    def _inverse(self) -> tuple[Array, Array]:
        """Place at each tabled float32, and its step to the next for one of the lower bits."""
        bits = np.arange(1 << (32 - _COARSE_BITS), dtype=np.uint32) << _COARSE_BITS
        tabled = np.nan_to_num(bits.view(np.float32), nan=0.0).astype(np.float64)
        places = np.clip(self.places_of(np.clip(tabled, -_MOST, _MOST)), -_MOST, _MOST)
        steps = np.diff(places, append=places[-1]) / (1 << _COARSE_BITS)
        steps[np.isinf(bits.view(np.float32))] = 0.0
        return places.astype(np.float32), steps.astype(np.float32)
