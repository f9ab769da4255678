"""Where 2:3 pulldown put film frames into a movie's fields.

Film at 23.976 fps fills the fields of 29.97 fps two and three in turn (SMPTE RP 197): of five
frames the third repeats the second's earlier field, and the fifth the fourth's later one.  Those
repeats give the cadence away, and every break of it at an edit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from dubsync.core.picture import FieldName

FilmRuns = tuple[tuple[int, int], ...]
Signs = NDArray[np.float64]

#: Mean change of a field, 8-bit levels, from which a frame moves.
_STILL = 0.35
#: Fewest frames by which a cadence is known, and how clearly repeats must stand out.
_FEWEST, _CLEAR = 15, 0.35
#: Repeats, of 1 each, by which two places of a break may differ and both be likely.
_DOUBT = 0.5
#: Frames over which a cadence must hold to be one of its own, and how many of them move where one
#: that is not seen is missed.
_WINDOW, _MOVING = 15, 10


def looks_telecined(lumas: Sequence[NDArray[np.int16]], order: FieldName) -> bool:
    """Whether frames repeat fields as 2:3 pulldown does."""
    signs, _ = _signs(lumas, order)
    return len(signs) + 1 >= _FEWEST and max(_scores(signs, 0)) > _CLEAR


def film_runs(
    lumas: Iterable[NDArray[np.int16]], order: FieldName
) -> tuple[FilmRuns, tuple[str, ...]]:
    """The stretches of one cadence each, as `Reading.film`, and what to say of breaks."""
    signs, changes = _signs(lumas, order)
    if len(signs) + 1 < _FEWEST:
        return (), ()
    runs: list[tuple[int, int]] = []
    unclear: list[int] = []
    for start in range(0, max(len(signs) - _WINDOW + 1, 1)):
        scores = _scores(signs[start : start + _WINDOW], start)
        best = int(np.argmax(scores))
        if scores[best] <= _CLEAR:
            if np.isfinite(signs[start : start + _WINDOW]).sum() >= _MOVING:
                unclear.append(start)
            continue
        if not runs:
            runs.append((0, best))
        elif best != runs[-1][1]:
            runs.append((_turn(signs, changes, runs[-1][1], best, start), best))
    if not runs:
        return (), ()
    told = _without_cadence(unclear)
    if len(runs) > 1:
        at = ", ".join(str(first) for first, _ in runs[1:6])
        told = (*told, f"the cadence of its pulldown changes at frame {at} (counted from 0), as "
                "after an edit: it is followed")  # fmt: skip
    return tuple((first, -2 * (first - phase) % 10) for first, phase in runs), told


def _without_cadence(unclear: Sequence[int]) -> tuple[str, ...]:
    """What to say of moving stretches that show no cadence, by the starts of such windows.

    Windows over a break of the cadence show none either: a stretch is longer.
    """
    parts = np.split(np.array(unclear, np.intp), np.flatnonzero(np.diff(unclear) > 1) + 1)
    long = [int(part[0]) + _WINDOW // 2 for part in parts if len(part) > 2 * _WINDOW]
    if not long:
        return ()
    at = ", ".join(map(str, long[:5]))
    return (f"about frame {at} (counted from 0) begin moving pictures without pulldown, as of a "
            "video camera: they are read as film too; look whether they comb",)  # fmt: skip


def _turn(signs: Signs, changes: Signs, before: int, after: int, start: int) -> int:
    """The frame from which the cadence is `after`, near window `start`.

    Repeats leave a frame or two in doubt: of those the picture changes most at an edit.
    """
    low, high = start, min(start + _WINDOW, len(signs))
    pairs = np.arange(low, high)

    def fit(cut: int) -> float:
        wanted = np.where(pairs < cut - 1, _wanted(pairs, before), _wanted(pairs, after))
        return float(np.nansum((signs[low:high] * wanted)[pairs != cut - 1]))

    cuts = range(low + 1, high + 1)
    fits = np.array([fit(cut) for cut in cuts])
    likely = [cut for cut, one in zip(cuts, fits, strict=True) if one > fits.max() - _DOUBT]
    return max(likely, key=lambda cut: float(changes[cut - 1]))


def _wanted(pairs: NDArray[np.intp], phase: int) -> NDArray[np.int64]:
    """The sign of each pair of frames in a cadence whose group of five begins at `phase`."""
    at = (pairs - phase) % 5
    return np.where(at == 1, -1, np.where(at == 3, 1, 0))


def _scores(signs: Signs, first: int) -> list[float]:
    """How clearly each of five phases stands out, 0..1; `first`: the first pair's number."""
    pairs = np.arange(first, first + len(signs))
    moving = np.abs(signs) >= 0  # NaN where nothing moves
    result = []
    for phase in range(5):
        wanted = _wanted(pairs, phase)
        repeats, others = moving & (wanted != 0), moving & (wanted == 0)
        if repeats.sum() < 3 or others.sum() < 3:
            result.append(0.0)
            continue
        on = float((signs[repeats] * wanted[repeats]).mean())
        off = float(np.abs(signs[others]).mean())
        result.append(on - off)
    return result


def _signs(lumas: Iterable[NDArray[np.int16]], order: FieldName) -> tuple[Signs, Signs]:
    """Of each pair of frames: -1 its earlier field is repeated, 1 its later one, 0 neither.

    Then how much the pair changes, 8-bit levels.
    """
    early = 1 if order == "bottom" else 0
    before, changes = None, []
    result = []
    for luma in lumas:
        if before is not None:
            change = np.abs(luma - before)
            first, second = float(change[early::2].mean()), float(change[1 - early :: 2].mean())
            changes.append(first + second)
            moves = max(first, second) > _STILL
            result.append((first - second) / (first + second) if moves else float("nan"))
        before = luma
    return np.array(result), np.array(changes)
