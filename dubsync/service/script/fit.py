"""Whether a stem sounds when its script says, or late, or at another speed: a line through both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.shot import ProjectWarning
from dubsync.core.timeline.speed import KNOWN, SpeedMismatch, known_mismatch
from dubsync.service.stems.stem_start import speed_warning

FURTHEST_S = 8.0  #: of a stem from its script, where it still is looked for
NEAR_S = 0.5  #: a word begins so near to where the line put through all says
LEAST_LINES = 6
LEAST_SHARE = 0.6  #: of the script's lines that must sound where the line says
LATE_S = 0.25  #: a whole stem off by less is how scripts are spotted
_ROUNDS = 4
_SURE = 4.0  #: standard errors between the speed found and the right one
_MARGIN = 2.5e-4  #: of a known ratio; 0.1 % is told from none by four times as much

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """heard = first + ratio * (said - first) + late, all in record seconds.

    error   standard error of `ratio`
    lines   how many lines of the script it goes through, out of `of`
    """

    first: float
    ratio: float
    late: float
    error: float
    lines: int
    of: int
    mismatch: SpeedMismatch | None = None

    def at(self, said: float) -> float:
        """When a line that the script has at `said` should be heard."""
        return self.first + self.ratio * (said - self.first) + self.late

    @property
    def off(self) -> bool:
        """Whether the stem is elsewhere than its script says."""
        return self.mismatch is not None or abs(self.late) > LATE_S

    def warnings(self, stem: str) -> tuple[ProjectWarning, ...]:
        """What is wrong, if anything is."""
        through = f"{self.lines} of {self.of} lines of the script"
        if self.mismatch is not None:
            evidence = f"{through} begin {100 * (self.ratio - 1):+.3f} % along, against its words"
            return (speed_warning(stem, self.mismatch, evidence),)
        if abs(self.late) > LATE_S:
            which = "late" if self.late > 0 else "early"
            message = f"sounds {abs(self.late):.2f} s {which} by {through}; used where it lies"
            return (
                ProjectWarning(stem, message, "check its timecode, or set start in dubsync.toml"),
            )
        return ()


def fit_script(said: Sequence[float], heard: Sequence[float], first: float) -> Fit | None:
    """The straight line that most lines of a script lie on, by when they are heard.

    Args:
        said: when each line of one character begins by the script, record seconds.
        heard: when each utterance of their stem begins.
        first: the programme's first frame.

    Returns:
        None where too few lines agree on any line: then nothing is known.

    Source: ours.  Consensus over the known speeds, then least squares on what agrees; a speed is
    named only where it is four standard errors from the right one.
    """
    if min(len(said), len(heard)) < LEAST_LINES:
        return None
    begun, words = (np.asarray(sorted(v), np.float64) - first for v in (said, heard))
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
    """(how many lines have a word at one lateness, that lateness)."""
    apart = words[None] - begun[:, None]
    rows, columns = np.nonzero(np.abs(apart) <= FURTHEST_S)
    if not len(rows):
        return 0, 0.0
    late = apart[rows, columns]
    order = np.argsort(late)
    late, rows = late[order], rows[order]
    stops = np.searchsorted(late, late + NEAR_S, side="right")
    most, at = 0, 0
    within = stops - np.arange(len(stops))  # words, of which several may be one line's
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
    """Lines with the word nearest to where each should begin, where one is near enough."""
    wanted = ratio * begun + late
    place = np.clip(np.searchsorted(words, wanted), 1, len(words) - 1)
    low, high = words[place - 1], words[place]
    nearest = np.where(wanted - low < high - wanted, low, high)
    near = np.abs(nearest - wanted) <= margin
    return begun[near], nearest[near]


def _least_squares(x: Values, y: Values) -> tuple[float, float, float, float]:
    """(slope, value at 0, the slope's standard error, spread of what is left over)."""
    centred = x - x.mean()
    power = float((centred**2).sum())
    if power == 0:
        return 1.0, float(np.median(y - x)), float("inf"), NEAR_S
    slope = float((centred * (y - y.mean())).sum()) / power
    offset = float(y.mean() - slope * x.mean())
    left = y - slope * x - offset
    spread = float(np.sqrt((left**2).sum() / max(len(x) - 2, 1)))
    return slope, offset, max(spread, 1e-3) / power**0.5, spread
