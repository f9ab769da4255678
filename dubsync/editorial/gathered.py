"""What the walk through a timeline's file has found so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from dubsync.core.losses import LOST, Loss
from dubsync.core.probed import ProbedEvent, ProbedMarker


@dataclass(slots=True, kw_only=True)
class Gathered:
    """Grows as the walk goes on; `effects` counts what is met and not listed, by name."""

    events: list[ProbedEvent] = field(default_factory=list)
    markers: list[ProbedMarker] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    effects: Counter[str] = field(default_factory=Counter)

    def lose(self, where: str, what: str, kind: str = LOST, hint: str = "") -> None:
        """Note a Loss."""
        self.losses.append(Loss(where, what, kind, hint))
