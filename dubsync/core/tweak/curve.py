"""One control over time: keyframes and spans on the plate's frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import SettingsError
from dubsync.core.timeline.rising import check_rising
from dubsync.core.timeline.timecode import FrameRange

Values = NDArray[np.float64]

#: Frames over which a span fades in and out: the default and the maximum.
EASE, MOST_EASE = 3, 48


@dataclass(frozen=True, slots=True)
class Span:
    """`value` at full strength over plate frames `first` to `last`, both included.

    The fades in and out lie outside the span.
    """

    first: int
    last: int
    value: float

    def __post_init__(self) -> None:
        check_rising(self.first, self.last)


@dataclass(frozen=True, slots=True)
class Curve:
    """One control over time.

    value  used in every frame when there are no keyframes
    keys   (frame, value) keyframes, frames rising: eased from one to the next, held before the
           first and after the last
    spans  override the keyframes; a later span overrides an earlier one
    """

    value: float
    keys: tuple[tuple[int, float], ...] = ()
    spans: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        frames = [frame for frame, _ in self.keys]
        if frames != sorted(set(frames)):
            raise SettingsError(
                f"keyframes at frames {frames} are not in rising order",
                hint="sort them, one keyframe per frame",
            )

    @property
    def constant(self) -> bool:
        return not self.keys and not self.spans

    def at(self, frames: FrameRange, ease: int) -> Values:
        """(T,) value in each of `frames`; spans fade in and out over `ease` frames."""
        numbers = np.arange(frames.start, frames.stop)
        values = np.full(len(numbers), float(self.value))
        if self.keys:
            values = _between(self.keys, numbers)
        for span in self.spans:
            values = values + slope(span.first, span.last, frames, ease) * (span.value - values)
        return values

    def values(self) -> Iterator[float]:
        """Every value that a user set: those of keyframes and spans, or the constant."""
        yield from (value for _, value in self.keys)
        yield from (span.value for span in self.spans)
        if not self.keys:
            yield self.value


def slope(first: int, last: int, frames: FrameRange, ease: int) -> Values:
    """(T,) 1 over frames `first` to `last`, falling to 0 within `ease` frames on either side.

    Smoothstep, 3 x^2 - 2 x^3: the change starts and ends without a jerk.
    """
    numbers = np.arange(frames.start, frames.stop)
    away = np.maximum(np.maximum(first - numbers, numbers - last), 0)
    near = np.maximum(1 - away / (ease + 1), 0)
    return np.asarray(near * near * (3 - 2 * near), np.float64)


def whole_frames(value: float) -> int:
    """`value` as a whole number of frames.  Raises SettingsError when it is none."""
    if not isfinite(value) or value != int(value):
        raise SettingsError(f"{value:g} is not a whole number of frames")
    return int(value)


def _between(keys: tuple[tuple[int, float], ...], numbers: NDArray[np.intp]) -> Values:
    """Values eased between keyframes by smoothstep, held before the first and after the last."""
    at = np.array([frame for frame, _ in keys], np.float64)
    values = np.array([value for _, value in keys], np.float64)
    if len(at) == 1:
        return np.full(len(numbers), values[0])
    n = np.clip(np.searchsorted(at, numbers, side="right") - 1, 0, len(at) - 2)
    share = np.clip((numbers - at[n]) / (at[n + 1] - at[n]), 0, 1)
    share = share * share * (3 - 2 * share)
    return np.asarray(values[n] + share * (values[n + 1] - values[n]), np.float64)
