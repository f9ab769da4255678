"""Compare residues with every pattern at once: all blocks, all fields, all 256 values.

A pattern that the picture knows nothing of is +-1 by the toss of a secret coin in every cell.  So
the sum of what it meets, divided by the root of the sum of squares, has mean 0 and variance 1, and
exceeds z with a probability of at most exp(-z^2/2) (Hoeffding 1963, theorem 2): for every film and
every treatment of it, and without knowing what noise is like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
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


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """The scores of every alignment tried; each is standard normal under a wrong secret.

    found   (N,) of the field that finds marks
    values  (N, 6, 256) of each symbol's values
    where   (offset, rate) of each
    """

    found: NDArray[np.float64]
    values: NDArray[np.float64]
    where: tuple[tuple[int, float], ...]


def aligned(given: Evidence, rates: Sequence[float] = RATES) -> Aligned:
    """The scores of all alignments of the copy with the plate's time: 256 for each rate."""
    found, values = [], []
    where: list[tuple[int, float]] = []
    for rate in rates:
        for phase in range(BLOCK):
            one, six = _shifted(given, np.floor(phase + rate * given.at).astype(np.int64) // BLOCK)
            found.append(one)
            values.append(six)
            where += [(shift * BLOCK + phase, rate) for shift in range(BLOCKS)]
    return Aligned(np.concatenate(found), np.concatenate(values), tuple(where))


def _shifted(
    given: Evidence, blocks: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores of the frames in `blocks`, shifted by 0..63 blocks: (64,) and (64, 6, 256)."""
    there = np.unique(blocks)
    total = np.zeros((BLOCKS, FIELDS, BINS))
    for block in there:
        summed = given.bins[blocks == block].sum(axis=0)
        total += np.roll(summed, -(int(block) % BLOCKS), axis=0)
    same = (blocks[:, None] - blocks[None]) % BLOCKS == 0
    size = np.sqrt(max(float((given.gram * same).sum()), 1e-12))
    half = total[:, 1:] @ walsh().T.astype(np.float64) / size
    return total[:, 0].sum(axis=1) / size, np.concatenate([half, -half], axis=2)
