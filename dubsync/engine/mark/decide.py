"""From evidence to a verdict: the alignment and payload that agree best, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.engine.mark.code import SYMBOLS, best_codeword, payload_of, symbols
from dubsync.engine.mark.compare import Aligned
from dubsync.engine.mark.pattern import FIELDS

#: A mark is said to be there from this bound on the chance of a false alarm.
MOST_FALSE = 1e-6
#: Alignments whose symbols are decoded, of the 768 tried.
DECODED = 24
PAYLOADS = float(1 << 32)
#: An older mark under the same secret scores at least this share of the newest; less is its echo.
OLDER = 0.2


@dataclass(frozen=True, slots=True)
class Match:
    """One payload at one alignment.  `false` bounds the chance over what was tried to find it."""

    score: float
    false: float
    payload: int
    symbols: tuple[int, ...]
    offset: int
    rate: float


def matches(given: Aligned, trials: float, expected: Sequence[int] = ()) -> Iterator[Match]:
    """Payloads found, best first: the mark itself, then older ones under it, while any is sure.

    trials  shots, faces, windows and secrets tried together with this one
    The first is given even where it is not sure.
    """
    best = _best(given, trials, expected, first=True)
    yield best
    values, strongest = given.values.copy(), best.score
    while best.false <= MOST_FALSE:
        word = np.array(symbols(best.payload))
        # What this mark says is struck out; what another says at the same places is still there.
        # So is its negative: frames told apart hold some of each other.
        values[:, np.arange(SYMBOLS), word] = values[:, np.arange(SYMBOLS), word ^ 128] = -np.inf
        best = _best(Aligned(given.found, values, given.where), trials, expected, first=False)
        if best.score < OLDER * strongest:
            return
        if best.false <= MOST_FALSE:
            yield best


def _best(given: Aligned, trials: float, expected: Sequence[int], *, first: bool) -> Match:
    finding = given.found if first else np.zeros_like(given.found)
    root = float(np.sqrt(FIELDS if first else SYMBOLS))
    blind = _blind(given, finding, root, trials)
    known = [word for word in expected if np.isfinite(given.values[0][_at(word)]).all()]
    if not known:
        return blind
    words = np.array([symbols(payload) for payload in known])
    totals = given.values[:, np.arange(SYMBOLS)[None], words].sum(axis=2) + finding[:, None]
    at, which = np.unravel_index(int(totals.argmax()), totals.shape)
    score = float(totals[at, which]) / root
    # Two ways of asking were tried: both count.
    false = 2 * bound(score, trials * totals.size)
    blind = Match(blind.score, min(1.0, 2 * blind.false), *_rest(blind))
    if false > blind.false:
        return blind
    read = given.values[at].argmax(axis=1)
    return Match(score, false, known[which], tuple(map(int, read)), *given.where[at])


def _blind(given: Aligned, finding: NDArray[np.float64], root: float, trials: float) -> Match:
    joint = finding + given.values.max(axis=2).sum(axis=1)
    best: Match | None = None
    for at in np.argsort(-joint, kind="stable")[:DECODED]:
        total, word = best_codeword(given.values[at])
        score = (total + float(finding[at])) / root
        if best is None or score > best.score:
            false = bound(score, trials * len(joint) * PAYLOADS)
            read = tuple(map(int, given.values[at].argmax(axis=1)))
            best = Match(score, false, payload_of(word), read, *given.where[at])
    assert best is not None
    return best


def _at(payload: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return np.arange(SYMBOLS), np.array(symbols(payload))


def _rest(match: Match) -> tuple[int, tuple[int, ...], int, float]:
    return match.payload, match.symbols, match.offset, match.rate


def bound(score: float, trials: float) -> float:
    """Upper bound on the chance that a wrong secret reaches `score` in any of `trials`."""
    if score <= 0:
        return 1.0
    return float(min(1.0, np.exp(np.log(trials) - score * score / 2)))
