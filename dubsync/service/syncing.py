"""One shot, rendered to a new version with its proof and its record; or the reason why not."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dubsync.core.errors import DeliveryError, DubsyncError
from dubsync.core.progress import Progress, Step
from dubsync.core.result import Status
from dubsync.core.shot import Doubt, Shot
from dubsync.media.verify import count_changed_outside_matte
from dubsync.media.write import ShotWriter
from dubsync.service.mouth_sources import mouths_of
from dubsync.service.pipeline import Part, make_frames
from dubsync.service.provenance import (
    Proof,
    intact,
    read_record,
    record_of,
    rendered_from,
    write_record,
)
from dubsync.service.reel import Reel, ShotResult
from dubsync.service.store import NewVersion

_log = logging.getLogger(__name__)


def sync_shots(reel: Reel, names: Sequence[str], progress: Progress) -> Iterator[ShotResult]:
    """Each named shot in turn, as soon as it is finished; one that fails does not stop the rest."""
    shots = [reel.shot(name) for name in names]
    for shot in shots:
        yield stays_plate(reel, shot) or reel.refusal(shot) or _synced(reel, shot, progress)


def stays_plate(reel: Reel, shot: Shot) -> ShotResult | None:
    """The shot's result where a person asked for the plate itself, else None."""
    if reel.asked(shot) != "plate":
        return None
    return ShotResult(shot.name, "left alone", "as asked: the plate stays", doubts=shot.doubts)


def finished(reel: Reel, shot: Shot) -> Path | None:
    """The shot's newest finished and undamaged version, whatever it was made from; or None.

    None also where a person asked for the plate: an older render is not to be used.
    """
    if reel.asked(shot) == "plate":
        return None
    folder = reel.store.latest("renders", shot.name)
    try:
        return folder if folder and intact(folder, read_record(folder)) else None
    except (DeliveryError, KeyError, TypeError):
        return None


def _synced(reel: Reel, shot: Shot, progress: Progress) -> ShotResult:
    try:
        key = reel.render_key(shot, progress)
        folder = finished(reel, shot)
        if folder is not None and read_record(folder)["key"] == key:
            rendered = rendered_from(folder, shot)
            return ShotResult(shot.name, "unchanged", "already made of the same", "", rendered)
        parts, doubts = reel.parts(shot, progress)
        if not parts:
            reason = "; ".join(d.message for d in doubts) or "nobody dubbed here is seen"
            return ShotResult(shot.name, "left alone", reason, doubts=doubts)
        folder = _render(reel, shot, parts, key, progress)
    except DubsyncError as error:
        _log.info("shot %s failed", shot.name, exc_info=True)
        return ShotResult(shot.name, "failed", str(error), error.hint, doubts=shot.doubts)
    rendered = rendered_from(folder, shot)
    status: Status = "failed" if rendered.samples_changed_outside_matte else "done"
    return ShotResult(shot.name, status, "", "", rendered, (*shot.doubts, *doubts))


def _render(reel: Reel, shot: Shot, parts: Sequence[Part], key: str, progress: Progress) -> Path:
    """Write picture, matte, layer, proof and record as the shot's next version."""
    with NewVersion(reel.store, "renders", shot.name) as version:
        name = f"{shot.name}_{version.name}"
        sound = Path(shot.plate.path) if shot.plate.has_sound else None
        touched = 0
        with ShotWriter(
            version.folder, name, shot.plate, shot.render, reel.settings.delivery, sound=sound
        ) as writer:
            for composite in make_frames(
                shot, parts, engine=reel.engine, batch=reel.settings.engine.batch,
                progress=progress,
            ):  # fmt: skip
                writer.add(composite)
                touched += composite.touched
        progress(Step("verify", shot.name, 0, 1))
        proof = _proof(reel, shot, writer, touched)
        record = _record(reel, shot, parts, key, version, proof, writer, progress)
        write_record(version.folder / f"{name}.record.json", record)
    return version.final


def _proof(reel: Reel, shot: Shot, writer: ShotWriter, touched: int) -> Proof:
    """What the files as written prove; ProRes changes every sample a little and proves nothing."""
    if reel.settings.delivery.picture != "lossless":
        return Proof(len(shot.render), touched, None, "", "")
    found = count_changed_outside_matte(
        shot.plate, str(writer.picture), str(writer.matte), shot.render
    )
    return Proof(
        frames=found.frames,
        touched_frames=found.touched_frames,
        changed_outside=found.changed_outside,
        plate_outside_sha256=found.plate_digest,
        picture_outside_sha256=found.picture_digest,
    )


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
    consents = {c.id: c for op in ("lip_reenact", "train_model") for c in reel.consent(shot, op)}
    return record_of(
        shot,
        key=key,
        version_number=version.number,
        language=reel.language,
        inputs=_inputs(reel, shot),
        actors={part.character: part.actor.digest for part in parts},
        picks=reel.picks(shot, progress),
        consents=list(consents.values()),
        settings=reel.settings,
        tweaks=reel.tweaks.get(shot.name, {}),
        mouths=mouths_of(parts),
        proof=proof,
        outputs={role: Path(path) for role, path in outputs.items() if path},
        engine=reel.engine.version,
    )


def _inputs(reel: Reel, shot: Shot) -> list[Mapping[str, str]]:
    """Every file that went in, by role, name and SHA-256.  Names only: paths tell of machines."""
    inputs = [
        {"role": "plate", "name": shot.plate.name, "sha256": reel.store.plate_digest(shot.plate)}
    ]
    for who in shot.characters:
        path = Path(reel.stems[who].path)
        inputs.append({"role": f"dub {who}", "name": path.name,
                       "sha256": reel.store.file_digest(path)})  # fmt: skip
    for take in shot.takes:
        inputs.append({"role": f"take {take.line}", "name": take.name,
                       "sha256": reel.store.file_digest(Path(take.path))})  # fmt: skip
    return list(inputs)


def left_alone(reel: Reel) -> list[ShotResult]:
    """Events of the cut that no shot was made of, with the reason."""
    return [
        ShotResult(event.name, "left alone", reason) for event, reason in reel.turnover.left_alone
    ]


def doubts_of(reel: Reel) -> tuple[Doubt, ...]:
    """Every doubt of the turnover, the reel's and each shot's."""
    return (*reel.turnover.doubts, *(d for shot in reel.turnover.shots for d in shot.doubts))
