"""The state of every shot of a reel, without analysing or rendering anything."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from dubsync.core.errors import DeliveryError, DubsyncError
from dubsync.core.progress import Progress
from dubsync.core.shot import Shot
from dubsync.service.reel.looked import LookedReel
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_plan import ShotPlan
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.render.provenance import whole_record
from dubsync.service.render.sync import newest, stays_plate
from dubsync.service.render.sync import skipped as no_shots
from dubsync.service.render.verify_render import altered
from dubsync.service.status.next_run import NextRun, next_run
from dubsync.service.status.why_stale import OTHERWISE, why_stale

State = Literal["done", "stale", "unsure", "waiting", "blocked", "skipped"]
#: States whose shots the next run renders; it finds out about those that are unsure.
TO_RENDER = frozenset({"stale", "unsure", "waiting"})


@dataclass(frozen=True, slots=True)
class ShotStatus:
    """One shot, or an event that became none.

    state    done: its render is up to date.  stale: its inputs changed since.  unsure: plates that
             may change it are not analysed yet.  waiting: not rendered yet.  blocked: a person must
             decide or give consent first, or find the plate.  skipped: it keeps the plate.
    reasons  why it is not done
    version  its newest render that is whole, "v002"; "": none
    made     when that was made, ISO 8601; "": unknown
    """

    name: str
    state: State
    reasons: tuple[str, ...] = ()
    hint: str = ""
    version: str = ""
    made: str = ""


@dataclass(frozen=True, slots=True)
class ReelStatus:
    """A reel in one language: its shots, and what the next run will take.

    can_be_written  False for an archived project on a read-only disk
    """

    shots: tuple[ShotStatus, ...]
    next_run: NextRun
    can_be_written: bool


def reel_status(reel: Reel, progress: Progress) -> ReelStatus:
    """The status of a reel.  No plate is analysed, and no shot rendered."""
    lacking = [
        shot
        for one in (*reel.earlier, reel)
        for shot in one.turnover.shots
        if one.may_be_looked_at(shot) and not one.face_tracks.known(shot)
    ]
    looked = None if lacking else reel.look(progress)
    shots = [_status(reel, looked, shot) for shot in reel.turnover.shots]
    pending = [
        shot
        for shot, status in zip(reel.turnover.shots, shots, strict=True)
        if status.state in TO_RENDER
    ]
    shots += [_refused(result) for result in no_shots(reel)]
    analyse = sum(len(shot.render) for shot in {shot.name: shot for shot in lacking}.values())
    future = next_run(reel, pending, analyse=analyse, train=_to_train(reel, looked, pending))
    return ReelStatus(tuple(shots), future, os.access(reel.store.folder, os.W_OK))


def status_json(status: ReelStatus) -> dict[str, Any]:
    """The body of `dubsync.status/1`."""
    return {
        "shots": [asdict(shot) for shot in status.shots],
        "next_run": asdict(status.next_run),
        "can_be_written": status.can_be_written,
    }


def _status(reel: Reel, looked: LookedReel | None, shot: Shot) -> ShotStatus:
    refused = stays_plate(reel, shot) or reel.refusal(shot)
    if refused is not None:
        return _refused(refused)
    try:
        plan = looked.plan(shot) if looked else None
    except DubsyncError as error:
        return ShotStatus(shot.name, "blocked", (str(error),), error.hint)
    if plan is not None and all(face.pick.renderer == "plate" for face in plan.faces):
        notes = tuple(warning.message for warning in plan.warnings)
        return ShotStatus(shot.name, "skipped", notes or ("no dubbed character is seen",))
    folder = newest(reel, shot)
    if folder is None:
        return ShotStatus(shot.name, "waiting", ("not rendered yet",))
    try:
        record = whole_record(folder)
    except DeliveryError as error:
        return ShotStatus(shot.name, "waiting", (str(error),))
    if why := altered(reel.store, folder, record):
        return ShotStatus(shot.name, "waiting", (f"{folder.name}: {why}",))
    state, reasons = _compared(record, reel, shot, plan)
    return ShotStatus(shot.name, state, reasons, "", folder.name, str(record.get("made", "")))


def _refused(result: ShotResult) -> ShotStatus:
    """Of what cannot be rendered as things are, or keeps its plate."""
    state: State = "skipped" if result.status == "skipped" else "blocked"
    return ShotStatus(result.name, state, (result.reason,), result.hint)


def _compared(
    record: dict[str, Any], reel: Reel, shot: Shot, plan: ShotPlan | None
) -> tuple[State, tuple[str, ...]]:
    if plan is not None and record["key"] == plan.render_key:
        return "done", ()
    reasons = why_stale(record, reel, shot, plan)
    if plan is None and not reasons:
        return "unsure", ("plates are not analysed yet: what is learnt from them may change it",)
    return "stale", reasons or (OTHERWISE,)


def _to_train(reel: Reel, looked: LookedReel | None, pending: Sequence[Shot]) -> list[str]:
    """The characters that `dubsync run` would train; before the analysis, all that may need it."""
    if reel.settings.engine.train_minutes <= 0:
        return []
    draws = [shot for shot in pending if reel.renderer_setting(shot) in ("auto", "actor")]
    characters = dict.fromkeys(name for shot in draws for name in shot.characters)
    if looked is None:
        return list(characters)
    return [
        name for name in characters
        if looked.actors.seen(name) and not looked.actors.trained(name)
    ]  # fmt: skip
