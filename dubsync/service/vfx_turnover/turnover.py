"""Write the VFX turnover of a reel: a folder for each corrected shot, with everything in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dubsync.core.digest import file_digest
from dubsync.core.errors import DeliveryError
from dubsync.core.progress import Progress, silent
from dubsync.core.result import RenderedShot
from dubsync.core.steps import Composite
from dubsync.core.version import __version__
from dubsync.core.vfx.layers import LayerEncoding, layer_encoding
from dubsync.media.vfx.usd_faces import HINT, WITHOUT, usd_installed
from dubsync.service.consent.records import LIP_REENACT
from dubsync.service.credentials.write import sign_layers
from dubsync.service.ledger.signed_text import signed_text
from dubsync.service.reel.grain.plate_grain import kept_grain
from dubsync.service.reel.pipeline import make_frames
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_plan import DrivenShot
from dubsync.service.render.marked_frames import render_mark
from dubsync.service.render.provenance import whole_record
from dubsync.service.render.record_form import SEAL, sealed
from dubsync.service.store.atomic_write import sync_folder, unwritable, write_whole
from dubsync.service.vfx_turnover.face_files import write_face_files
from dubsync.service.vfx_turnover.nuke_script import nuke_script
from dubsync.service.vfx_turnover.said import attributes, layer_words, script_note
from dubsync.service.vfx_turnover.shot_folder import ShotFolder, in_a_name
from dubsync.service.vfx_turnover.shot_layers import Comp, write_shot_layers

SCHEMA = "dubsync.vfx/1"


@dataclass(frozen=True, slots=True)
class VfxTurnover:
    """What was written.

    files   key in Delivery.files -> path within the delivery: the folder, and each shot's script
    losses  what could not be written, in words
    """

    files: Mapping[str, str]
    losses: tuple[str, ...]


def write_turnover(
    reel: Reel, rendered: Sequence[RenderedShot], into: Path, name: str, progress: Progress
) -> VfxTurnover:
    """Write `into`/`name` with a folder for each of `rendered`.

    Raises:
        DeliveryError: a render is older than its inputs or not lossless, is not drawn again as it
            is, or does not come out of its layers; or the disk refuses.
        ConsentMissing: consent was withdrawn.
        MediaError, EngineError: a file cannot be read, or an actor not be loaded.
    """
    files: dict[str, str] = {"vfx": name}
    root = into / name
    try:
        root.mkdir()
        for shot in rendered:
            script = _shot(reel, shot, root, progress)
            files[f"vfx-{shot.shot.name}"] = str(script.relative_to(into))
    except OSError as error:
        raise unwritable(root, error) from error
    losses = () if usd_installed() else (f"vfx: landmarks and heads as USD: {WITHOUT}; {HINT}",)
    return VfxTurnover(files, losses)


def _shot(reel: Reel, rendered: RenderedShot, root: Path, progress: Progress) -> Path:
    """Write the folder of one shot; the path of its script."""
    shot = rendered.shot
    reel.consent(shot, LIP_REENACT)
    watched = reel.watching(progress, shot)
    record = whole_record(Path(rendered.record).parent)
    driven = _driven(reel, rendered, record, watched)
    settings, plate = reel.settings.vfx, shot.plate
    encoding = layer_encoding(plate.format)
    name = in_a_name(reel.store.layout.named(shot.name, f"v{rendered.version:03d}"))
    copied = encoding.own and plate.first_number is not None
    folder = ShotFolder(_new_name(root, in_a_name(shot.name)), name, plate, rendered.frames,
                        settings.frames, copied)  # fmt: skip
    folder.folder.mkdir()
    drawn: Iterator[Composite] | None = None
    if settings.redraw:
        drawn = make_frames(shot, driven.parts, engine=reel.engine,
                            batch=reel.settings.engine.batch, grain=kept_grain(reel, shot),
                            progress=reel.watching(silent, shot))  # fmt: skip
        if mark := render_mark(reel.house_mark, record["key"], driven.parts, reel.engine, record):
            drawn = mark(drawn)
    said = attributes(folder, encoding, record, redrawn=settings.redraw)
    comp = write_shot_layers(folder, rendered, drawn, said, watched)
    write_face_files(reel, folder, driven.parts, shot.name)
    note = script_note(folder, encoding, comp, record)
    script = folder.beside(".nk")
    write_whole(script, nuke_script(folder, encoding, redrawn=settings.redraw, note=note))
    facts = _facts(folder, encoding, comp, record, redrawn=settings.redraw)
    write_whole(folder.beside(".vfx.json"), signed_text(sealed(facts), indent=1))
    sign_layers(folder.beside(".vfx.json"), Path(rendered.record), reel.settings.proof)
    sync_folder(folder.folder)
    return script


def _new_name(root: Path, name: str) -> Path:
    """A folder's path that is not taken, on file systems without case either."""
    taken = {path.name.lower() for path in root.iterdir()}
    names = (name, *(f"{name}_{n}" for n in range(2, len(taken) + 3)))
    return root / next(one for one in names if one.lower() not in taken)


def _driven(
    reel: Reel, rendered: RenderedShot, record: Mapping[str, Any], progress: Progress
) -> DrivenShot:
    """The motion that the render was drawn with."""
    shot = rendered.shot
    if record["settings"]["delivery"]["picture"] != "lossless":
        raise DeliveryError(
            f"{shot.name} is not rendered losslessly, so no layers can give its samples back",
            hint='[delivery] picture = "lossless"; then render the shot again',
        )
    plan = reel.look(progress).plan(shot)
    if record["key"] != plan.render_key or rendered.frames != shot.render:
        raise DeliveryError(
            f"{shot.name}: v{rendered.version:03d} is older than its inputs, so its parameters "
            "are not known any more",
            hint=f"render it again: dubsync sync REEL {shot.name}; and approve that version",
        )
    return plan.driven(progress)


def _facts(
    folder: ShotFolder,
    encoding: LayerEncoding,
    comp: Comp,
    record: Mapping[str, Any],
    *,
    redrawn: bool,
) -> dict[str, Any]:
    """The record of one shot's folder: what is in it, whose consent it has, and every digest."""
    files = sorted(path for path in folder.folder.rglob("*") if path.is_file())
    plate = [put for put in record["inputs"] if put["role"] == "plate"]
    return {
        "schema": SCHEMA,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "dubsync": __version__,
        "shot": record["shot"],
        "version": record["version"],
        "language": record["language"],
        "synthetic_media": record["synthetic_media"],
        "characters": record["characters"],
        "consent": record["consent"],
        "personal_data": "landmarks and head pose are measured on the performers' faces",
        "render": {"key": record["key"], "seal": record[SEAL], "outputs": record["outputs"]},
        "plate": plate,
        "frames": record["frames"],
        "numbers": {"counted": folder.frames, "first": folder.numbers.start,
                    "last": folder.numbers.stop - 1},
        "colour": encoding.colour,
        "samples": encoding.samples,
        "premultiplied": True,
        "layers": layer_words(encoding, redrawn=redrawn),
        "comp": asdict(comp),
        "sha256": {path.relative_to(folder.folder).as_posix(): file_digest(path)
                   for path in files},
    }  # fmt: skip
