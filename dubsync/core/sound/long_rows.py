"""Readings of a long sound that stay where they are kept: a shot reads its own part of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array

#: Rows read beyond what is asked for, either side: what looks at a moment looks beside it next.
BESIDE = 1000
#: Most rows that are held after they were read: five minutes of a sound.
HELD = 30_000
#: Rows that `stretches` gives at a time: a minute.
STRETCH = 6000


class LongRows:
    """(N, D) float32, of which only the rows that were asked for last are in memory.

    It is read like an array that nobody writes to: by slices and by whole numbers of rows.
    `np.asarray` of it holds all of it, which is for what looks at a whole sound.

    Args:
        shape: (N, D).
        read: (first, stop) -> those rows, as new memory.
    """

    __slots__ = ("_held", "_read", "shape")

    def __init__(self, shape: tuple[int, int], read: Callable[[int, int], Array]) -> None:
        self.shape, self._read = shape, read
        self._held: tuple[int, Array] = (0, np.zeros((0, shape[1]), np.float32))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: slice | NDArray[np.intp]) -> Array:
        """Rows of a slice, or one row for each number of an array, which may be below 0."""
        if isinstance(key, slice):
            first, stop, step = key.indices(len(self))
            if step != 1:
                raise TypeError("LongRows are read without a step")
            return self._rows(first, max(first, stop))
        at = np.asarray(key)
        if at.dtype.kind not in "iu":
            raise TypeError("LongRows are read by slices or whole numbers of rows")
        if at.size and not -len(self) <= at.min() <= at.max() < len(self):
            raise IndexError(f"rows {at.min()} to {at.max()} of {len(self)}")
        at = np.where(at < 0, at + len(self), at)
        if not at.size:
            return np.zeros((*at.shape, self.shape[1]), np.float32)
        first = int(at.min())
        return self._rows(first, int(at.max()) + 1)[at - first]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.asarray(self._rows(0, len(self)), dtype)

    def replaced(self, first: int, rows: Array) -> LongRows:
        """These rows, with `rows` in place of those from `first` on."""
        last = first + len(rows)

        def read(begin: int, end: int) -> Array:
            found, a, b = np.array(self._read(begin, end)), max(begin, first), min(end, last)
            if a < b:
                found[a - begin : b - begin] = rows[a - first : b - first]
            return found

        return LongRows(self.shape, read)

    def _rows(self, first: int, stop: int) -> Array:
        begin, held = self._held
        if not begin <= first <= stop <= begin + len(held):
            begin, end = max(first - BESIDE, 0), min(stop + BESIDE, len(self))
            if end - begin > HELD:
                return self._read(first, stop)
            held = self._read(begin, end)
            held.flags.writeable = False
            self._held = begin, held
        return held[first - begin : stop - begin]


#: The rows of one kind of reading: in memory, or where they are kept.
Rows = Array | LongRows


def replaced(rows: Rows, first: int, part: Array) -> Rows:
    """`rows` with `part` in place of those from `first` on."""
    if isinstance(rows, LongRows):
        return rows.replaced(first, part)
    made = np.array(rows)
    made[first : first + len(part)] = part
    return made


def stretches(count: int, each: int = STRETCH) -> Iterator[slice]:
    """Slices that cover `count` rows, so many at a time: for what goes through a whole sound."""
    return (slice(first, min(first + each, count)) for first in range(0, count, each))
