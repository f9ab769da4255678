"""The mark's 32 bits as six symbols of eight: a Reed-Solomon code that any four of them give back.

The reader holds a score for each of the 256 values of each symbol, so it does not decide symbol by
symbol: it asks which codeword has the greatest sum (soft decoding).  Two symbols may be lost.
Source: Reed and Solomon 1960; arithmetic of GF(256) by the package reedsolo.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations, product

import numpy as np
import reedsolo
from numpy.typing import NDArray

from dubsync.core.errors import ShapeError

SYMBOLS, KNOWN, VALUES = 6, 4, 256
#: Values of each symbol that the soft decoder tries, best first.
TRIED = 4

Bytes = NDArray[np.uint8]


def symbols(payload: int) -> tuple[int, ...]:
    """The six symbols, 0..255, of a payload of 32 bits.

    Raises:
        ShapeError: a payload that has no 32 bits.
    """
    if not 0 <= payload < 1 << 32:
        raise ShapeError(f"a mark's payload is 0 to 2^32-1, not {payload}")
    return tuple(reedsolo.RSCodec(SYMBOLS - KNOWN).encode(payload.to_bytes(KNOWN, "big")))


def payload_of(codeword: Bytes) -> int:
    """The payload of a codeword: the code is systematic."""
    return int.from_bytes(bytes(codeword[:KNOWN]), "big")


@cache
def _products() -> Bytes:
    """(256, 256) products in GF(256)."""
    log, exp, _ = reedsolo.init_tables()
    logs, powers = np.array(log, np.int64), np.array(exp, np.int64)
    table: Bytes = powers[(logs[:, None] + logs[None]) % 255].astype(np.uint8)
    table[0] = table[:, 0] = 0
    return table


@cache
def _completions() -> tuple[tuple[tuple[int, ...], Bytes], ...]:
    """For each four places: the (4, 6) matrix from the symbols there to the whole codeword."""
    unit = np.array([symbols(1 << 8 * (KNOWN - 1 - n)) for n in range(KNOWN)], np.uint8)
    return tuple(
        (places, _solved(unit[:, list(places)], unit))
        for places in combinations(range(SYMBOLS), KNOWN)
    )


def _solved(part: Bytes, whole: Bytes) -> Bytes:
    """part^-1 @ whole in GF(256), by elimination."""
    times = _products()
    rows = np.concatenate([part, whole], axis=1)
    for n in range(KNOWN):
        pivot = n + int(np.flatnonzero(rows[n:, n])[0])
        rows[[n, pivot]] = rows[[pivot, n]]
        inverse = int(np.flatnonzero(times[rows[n, n]] == 1)[0])
        rows[n] = times[inverse, rows[n]]
        for other in range(KNOWN):
            if other != n:
                rows[other] ^= times[rows[other, n], rows[n]]
    return rows[:, KNOWN:]


def best_codeword(scores: NDArray[np.float64]) -> tuple[float, Bytes]:
    """The codeword of greatest summed score, and that sum.

    scores  (6, 256) of each value of each symbol; -inf where a value is ruled out
    """
    times = _products()
    best = np.argsort(-scores, axis=1, kind="stable")[:, :TRIED].astype(np.uint8)
    found: list[Bytes] = []
    for places, matrix in _completions():
        given = best[np.array(places)[None], _picks()]
        word = np.zeros((len(given), SYMBOLS), np.uint8)
        for n in range(KNOWN):
            word ^= times[given[:, n, None], matrix[n][None]]
        found.append(word)
    words = np.concatenate(found)
    totals = scores[np.arange(SYMBOLS)[None], words].sum(axis=1)
    at = int(totals.argmax())
    return float(totals[at]), words[at]


@cache
def _picks() -> NDArray[np.intp]:
    """Every choice of one of the best values for each of four symbols."""
    return np.array(list(product(range(TRIED), repeat=KNOWN)))
