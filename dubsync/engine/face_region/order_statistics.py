"""Medians and quantiles of a few values: numpy's own take longer to begin than an eye to draw."""

from __future__ import annotations

import numpy as np

from dubsync.core.arrays import Array


def medians(values: Array) -> Array:
    """(C,) of values (n, C)."""
    ordered, count = np.sort(values, axis=0), len(values)
    return np.asarray((ordered[(count - 1) // 2] + ordered[count // 2]) / 2, np.float32)


def quantiles(values: Array, shares: tuple[float, ...]) -> list[float]:
    """Of values (n,), one for each share 0..1, interpolated linearly."""
    ordered = np.sort(values)
    places = [share * (len(ordered) - 1) for share in shares]
    ends = [(ordered[int(at)], ordered[min(int(at) + 1, len(ordered) - 1)]) for at in places]
    return [
        float(low + (high - low) * (at - int(at)))
        for at, (low, high) in zip(places, ends, strict=True)
    ]
