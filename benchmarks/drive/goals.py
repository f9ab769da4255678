"""The goals of both drives, and which are missed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.drive.figures import Figures, Row, means
from benchmarks.drive.sound import NEVER_SEEN, SAME_ACTOR
from benchmarks.drive.stems import StemRow
from benchmarks.drive.take import TakeRow
from benchmarks.drive.trials import ALL_RULES

LEAST_JAW, MOST_LAG = 0.85, 1  #: of a take; lag in frames
#: Means of opening, width and jaw with all rules, over the sets that are judged.
LEAST = {SAME_ACTOR: (0.77, 0.60, 0.72), NEVER_SEEN: (0.68, 0.60, 0.62)}
JUDGED = ("five", "seven", "new")
LEAST_HIT, LEAST_REAL, MOST_SHUT = 0.85, 0.65, 0.13
MOST_LATE_MS = 10.0
MOST_MOVING = 0.0
DEVIATION = (0.9, 1.1)
STEM_MINUTES, MOST_STEM_S, MOST_MS = 20.0, 60.0, 15.0  #: of one core; ms a second of sound


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal: what it is of, the value wanted and the value reached."""

    of: str
    wanted: str
    reached: str
    met: bool


def goals(
    takes: Sequence[TakeRow], rows: Sequence[Row], stems: Sequence[StemRow]
) -> Iterator[Goal]:
    """The goals of what was measured."""
    if takes:
        last = "render" if any(row.stage == "render" for row in takes) else "motion"
        followed = [r.jaw >= LEAST_JAW and abs(r.jaw_lag) <= MOST_LAG
                    for r in takes if r.stage == last]  # fmt: skip
        yield Goal("takes: jaw and lag", f">= {LEAST_JAW}, <= {MOST_LAG} frame",
                   f"{sum(followed)} of {len(followed)}", all(followed))  # fmt: skip
    for table, least in LEAST.items():
        judged = [
            row.figures
            for row in rows
            if row.table == table and row.group in JUDGED and row.by == ALL_RULES
        ]
        if judged:
            yield from _mouth_goals(table, least, means(judged))
    for stem in stems:
        if stem.minutes == STEM_MINUTES:
            yield _at_most("20-minute stem heard, s of a core", stem.read_s + stem.heard_s,
                           MOST_STEM_S, 0)  # fmt: skip
            yield _at_most("features, ms a second of sound", stem.heard_s * 1000 / stem.minutes
                           / 60, MOST_MS, 1)  # fmt: skip


def _mouth_goals(table: str, least: tuple[float, float, float], mean: Figures) -> Iterator[Goal]:
    for name, wanted in zip(("opening", "width", "jaw"), least, strict=True):
        yield _at_least(f"{table}: {name}", getattr(mean, name), wanted)
    yield _at_least(f"{table}: closures hit", mean.hit, LEAST_HIT)
    yield _at_least(f"{table}: driven closures that are real", mean.real, LEAST_REAL)
    yield _at_most(f"{table}: lips shut in speech", mean.shut, MOST_SHUT)
    # Of single clips the lag is no better known than their offset, some 20 ms.
    yield _at_most(f"{table}: mean lag either way, ms", abs(mean.lag_ms or 0.0), MOST_LATE_MS, 0)
    yield _at_most(f"{table}: motion in silence", mean.moving, MOST_MOVING)
    low, high = DEVIATION
    yield Goal(f"{table}: deviation", f"{low} to {high}", f"{mean.deviation:.2f}",
               low <= mean.deviation <= high)  # fmt: skip


def _at_least(of: str, value: float, wanted: float) -> Goal:
    return Goal(of, f">= {wanted}", f"{value:.3f}", round(value, 3) >= wanted)


def _at_most(of: str, value: float, wanted: float, digits: int = 3) -> Goal:
    return Goal(of, f"<= {wanted:g}", f"{value:.{digits}f}", round(value, digits) <= wanted)
