"""The median, pixel by pixel, of pictures in which people hide different parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array

#: Samples stacked at a time: bounds the memory beside the pictures themselves.
STRIP_SAMPLES = 8_000_000

#: The rows of one picture, and how surely each of their pixels shows the background: 0 not at all.
Strip = tuple[Array, NDArray[np.uint8]]


@dataclass(frozen=True, slots=True, eq=False)
class Median:
    """The middle value of what was seen at each pixel.

    picture  (h, w, 3) float32; 0 where nothing was seen
    seen     (h, w) uint8, in how many pictures each pixel shows the background, at most 255; 1
             where none shows it for sure
    spread   (h, w) float32, distance of the green quartiles: a moving background spreads
    """

    picture: Array
    seen: NDArray[np.uint8]
    spread: Array


def median_of(
    count: int, size: tuple[int, int], strip: Callable[[int, int, int], Strip | None], sure: int
) -> Median:
    """The Median of `count` pictures of `size` (height, width): of those that show a pixel surest.

    Args:
        strip: rows `top`..`bottom` of picture `n`, asked as strip(n, top, bottom): values
            (rows, w, 3) and how surely they show the background (rows, w); None: nowhere.
        sure: of the surest.
    """
    height, width = size
    picture = np.zeros((height, width, 3), np.float32)
    seen = np.zeros(size, np.uint8)
    spread = np.zeros(size, np.float32)
    step = max(4, STRIP_SAMPLES // (3 * width * max(count, 1)))
    for top in range(0, height, step):
        bottom = min(top + step, height)
        stack = np.full((bottom - top, width, 3, max(count, 1)), np.inf, np.float32)
        surely = np.zeros((bottom - top, width, max(count, 1)), np.uint8)
        for n in range(count):
            laid = strip(n, top, bottom)
            if laid is not None:
                stack[..., n], surely[..., n] = laid
        surest = np.maximum(surely.max(axis=-1), 1)
        counted = surely == surest[..., None]
        np.copyto(stack, np.inf, where=~counted[:, :, None])
        shown = counted.sum(axis=-1)
        stack.sort(axis=-1)
        picture[top:bottom] = _at(stack, (shown - 1) / 2)
        low, high = (_at(stack[:, :, 1:2], (shown - 1) * share) for share in (0.25, 0.75))
        spread[top:bottom] = np.subtract(high, low)[..., 0]
        seen[top:bottom] = np.minimum(shown, np.where(surest >= sure, 255, 1))
    return Median(picture, seen, spread)


def _at(stack: Array, place: NDArray[Any]) -> Array:
    """Sorted values at a place between two of them, (rows, w, 3); 0 where there are none."""
    place = np.maximum(place, 0)
    low = np.floor(place).astype(np.intp)[..., None, None]
    high = np.ceil(place).astype(np.intp)[..., None, None]
    share = (place - np.floor(place))[..., None].astype(np.float32)
    below, above = (np.take_along_axis(stack, at, axis=-1)[..., 0] for at in (low, high))
    known = np.isfinite(below) & np.isfinite(above)
    below, above = (np.where(known, part, 0) for part in (below, above))
    return np.asarray(below * (1 - share) + above * share, np.float32)
