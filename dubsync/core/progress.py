"""Progress reports of long work, and the one way to cancel it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One progress report: `done` of `total` items of stage `name` of `shot`.

    note  text to show in place of a rate
    unit  of the items, in the plural; "" where a rate makes no sense
    lane  which of several processes that work side by side reports, from 1; 0: there is one, or it
          is about all of them
    """

    name: str
    shot: str
    done: int
    total: int
    note: str = ""
    unit: str = "frames"
    lane: int = 0


#: Called between frames.  It may raise `Cancelled` (the user stops the work) or `ConsentMissing`
#: (consent was withdrawn meanwhile), which is the only way to stop it: let both pass.
Progress = Callable[[Step], None]


def silent(step: Step) -> None:
    """Report nothing."""
