"""How far a character's footage shows head, eyes and expressions go: the bank's motion range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dubsync.core.learning.head import Head
from dubsync.core.learning.reach import Held
from dubsync.core.plural import counted
from dubsync.core.progress import Progress
from dubsync.core.tweak.controls import CONTROLS
from dubsync.service.reel.reel import Reel


@dataclass(frozen=True, slots=True, eq=False)
class MotionRange:
    """What controls can ask of one character before it goes beyond the footage.

    held  for a head that faces the camera and eyes that look straight ahead
    head  the whole head, if it is learnt: turns are its keys', else those of the tracked plates
    """

    character: str
    held: tuple[Held, ...]
    head: Head | None

    @property
    def said_of(self) -> str:
        """Where the range is from, and what is to be known of it."""
        if self.head is None:
            return "from the tracked plates; the whole head is not learnt yet"
        stills = f", {counted(self.head.stills, 'still')} among them" if self.head.stills else ""
        said = f"from the whole head: {counted(len(self.head), 'frame')}{stills}"
        return said + "; they show one pose only" * self.head.range.one_pose

    def rows(self) -> list[tuple[str, str, str, str]]:
        """(control, shown, looks clean to, unit) of each control."""
        result = []
        for one in self.held:
            low, high, room = float(one.low[0]), float(one.high[0]), float(one.room[0])
            shown = f"{low:g}..{high:g}" if high > low else "never"
            clean = f"{low - room:.3g}..{high + room:.3g}" if room and high > low else ""
            result.append((one.name, shown, clean, CONTROLS[one.name].unit))
        return result


def motion_range(reel: Reel, character: str, progress: Progress) -> MotionRange:
    """The motion range of a character; learns the actor where that was not done yet.

    Raises:
        ConsentMissing: no consent record covers training on the performer.
        NoFace: no plate shows them.
    """
    actors = reel.look(progress).actors
    actor = actors.actor(character, progress)
    # A head belongs to one state of the actor: the trained one, or the one that "warp" draws.
    head = actors.known_head(actor, progress)
    if head is None:
        head = actors.known_head(actors.learnt(character, progress), progress)
    held = () if reel.engine.held is None else tuple(reel.engine.held(actor, head))
    return MotionRange(character, held, head)


def range_json(found: MotionRange) -> dict[str, Any]:
    """The key "range" of a character in `dubsync expressions --json`."""
    return {
        "from": found.said_of,
        "stills": found.head.stills if found.head is not None else 0,
        "controls": {
            one.name: {
                "low": round(float(one.low[0]), 3), "high": round(float(one.high[0]), 3),
                "room": round(float(one.room[0]), 3), "unit": CONTROLS[one.name].unit,
            }
            for one in found.held
        },
    }  # fmt: skip
