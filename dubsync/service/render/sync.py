"""Renders shots: each gets a new version with proof and record, or a reason why it has none."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from dubsync.core.errors import DeliveryError, DubsyncError, FaceQuestion
from dubsync.core.progress import Progress, Step
from dubsync.core.result import Status
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.media.write import ShotWriter
from dubsync.service.reel.frame_keys import keep_keys
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.reel.pipeline import Part, make_frames
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_plan import ShotPlan
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.render.frame_cache import FrameCache, FrameReuse, frames_made
from dubsync.service.render.mouth_sources import mouths_of
from dubsync.service.render.provenance import (
    DrawnFaces,
    intact,
    read_record,
    record_of,
    rendered_from,
    write_record,
)
from dubsync.service.render.render_facts import proof_of, render_facts
from dubsync.service.render.reuse_render import write_reused
from dubsync.service.store.folder import NewVersion

_log = logging.getLogger(__name__)


def sync_shots(reel: Reel, names: Sequence[str], progress: Progress) -> Iterator[ShotResult]:
    """The result of each named shot as soon as it is finished; one that fails stops no other."""
    shots = [reel.shot(name) for name in names]
    # Frames are reused only after a recut; otherwise no render depends on earlier renders.
    cache = FrameCache() if reel.kept is None else FrameCache.of(reel.store)
    for shot in shots:
        refused = stays_plate(reel, shot) or reel.refusal(shot)
        yield refused or _synced(reel, shot, cache, progress)


def stays_plate(reel: ReelInputs, shot: Shot) -> ShotResult | None:
    """The shot's result if the user chose to keep the plate, else None."""
    if reel.renderer_setting(shot) != "plate":
        return None
    return ShotResult(
        shot.name, "skipped", "set by the user: the plate is kept", warnings=shot.warnings
    )


def finished(reel: ReelInputs, shot: Shot) -> Path | None:
    """The shot's newest version in the reel's language, stale or not; None if there is none.

    Also None if that version is damaged, or if the user chose to keep the plate: an older render
    must not be used then.
    """
    if reel.renderer_setting(shot) == "plate":
        return None
    for folder in reel.store.versions("renders", shot.name):
        try:
            record = read_record(folder)
            if record["language"] == reel.language:
                return folder if intact(folder, record) else None
        except (DeliveryError, KeyError, TypeError):
            return None
    return None


def _synced(reel: Reel, shot: Shot, cache: FrameCache, progress: Progress) -> ShotResult:
    warnings: tuple[ProjectWarning, ...] = ()
    try:
        plan = reel.look(progress).plan(shot)
        folder = finished(reel, shot)
        if folder is not None and read_record(folder)["key"] == plan.render_key:
            rendered = rendered_from(folder, shot)
            return ShotResult(
                shot.name, "unchanged", "its inputs and settings have not changed", "", rendered
            )
        reused = cache.plan(plan.frame_keys, shot.plate.name, reel.engine.context_frames)
        if not reused.new and plan.frame_keys.faces:
            folder = write_reused(plan, reused, progress)
        else:
            driven = plan.driven(progress)
            warnings = driven.warnings
            if not driven.parts:
                reason = "; ".join(d.message for d in warnings) or "no dubbed character is seen"
                return ShotResult(shot.name, "skipped", reason, warnings=warnings)
            folder = _render(plan, driven.parts, reused, progress)
        keep_keys(reel.store, plan.render_key, plan.frame_keys)
    except FaceQuestion as error:
        return ShotResult(shot.name, "blocked", str(error), error.hint, warnings=shot.warnings)
    except DubsyncError as error:
        _log.info("shot %s failed", shot.name, exc_info=True)
        return ShotResult(shot.name, "failed", str(error), error.hint, warnings=shot.warnings)
    rendered = rendered_from(folder, shot)
    status: Status = "failed" if rendered.samples_changed_outside_matte else "done"
    return ShotResult(shot.name, status, "", "", rendered, (*shot.warnings, *warnings))


def _render(plan: ShotPlan, parts: Sequence[Part], reused: FrameReuse, progress: Progress) -> Path:
    """Write picture, matte, layer, proof and record as the shot's next version."""
    reel, shot = plan.reel, plan.shot
    with NewVersion(reel.store, "renders", shot.name) as version:
        name = reel.store.layout.named(shot.name, version.name)
        sound = Path(shot.plate.path) if shot.plate.has_sound else None
        frames_changed = 0
        drawn = make_frames(
            shot, parts, engine=reel.engine, batch=reel.settings.engine.batch,
            progress=progress, only=reused.drawn,
        )  # fmt: skip
        coded = reel.settings.delivery.picture != "lossless"
        with ShotWriter(
            version.folder, name, shot.plate, shot.render, reel.settings.delivery, sound=sound
        ) as writer:
            for made in frames_made(reused, drawn, coded=coded):
                writer.add(made)
                frames_changed += made.changed
        progress(Step("verify", shot.name, 0, 1))
        proof = proof_of(reel, shot, writer, frames_changed)
        progress(Step("verify", shot.name, 1, 1))
        outputs = {"picture": writer.picture, "matte": writer.matte, "layer": writer.layer}
        record = record_of(
            shot,
            version.number,
            render_facts(plan),
            DrawnFaces(_digests(parts), plan.picks, mouths_of(parts)),
            proof,
            {role: Path(path) for role, path in outputs.items() if path},
        )
        if reused.kept:
            record["taken_over"] = reused.described()
        write_record(version.folder / f"{name}.record.json", record)
    return version.final


def _digests(parts: Sequence[Part]) -> dict[str, str]:
    """Character -> digest of the actor that is drawn."""
    return {part.character: part.actor.digest for part in parts}


def skipped(reel: ReelInputs) -> list[ShotResult]:
    """A result for each event of the cut that became no shot, with the reason."""
    return [ShotResult(event.name, "skipped", reason) for event, reason in reel.turnover.skipped]


def warnings_of(reel: ReelInputs) -> tuple[ProjectWarning, ...]:
    """Every warning of the turnover and of each shot."""
    return (*reel.turnover.warnings, *(d for shot in reel.turnover.shots for d in shot.warnings))
