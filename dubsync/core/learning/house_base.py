"""A house's own base: what its actors start from, taught on its own consented actors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dubsync.core.errors import EngineError
from dubsync.core.learning.actor import Actor, Footage
from dubsync.core.progress import Progress


@dataclass(frozen=True, slots=True, eq=False)
class HouseBase:
    """A base that was read and checked.

    name     "NAME/v001"
    digest   SHA-256 of its card, hexadecimal
    network  bytes of the base network, safetensors
    head     bytes of the sound head, safetensors; empty: the one that ships
    """

    name: str
    digest: str
    network: bytes
    head: bytes


@dataclass(frozen=True, slots=True, eq=False)
class TaughtBase:
    """What an engine taught.

    network, head  as in HouseBase
    facts          plain values: steps, seconds, figures before and after on held-out frames and
                   held-out speech
    """

    network: bytes
    head: bytes
    facts: Mapping[str, Any]


class TeachBase(Protocol):
    """Teach a base on several actors."""

    def __call__(
        self, actors: Sequence[tuple[Actor, Sequence[Footage]]], *, minutes: float, steps: int = 0,
        kept: Path | None, progress: Progress,
    ) -> TaughtBase:  # fmt: skip
        """A base network and a sound head, from every actor and the footage they were learnt from.

        Args:
            actors: as this engine learnt them.
            minutes: at most.
            steps: exactly this many, without a time limit; 0: as many as the time allows.
            kept: folder for checkpoints of an interrupted teaching; None writes none.

        Raises:
            EngineError: nothing to teach it on.
        """


def cannot_teach(
    actors: Sequence[tuple[Actor, Sequence[Footage]]], *, minutes: float, steps: int = 0,
    kept: Path | None, progress: Progress,
) -> TaughtBase:  # fmt: skip
    """A `TeachBase` of an engine that has no base."""
    raise EngineError(
        "this engine has no base that could be taught", hint="use dubsync's own engine"
    )
