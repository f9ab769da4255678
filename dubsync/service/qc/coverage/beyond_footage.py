"""Poses and expressions that tweaks ask for and an actor's footage does not hold, shot by shot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.learning.reach import Beyond
from dubsync.core.plural import counted
from dubsync.core.shot import Shot
from dubsync.core.steps import Engine
from dubsync.service.reel.pipeline import Part

#: A plate helps a head whose turn is so near to one that it shows, degrees.
NEAR_TURN = 9.0


@dataclass(frozen=True, slots=True)
class ShotBeyond:
    """What one shot asks beyond the footage of a character.

    one     which control, in which frames, how far, why, and what would help
    turn    of the head that is asked in the worst frame, degrees to the picture's right; None where
            it is not about a turn to a side
    """

    shot: str
    character: str
    one: Beyond
    turn: float | None = None

    @property
    def frames(self) -> int:
        """How many frames of the plate."""
        return self.one.last - self.one.first + 1

    @property
    def said(self) -> str:
        """In a few words: "yaw 14.2 degrees beyond the footage in 19 frames (1012-1030)"."""
        one = self.one
        run = f"{one.first}-{one.last}" if one.last > one.first else f"{one.first}"
        where = f"in {counted(self.frames, 'frame')} ({run})"
        if not one.by:
            return f"{one.what} not in the footage {where}"
        return f"{one.what} {one.by:.3g} {one.unit} beyond the footage {where}"


def beyond_footage(shot: Shot, parts: Sequence[Part], engine: Engine) -> Iterator[ShotBeyond]:
    """What the tweaks of a shot's faces ask beyond the footage, the farthest of each face first."""
    if engine.beyond is None:
        return
    for part in parts:
        tweak = part.tweak
        if tweak.moving.neutral:
            continue
        found = engine.beyond(part.actor, part.head, part.original, part.corrected, tweak)
        for one in found:
            yield ShotBeyond(shot.name, part.character, one, _turn(part, one, engine))


def _turn(part: Part, one: Beyond, engine: Engine) -> float | None:
    """The turn to a side that is asked in the worst frame, where it is about that."""
    if one.unit != "degrees" or not {"yaw", "head"} & set(one.what.split(", ")):
        return None
    wanted = engine.coverage(part.actor, [part.corrected]).wanted
    return float(wanted[one.worst - part.corrected.frames.start, 0])


def helpful_plates(
    asked: ShotBeyond, shown: Mapping[str, Sequence[Array]], known: Sequence[str]
) -> dict[str, int]:
    """Plate -> its frames whose head is turned so, most first.

    Args:
        shown: plate -> (T, 2) turn and opening of its frames.
        known: plates that the actor is learnt from, which cannot help.
    """
    if asked.turn is None:
        return {}
    counts = {
        plate: sum(int((np.abs(one[:, 0] - asked.turn) <= NEAR_TURN).sum()) for one in frames)
        for plate, frames in shown.items() if plate not in known
    }  # fmt: skip
    return {plate: n for plate, n in sorted(counts.items(), key=lambda kv: -kv[1]) if n}


def beyond_json(asked: ShotBeyond, plates: Mapping[str, int] | None = None) -> dict[str, Any]:
    """One of them in --json and in reports.

    Args:
        plates: that would help, where they were looked for.
    """
    one = asked.one
    return {
        "shot": asked.shot, "character": asked.character, "control": one.what,
        "first": one.first, "last": one.last, "frames": asked.frames, "worst": one.worst,
        "by": round(one.by, 3), "unit": one.unit, "why": one.why, "helps": one.helps,
        **({} if plates is None else {"plates": dict(plates)}),
    }  # fmt: skip
