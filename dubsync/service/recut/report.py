"""What becomes of each shot at a recut: predicted, then as it was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from dubsync.core.errors import DubsyncError
from dubsync.core.progress import Progress
from dubsync.core.shot import Cut, Shot
from dubsync.core.timeline.change import Change, ChangeList
from dubsync.core.timeline.change_rows import data
from dubsync.editorial.changes.events import event_changes, listed_changes
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.render.frame_cache import FrameCache
from dubsync.service.render.sync import stays_plate

Fate = Literal["kept", "partly", "anew", "skipped", "blocked", "failed"]


@dataclass(frozen=True, slots=True)
class ShotRecut:
    """What becomes of one shot of the new cut, in one language.

    was       the old cut's shot that it goes on from; "" for none
    change    the change in an assistant editor's words
    fate      kept: every frame is taken over; partly; anew: every frame is drawn
    kept      frames taken over as they are; faded: over which they fade into new ones;
              rendered: frames that no earlier render has
    """

    shot: str
    language: str
    was: str
    change: str
    fate: Fate
    kept: int = 0
    faded: int = 0
    rendered: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Recut:
    """All that a recut did, or would do.

    version  where the old dubsync.toml and the report lie; "" of a dry run
    dub_cut  the cut that the dub is laid against; "" where that is the new one
    changes  of the two cuts: as `dubsync cutdiff` lists them, else as turnover reads them
    gone     shots of the old cut that the new one has not
    """

    version: str
    old: str
    new: str
    dub_cut: str
    changes: tuple[Change, ...]
    shots: tuple[ShotRecut, ...]
    gone: tuple[str, ...]
    results: tuple[ShotResult, ...] = ()

    def frames(self) -> dict[str, int]:
        """Frames kept, faded and rendered, over all shots."""
        return {name: sum(getattr(shot, name) for shot in self.shots)
                for name in ("kept", "faded", "rendered")}  # fmt: skip


class Told:
    """What the change list says of each shot, by the new cut's names.

    Args:
        listed: the cuts' change list, of all that is seen; None: what turnover reads must do.
    """

    def __init__(
        self, cuts: tuple[Cut, Cut], goes_on: Mapping[str, str], listed: ChangeList | None
    ) -> None:
        own = event_changes(*cuts)
        self.goes_on = goes_on
        self.changes = own if listed is None else listed.changes
        self.words = {cuts[1].events[c.new.event].name: c.words
                      for c in own if c.new is not None}  # fmt: skip
        if listed is not None:
            seen = listed_changes(cuts[1], listed)
            self.words |= {name: change.words for name, change in seen.items()}
        self.gone = tuple(cuts[0].events[c.old.event].name
                          for c in own if c.new is None and c.old)  # fmt: skip

    def shot(self, name: str, language: str, fate: Fate, **frames: Any) -> ShotRecut:
        was = self.goes_on.get(name, "")
        return ShotRecut(name, language, was, self.words.get(name, ""), fate, **frames)


def planned(reel: Reel, told: Told, progress: Progress) -> list[ShotRecut]:
    """What sync will do to each shot of the new cut."""
    shelf = FrameCache.of(reel.store)
    result = []
    for shot in reel.turnover.shots:
        refused = stays_plate(reel, shot) or reel.refusal(shot)
        if refused is not None:
            fate: Fate = "blocked" if refused.status == "blocked" else "skipped"
            result.append(told.shot(shot.name, reel.language, fate, reason=refused.reason))
            continue
        try:
            result.append(_plan(reel, shot, shelf, told, progress))
        except DubsyncError as error:
            result.append(told.shot(shot.name, reel.language, "failed", reason=str(error)))
    for event, reason in reel.turnover.skipped:
        result.append(told.shot(event.name, reel.language, "skipped", reason=reason))
    return result


def _plan(reel: Reel, shot: Shot, shelf: FrameCache, told: Told, progress: Progress) -> ShotRecut:
    planned = reel.look(progress).plan(shot)
    keys = planned.frame_keys
    if not keys.faces:
        why = (
            "; ".join(warning.message for warning in planned.warnings)
            or "no dubbed character is seen"
        )
        return told.shot(shot.name, reel.language, "skipped", reason=why)
    plan = shelf.plan(keys, shot.plate.name, reel.engine.context_frames)
    fate: Fate = "partly" if plan.new and plan.kept else "anew" if plan.new else "kept"
    return told.shot(
        shot.name, reel.language, fate, kept=len(plan.kept) - len(plan.fades),
        faded=len(plan.fades), rendered=len(plan.new),
    )  # fmt: skip


def as_done(predicted: Sequence[ShotRecut], results: Sequence[ShotResult]) -> list[ShotRecut]:
    """What was planned, with what came of it where that is something else."""
    ended = {result.name: result for result in results}
    found = []
    for shot in predicted:
        result = ended.get(shot.shot)
        if result is not None and result.status in ("blocked", "failed", "skipped"):
            ended_so: Fate = result.status
            shot = replace(shot, fate=ended_so, kept=0, faded=0, rendered=0, reason=result.reason)
        found.append(shot)
    return found


def recut_json(result: Recut) -> dict[str, Any]:
    """The body of `dubsync.recut/1`."""
    return {
        "version": result.version or None,
        "old_cut": result.old,
        "new_cut": result.new,
        "dub_cut": result.dub_cut or None,
        "frames": result.frames(),
        "shots": [asdict(shot) for shot in result.shots],
        "gone": list(result.gone),
        "changes": [data(change) for change in result.changes],
    }
