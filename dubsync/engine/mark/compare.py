"""Compare residues with every pattern at once: all blocks, all fields, all 256 values.

A pattern that the picture knows nothing of is +-1 by the toss of a secret coin in every cell.  So
the sum of what it meets, divided by the root of the sum of squares, has mean 0 and variance 1, and
exceeds z with a probability of at most exp(-z^2/2) (Hoeffding 1963, theorem 2): for every film and
every treatment of it, and without knowing what noise is like.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.mark.code import SYMBOLS, VALUES
from dubsync.engine.mark.pattern import (
    BINS,
    BLOCK,
    BLOCKS,
    FIELDS,
    PER_BIN,
    Keyed,
    walsh,
)

#: Plate frames for each frame of the copy.
RATES = (1.0, 24 / 25, 25 / 24)
#: Offsets tried: every plate frame until the patterns repeat.
OFFSETS = BLOCK * BLOCKS


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Sums of residues over the cells of each bin, signed by each block's fields.

    at    (T,) the frames' numbers less the first one's
    bins  (T, 64, 7, 128) float32
    gram  (T, T) products of the residues themselves
    """

    at: NDArray[np.int64]
    bins: Array
    gram: NDArray[np.float64]


def evidence(rows: Array, at: NDArray[np.int64], keyed: Keyed) -> Evidence:
    """Compare residues (T, 16384) with every block's fields."""
    shuffled = np.ascontiguousarray(
        rows[:, keyed.shuffle()].reshape(len(rows), BINS, PER_BIN).transpose(1, 0, 2)
    )
    bins = np.empty((len(rows), BLOCKS, FIELDS, BINS), np.float32)
    for block in range(BLOCKS):
        signs = keyed.signs(block).reshape(FIELDS, BINS, PER_BIN).astype(np.float32)
        bins[:, block] = np.matmul(shuffled, signs.transpose(1, 2, 0)).transpose(1, 2, 0)
    return Evidence(at, bins, rows.astype(np.float64) @ rows.T.astype(np.float64))


def blocks_at(at: NDArray[np.int64], offset: int, rate: float) -> NDArray[np.int64]:
    """The block of each frame, if the first is plate frame `offset`."""
    return np.asarray(np.floor(offset + rate * at).astype(np.int64) // BLOCK % BLOCKS)


def scores(found: Evidence, offset: int, rate: float) -> tuple[float, NDArray[np.float64]]:
    """Of one alignment: the score of the finding field, and (6, 256) of each symbol's values.

    Each is standard normal under a wrong secret.
    """
    blocks = blocks_at(found.at, offset, rate)
    summed = found.bins[np.arange(len(blocks)), blocks].sum(axis=0, dtype=np.float64)
    same = blocks[:, None] == blocks[None]
    size = np.sqrt(max(float((found.gram * same).sum()), 1e-12))
    half = summed[1:] @ walsh().T.astype(np.float64) / size
    values = np.empty((SYMBOLS, VALUES))
    values[:, :BINS], values[:, BINS:] = half, -half
    return float(summed[0].sum() / size), values
