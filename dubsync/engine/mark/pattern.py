"""The mark's keyed patterns: what is drawn for a block of frames, and what the reader compares.

A block is four frames, numbered as the plate numbers them, and repeats every 64 blocks.  In each
block seven fields of +-1 noise lie over each other, from the secret alone: one that is always the
same, by which a mark is found, and one for each symbol, multiplied by one of 128 Walsh functions
and a sign, which is the symbol's value (a biorthogonal code).  The Walsh functions run over bins of
128 cells that the secret has shuffled, so a reader tries all 256 values with one small transform.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.engine.mark.code import SYMBOLS, symbols
from dubsync.engine.mark.flat_face import CELLS

BLOCK = 4  #: frames that share one pattern
BLOCKS = 64  #: patterns until the first comes again
FIELDS = SYMBOLS + 1  #: the field that finds the mark, then one for each symbol
BINS = 128
AREA = CELLS * CELLS
PER_BIN = AREA // BINS
#: The mark's wavelengths, cells: between grain and the face's own shading.
SHORTEST, LONGEST = 4.5, 9.0
_DOMAIN = b"dubsync mark 1"


def block_of(frame: int) -> int:
    """The pattern block, 0..63, of plate frame `frame`."""
    return frame // BLOCK % BLOCKS


def keyed_bytes(secret: bytes, what: str, count: int) -> NDArray[np.uint8]:
    """Bytes that only the secret's holder can tell from noise (SHAKE-256, FIPS 202)."""
    text = _DOMAIN + len(secret).to_bytes(2, "big") + secret + what.encode()
    return np.frombuffer(hashlib.shake_256(text).digest(count), np.uint8)


@dataclass(frozen=True, slots=True)
class Keyed:
    """A secret, checked."""

    secret: bytes

    def __post_init__(self) -> None:
        if len(self.secret) < 16:
            raise ShapeError("a mark's secret has at least 16 bytes")

    def shuffle(self) -> NDArray[np.intp]:
        """(16384,) the cell at each place; 128 places in a row are a bin."""
        return _shuffle(self.secret)

    def signs(self, block: int) -> NDArray[np.int8]:
        """(7, 16384) +-1 of each field at each place, in block 0..63."""
        return _signs(self.secret, block)


@lru_cache(maxsize=BLOCKS)
def _signs(secret: bytes, block: int) -> NDArray[np.int8]:
    bits = np.unpackbits(keyed_bytes(secret, f"block {block}", FIELDS * AREA // 8))
    signs = bits.reshape(FIELDS, AREA).astype(np.int8) * 2 - 1
    signs.flags.writeable = False
    return signs


@lru_cache(maxsize=4)
def _shuffle(secret: bytes) -> NDArray[np.intp]:
    draws = keyed_bytes(secret, "cells", AREA * 8).view("<u8")
    order = np.argsort(draws, kind="stable")
    order.flags.writeable = False
    return order


@cache
def walsh() -> NDArray[np.int8]:
    """(128, 128) the Walsh-Hadamard functions, one a row."""
    result = np.ones((1, 1), np.int8)
    while len(result) < BINS:
        result = np.block([[result, result], [result, -result]])
    result.flags.writeable = False
    return result


@cache
def band() -> Array:
    """(128, 65) the mark's share of each frequency of a flat face (half of a real transform)."""
    down, across = np.fft.fftfreq(CELLS), np.fft.rfftfreq(CELLS)
    radius = np.hypot(down[:, None], across[None])
    low = 1 / (1 + np.exp(-(radius - 1 / LONGEST) / 0.008))
    high = 1 / (1 + np.exp((radius - 1 / SHORTEST) / 0.015))
    result = np.asarray(low * high, np.float32)
    result.flags.writeable = False
    return result


def in_band(flat: Array, share: Array | None = None) -> Array:
    """`flat` (..., 128, 128) with only the mark's frequencies, or with `share` of each."""
    spectrum = np.fft.rfft2(flat) * (band() if share is None else share)
    return np.asarray(np.fft.irfft2(spectrum, s=(CELLS, CELLS)), np.float32)


def pattern(keyed: Keyed, payload: int, block: int) -> Array:
    """(128, 128) what block `block` draws for `payload`, mean 0, root mean square 1."""
    signs = keyed.signs(block)
    total = signs[0].astype(np.float32)
    for field, value in enumerate(symbols(payload), 1):
        function = np.repeat(walsh()[value & BINS - 1], PER_BIN)
        total += signs[field] * (function if value < BINS else -function)
    cells = np.empty(AREA, np.float32)
    cells[keyed.shuffle()] = total
    drawn = in_band(cells.reshape(CELLS, CELLS))
    return drawn / np.float32(np.sqrt(np.square(drawn, dtype=np.float64).mean()))
