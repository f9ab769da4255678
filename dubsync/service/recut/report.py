"""The report of a recut: the plan for each shot, then its outcome."""

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

ShotStatus = Literal["kept", "partly kept", "re-rendered", "skipped", "blocked", "failed"]


@dataclass(frozen=True, slots=True)
class ShotRecut:
    """The update of one shot of the new cut, in one language.

    was       the old cut's shot that it continues; "": none
    change    the change in an assistant editor's words
    status    kept: every frame is reused; partly kept: some are; re-rendered: none is
    kept      frames reused unchanged
    faded     reused frames that are cross-faded into new ones
    rendered  frames that no earlier render has
    reason    why it is skipped, blocked or failed
    """

    shot: str
    language: str
    was: str
    change: str
    status: ShotStatus
    kept: int = 0
    faded: int = 0
    rendered: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Recut:
    """What a recut did, or would do.

    version  folder of the old dubsync.toml and the report; "": a dry run
    dub_cut  the cut that the dub was made for; "": the new one
    changes  between the two cuts: as listed by `dubsync cutdiff`, else as read by turnover
    removed  shots of the old cut that are not in the new one
    """

    version: str
    old: str
    new: str
    dub_cut: str
    changes: tuple[Change, ...]
    shots: tuple[ShotRecut, ...]
    removed: tuple[str, ...]
    results: tuple[ShotResult, ...] = ()

    def frames(self) -> dict[str, int]:
        """Frames kept, faded and rendered, over all shots."""
        return {name: sum(getattr(shot, name) for shot in self.shots)
                for name in ("kept", "faded", "rendered")}  # fmt: skip


class ShotChanges:
    """The change list by shot, under the new cut's names.

    Args:
        cuts: the old cut and the new one.
        old_names: new shot name -> the old shot that it continues.
        listed: the change list of everything in the cuts; None: only of what turnover reads.
    """

    def __init__(
        self, cuts: tuple[Cut, Cut], old_names: Mapping[str, str], listed: ChangeList | None
    ) -> None:
        own = event_changes(*cuts)
        self.old_names = old_names
        self.all = own if listed is None else listed.changes
        self.words = {cuts[1].events[c.new.event].name: c.words
                      for c in own if c.new is not None}  # fmt: skip
        if listed is not None:
            seen = listed_changes(cuts[1], listed)
            self.words |= {name: change.words for name, change in seen.items()}
        self.removed = tuple(cuts[0].events[c.old.event].name
                             for c in own if c.new is None and c.old)  # fmt: skip

    def shot(self, name: str, language: str, status: ShotStatus, **frames: Any) -> ShotRecut:
        """The update of the new cut's shot `name`, with its change in words."""
        was = self.old_names.get(name, "")
        return ShotRecut(name, language, was, self.words.get(name, ""), status, **frames)


def planned(reel: Reel, changes: ShotChanges, progress: Progress) -> list[ShotRecut]:
    """What `sync` will do with each shot of the new cut."""
    cache = FrameCache.of(reel.store)
    result = []
    for shot in reel.turnover.shots:
        refused = stays_plate(reel, shot) or reel.refusal(shot)
        if refused is not None:
            status: ShotStatus = "blocked" if refused.status == "blocked" else "skipped"
            result.append(changes.shot(shot.name, reel.language, status, reason=refused.reason))
            continue
        try:
            result.append(_plan(reel, shot, cache, changes, progress))
        except DubsyncError as error:
            result.append(changes.shot(shot.name, reel.language, "failed", reason=str(error)))
    for event, reason in reel.turnover.skipped:
        result.append(changes.shot(event.name, reel.language, "skipped", reason=reason))
    return result


def _plan(
    reel: Reel, shot: Shot, cache: FrameCache, changes: ShotChanges, progress: Progress
) -> ShotRecut:
    planned = reel.look(progress).plan(shot)
    keys = planned.frame_keys
    if not keys.faces:
        reason = "; ".join(warning.message for warning in planned.warnings)
        reason = reason or "no dubbed character is visible"
        return changes.shot(shot.name, reel.language, "skipped", reason=reason)
    plan = cache.plan(keys, shot.plate.name, reel.engine.context_frames)
    status: ShotStatus = "kept"
    if plan.new:
        status = "partly kept" if plan.kept else "re-rendered"
    return changes.shot(
        shot.name, reel.language, status, kept=len(plan.kept) - len(plan.fades),
        faded=len(plan.fades), rendered=len(plan.new),
    )  # fmt: skip


def as_done(plan: Sequence[ShotRecut], results: Sequence[ShotResult]) -> list[ShotRecut]:
    """The plan, with the outcome of each shot that was blocked, skipped or failed."""
    outcomes = {result.name: result for result in results}
    shots = []
    for shot in plan:
        result = outcomes.get(shot.shot)
        if result is not None and result.status in ("blocked", "failed", "skipped"):
            status: ShotStatus = result.status
            shot = replace(shot, status=status, kept=0, faded=0, rendered=0, reason=result.reason)
        shots.append(shot)
    return shots


def recut_json(result: Recut) -> dict[str, Any]:
    """The body of `dubsync.recut/1`."""
    return {
        "version": result.version or None,
        "old_cut": result.old,
        "new_cut": result.new,
        "dub_cut": result.dub_cut or None,
        "frames": result.frames(),
        "shots": [asdict(shot) for shot in result.shots],
        "removed": list(result.removed),
        "changes": [data(change) for change in result.changes],
    }
