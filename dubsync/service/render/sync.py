"""One shot, rendered to a new version with its proof and its record; or the reason why not."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dubsync.core.errors import DeliveryError, DubsyncError
from dubsync.core.progress import Progress, Step
from dubsync.core.result import Status
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.media.write import ShotWriter
from dubsync.service.reel.pipeline import Part, make_frames
from dubsync.service.reel.reel import Reel, ShotResult
from dubsync.service.render.frame_cache import FrameCache, TakeOver, frames_made
from dubsync.service.render.frame_keys import frame_keys, keep_keys
from dubsync.service.render.mouth_sources import mouths_of
from dubsync.service.render.provenance import (
    Proof,
    intact,
    read_record,
    record_of,
    rendered_from,
    write_record,
)
from dubsync.service.render.render_facts import consents_of, inputs_of, proof_of
from dubsync.service.render.reuse_render import taken_over
from dubsync.service.store.folder import NewVersion

_log = logging.getLogger(__name__)


def sync_shots(reel: Reel, names: Sequence[str], progress: Progress) -> Iterator[ShotResult]:
    """Each named shot in turn, as soon as it is finished; one that fails does not stop the rest."""
    shots = [reel.shot(name) for name in names]
    # Only a recut takes frames over: else what a render shows never hangs on what was there before.
    shelf = FrameCache() if reel.kept is None else FrameCache.of(reel.store)
    for shot in shots:
        refused = stays_plate(reel, shot) or reel.refusal(shot)
        yield refused or _synced(reel, shot, shelf, progress)


def stays_plate(reel: Reel, shot: Shot) -> ShotResult | None:
    """The shot's result where a person asked for the plate itself, else None."""
    if reel.asked(shot) != "plate":
        return None
    return ShotResult(shot.name, "skipped", "as asked: the plate stays", warnings=shot.warnings)


def finished(reel: Reel, shot: Shot) -> Path | None:
    """The shot's newest version in the reel's language, whatever it was made from; or None.

    None where it is damaged, and where a person asked for the plate: an older render is not to be
    used.
    """
    if reel.asked(shot) == "plate":
        return None
    for folder in reel.store.versions("renders", shot.name):
        try:
            record = read_record(folder)
            if record["language"] == reel.language:
                return folder if intact(folder, record) else None
        except (DeliveryError, KeyError, TypeError):
            return None
    return None


def _synced(reel: Reel, shot: Shot, shelf: FrameCache, progress: Progress) -> ShotResult:
    warnings: tuple[ProjectWarning, ...] = ()
    try:
        key = reel.render_key(shot, progress)
        folder = finished(reel, shot)
        if folder is not None and read_record(folder)["key"] == key:
            rendered = rendered_from(folder, shot)
            return ShotResult(shot.name, "unchanged", "already made of the same", "", rendered)
        keys = frame_keys(reel, shot, progress)
        plan = shelf.plan(keys, shot.plate.name, reel.engine.context_frames)
        if not plan.new and keys.faces:
            folder = taken_over(reel, shot, plan, key, progress)
        else:
            parts, warnings = reel.parts(shot, progress)
            if not parts:
                reason = "; ".join(d.message for d in warnings) or "nobody dubbed here is seen"
                return ShotResult(shot.name, "skipped", reason, warnings=warnings)
            folder = _render(reel, shot, parts, key, plan, progress)
        keep_keys(reel.store, key, keys)
    except DubsyncError as error:
        _log.info("shot %s failed", shot.name, exc_info=True)
        return ShotResult(shot.name, "failed", str(error), error.hint, warnings=shot.warnings)
    rendered = rendered_from(folder, shot)
    status: Status = "failed" if rendered.samples_changed_outside_matte else "done"
    return ShotResult(shot.name, status, "", "", rendered, (*shot.warnings, *warnings))


def _render(
    reel: Reel, shot: Shot, parts: Sequence[Part], key: str, plan: TakeOver, progress: Progress
) -> Path:
    """Write picture, matte, layer, proof and record as the shot's next version."""
    with NewVersion(reel.store, "renders", shot.name) as version:
        name = reel.store.layout.named(shot.name, version.name)
        sound = Path(shot.plate.path) if shot.plate.has_sound else None
        touched = 0
        drawn = make_frames(
            shot, parts, engine=reel.engine, batch=reel.settings.engine.batch,
            progress=progress, only=plan.drawn,
        )  # fmt: skip
        coded = reel.settings.delivery.picture != "lossless"
        with ShotWriter(
            version.folder, name, shot.plate, shot.render, reel.settings.delivery, sound=sound
        ) as writer:
            for made in frames_made(plan, drawn, coded=coded):
                writer.add(made)
                touched += made.touched
        progress(Step("verify", shot.name, 0, 1))
        proof = proof_of(reel, shot, writer, touched)
        progress(Step("verify", shot.name, 1, 1))
        record = _record(reel, shot, parts, key, version, proof, writer, progress)
        if plan.kept:
            record["taken_over"] = plan.told()
        write_record(version.folder / f"{name}.record.json", record)
    return version.final


def _record(
    reel: Reel,
    shot: Shot,
    parts: Sequence[Part],
    key: str,
    version: NewVersion,
    proof: Proof,
    writer: ShotWriter,
    progress: Progress,
) -> dict[str, Any]:
    outputs = {"picture": writer.picture, "matte": writer.matte, "layer": writer.layer}
    return record_of(
        shot,
        key=key,
        version_number=version.number,
        language=reel.language,
        inputs=inputs_of(reel, shot),
        actors={part.character: part.actor.digest for part in parts},
        picks=reel.picks(shot, progress),
        consents=consents_of(reel, shot),
        settings=reel.settings,
        tweaks=reel.tweaks.get(shot.name, {}),
        mouths=mouths_of(parts),
        proof=proof,
        outputs={role: Path(path) for role, path in outputs.items() if path},
        engine=reel.engine.version,
    )


def skipped(reel: Reel) -> list[ShotResult]:
    """Events of the cut that no shot was made of, with the reason."""
    return [ShotResult(event.name, "skipped", reason) for event, reason in reel.turnover.skipped]


def warnings_of(reel: Reel) -> tuple[ProjectWarning, ...]:
    """Every warning of the turnover, the reel's and each shot's."""
    return (*reel.turnover.warnings, *(d for shot in reel.turnover.shots for d in shot.warnings))
