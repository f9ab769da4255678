"""Collects events, markers and losses while a reader walks through a timeline's file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from dubsync.core.timeline.losses import LOST, Loss, LossReport
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedEvent,
    ProbedMarker,
    ProbedRange,
    ProbedTimeline,
)
from dubsync.core.timeline.runs import Keyframe


@dataclass(slots=True, kw_only=True)
class LossNotes:
    """The losses noted so far, for the conversion report."""

    losses: list[Loss] = field(default_factory=list)

    def lose(
        self, where: str, what: str, kind: str = LOST, hint: str = "", turnover: str = ""
    ) -> None:
        """Add a Loss to the report; a message that `what` quotes need not name the place again."""
        what = what.replace(f": {where}: ", ": ", 1)
        self.losses.append(Loss(where, what, kind, hint, turnover))


@dataclass(slots=True, kw_only=True)
class CutBuilder(LossNotes):
    """The cut read so far. `effects` counts the effects that are not listed, by name."""

    events: list[ProbedEvent] = field(default_factory=list)
    markers: list[ProbedMarker] = field(default_factory=list)
    effects: Counter[str] = field(default_factory=Counter)

    def lose_effects(self, where: str) -> None:
        """Report the effects that were found, each name once."""
        for name, count in sorted(self.effects.items()):
            self.lose(where, f"effect {name[:60]!r} is not listed; number of uses: {count}")

    def cut(self, path: str, format: str, timelines: Sequence[ProbedTimeline]) -> ProbedCut:
        """The finished ProbedCut of the file `path`."""
        losses = LossReport.of(self.losses)
        return ProbedCut(
            path, format, tuple(timelines), tuple(self.events), tuple(self.markers), losses
        )


@dataclass(frozen=True, slots=True)
class Source:
    """What an item plays: source frames, speed, all frames of its media, speed keyframes."""

    frames: ProbedRange | None
    speed: Fraction | None
    available: ProbedRange | None = None
    keyframes: tuple[Keyframe, ...] = ()
