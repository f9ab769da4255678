"""The rows of the sound drive's tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from benchmarks.drive.clips import CURVE, NEW, PAIRS, SEVEN, STRANGERS, Heard
from benchmarks.drive.figures import Row, measured
from benchmarks.drive.trials import (
    Trial,
    never_seen,
    out_of_fold,
    same_actor,
    speech_in,
    with_speech,
)

NEVER_SEEN, SAME_ACTOR = "never seen", "same actor"
OUT_OF_FOLD, LEARNING_CURVE = "out of fold", "learning curve"
SECONDS = (0, 5, 10, 20, 40)  #: of speech that an actor is learnt from
WHOLE = "all"

Wanted = Callable[[str], bool]


def rows_of(table: str, group: str, trials: Iterable[Trial]) -> Iterator[Row]:
    """A row for each trial."""
    for one in trials:
        yield Row(table, group, one.learnt, one.tested, one.by, measured(one))


def never_seen_rows(clips: Heard, wanted: Wanted) -> Iterator[Row]:
    """Every stranger."""
    for group, names in STRANGERS.items():
        for name in filter(wanted, names):
            yield from rows_of(NEVER_SEEN, group, never_seen(clips, name))


def same_actor_rows(clips: Heard, wanted: Wanted) -> Iterator[Row]:
    """Every pair."""
    for group, pairs in PAIRS.items():
        for learnt, tested in pairs:
            if wanted(tested):
                yield from rows_of(SAME_ACTOR, group, same_actor(clips, learnt, tested))


def out_of_fold_rows(clips: Heard, wanted: Wanted) -> Iterator[Row]:
    """Whole clips, a quarter at a time."""
    for group, names in (("seven", SEVEN), ("new", NEW)):
        for name in filter(wanted, names):
            yield from rows_of(OUT_OF_FOLD, group, out_of_fold(clips, name))


def learning_curve_rows(clips: Heard, wanted: Wanted) -> Iterator[Row]:
    """Pairs by seconds of speech learnt from; the last is all that there is."""
    for learnt, tested in CURVE:
        if not wanted(tested):
            continue
        there = speech_in(clips, learnt, tested)
        steps: Sequence[float] = [s for s in SECONDS if s < there]
        for seconds in steps:
            trials = with_speech(clips, learnt, tested, seconds)
            yield from rows_of(LEARNING_CURVE, f"{seconds:g} s", trials)
        yield from rows_of(
            LEARNING_CURVE, f"{WHOLE} ({there:.0f} s)", with_speech(clips, learnt, tested, there)
        )


#: What --only names -> its rows.
TABLES = {
    "strangers": never_seen_rows,
    "actors": same_actor_rows,
    "folds": out_of_fold_rows,
    "curve": learning_curve_rows,
}
