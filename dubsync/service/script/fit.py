"""Fits a straight line between script and stem times: is the stem late, or at another speed?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.shot import ProjectWarning
from dubsync.core.timeline.speed import KNOWN, SpeedMismatch, known_mismatch
from dubsync.service.stems.stem_start import speed_warning

FURTHEST_S = 8.0  #: the largest offset of a stem from its script that is searched
NEAR_S = 0.5  #: an utterance agrees with the fit when it begins within this of it
LEAST_LINES = 6
LEAST_SHARE = 0.6  #: share of the script's lines that must agree with the fit
LATE_S = 0.25  #: a smaller offset of a whole stem is usual in spotting
_ROUNDS = 4
_SURE = 4.0  #: standard errors between the speed found and the right one
_MARGIN = 2.5e-4  #: of a known ratio; a speed error of 0.1 % is four times as large

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """heard = first + ratio * (scripted - first) + late, all in record seconds.

    error   standard error of `ratio`
    lines   how many lines of the script agree with it, out of `of`
    """

    first: float
    ratio: float
    late: float
    error: float
    lines: int
    of: int
    mismatch: SpeedMismatch | None = None

    def at(self, scripted: float) -> float:
        """When a line that the script has at `scripted` should be heard."""
        return self.first + self.ratio * (scripted - self.first) + self.late

    @property
    def off(self) -> bool:
        """Whether the stem is late, early or at another speed."""
        return self.mismatch is not None or abs(self.late) > LATE_S

    def warnings(self, stem: str) -> tuple[ProjectWarning, ...]:
        """A warning where the stem is late, early or at another speed."""
        share = f"{self.lines} of {self.of} lines of the script"
        if self.mismatch is not None:
            evidence = f"by {share}, it runs {100 * (self.ratio - 1):+.3f} % long"
            return (speed_warning(stem, self.mismatch, evidence),)
        if abs(self.late) > LATE_S:
            which = "late" if self.late > 0 else "early"
            message = f"by {share}, it is {abs(self.late):.2f} s {which}; not moved"
            return (
                ProjectWarning(stem, message, "check its timecode, or set start in dubsync.toml"),
            )
        return ()


def fit_script(scripted: Sequence[float], heard: Sequence[float], first: float) -> Fit | None:
    """The straight line on which most lines of a script lie, plotted by when they are heard.

    Args:
        scripted: when each line of one character begins by the script, record seconds.
        heard: when each utterance of their stem begins.
        first: the programme's first frame.

    Returns:
        None where too few lines agree on any fit.

    Source: ours.  Consensus over the known speeds, then least squares on the lines that agree; a
    speed mismatch is named only where it is four standard errors from the right speed.
    """
    if min(len(scripted), len(heard)) < LEAST_LINES:
        return None
    begun, words = (np.asarray(sorted(v), np.float64) - first for v in (scripted, heard))
    best: tuple[int, float, float] = (0, 1.0, 0.0)
    for ratio in (1.0, *(float(known.ratio) for known in KNOWN)):
        count, late = _agreed(ratio * begun, words)
        if count > best[0]:
            best = (count, ratio, late)
    count, ratio, late = best
    if count < max(LEAST_LINES, LEAST_SHARE * len(begun)):
        return None
    error = np.inf
    margin = NEAR_S
    for _ in range(_ROUNDS):
        x, y = _pairs(begun, words, ratio, late, margin)
        if len(x) < LEAST_LINES:
            return None
        ratio, late, error, spread = _least_squares(x, y)
        margin = max(3 * spread, 0.1)
    known = known_mismatch(ratio, max(_MARGIN, 2 * error))
    if known is not None and (error > _MARGIN or abs(ratio - 1) < _SURE * error):
        known = None
    if known is None:
        late += (ratio - 1) * float(np.median(x))
        ratio = 1.0
    return Fit(first, ratio, late, error, len(x), len(begun), known)


def _agreed(begun: Values, words: Values) -> tuple[int, float]:
    """(how many lines have an utterance at one common offset, that offset in seconds)."""
    apart = words[None] - begun[:, None]
    rows, columns = np.nonzero(np.abs(apart) <= FURTHEST_S)
    if not len(rows):
        return 0, 0.0
    late = apart[rows, columns]
    order = np.argsort(late)
    late, rows = late[order], rows[order]
    stops = np.searchsorted(late, late + NEAR_S, side="right")
    most, at = 0, 0
    within = stops - np.arange(len(stops))  # utterances; several may belong to one line
    for n in np.argsort(-within, kind="stable").tolist():
        if within[n] <= most:
            break
        count = len(np.unique(rows[n : stops[n]]))
        if count > most:
            most, at = count, n
    return most, float(np.median(late[at : stops[at]]))


def _pairs(
    begun: Values, words: Values, ratio: float, late: float, margin: float
) -> tuple[Values, Values]:
    """Each line with the utterance nearest to its expected start, where one is near enough."""
    wanted = ratio * begun + late
    place = np.clip(np.searchsorted(words, wanted), 1, len(words) - 1)
    low, high = words[place - 1], words[place]
    nearest = np.where(wanted - low < high - wanted, low, high)
    near = np.abs(nearest - wanted) <= margin
    return begun[near], nearest[near]


def _least_squares(x: Values, y: Values) -> tuple[float, float, float, float]:
    """(slope, value at 0, the slope's standard error, spread of the residuals)."""
    centred = x - x.mean()
    power = float((centred**2).sum())
    if power == 0:
        return 1.0, float(np.median(y - x)), float("inf"), NEAR_S
    slope = float((centred * (y - y.mean())).sum()) / power
    offset = float(y.mean() - slope * x.mean())
    left = y - slope * x - offset
    spread = float(np.sqrt((left**2).sum() / max(len(x) - 2, 1)))
    return slope, offset, max(spread, 1e-3) / power**0.5, spread
