"""How long work tells where it is, and the one way to stop it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One beat of long work: `done` of `total` frames (or items) of stage `name` of `shot`.

    note  what is worth knowing meanwhile, in words, in place of a rate
    """

    name: str
    shot: str
    done: int
    total: int
    note: str = ""


#: Called between frames.  It may raise `Cancelled`, which is the only way to stop.
Progress = Callable[[Step], None]


def silent(step: Step) -> None:
    """Tell nobody."""
