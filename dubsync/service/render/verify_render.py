"""Verifies a render on the bytes of its files: picture, matte, layer, plate, and the proof.

A record is written by dubsync, but anybody can edit it, and files can be altered, cut off or put
in another's place.  So nothing is claimed from a record alone: the digests in it are compared with
the files, and the counts of its proof with a count made on exactly these bytes.

.dubsync/proofs/KEY.json    the proof counted on a plate, a picture and a matte; KEY is the digest
                            of their digests and the span
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dubsync.core.digest import digest, file_digest
from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import DeliveryError, MissingMedia
from dubsync.core.progress import Progress, Step
from dubsync.core.result import RenderedShot
from dubsync.core.shot import Shot
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.in_step import Onlooker
from dubsync.media.verify import count_changed_outside_matte
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.render.older.deleted_note import read_note
from dubsync.service.render.provenance import Proof, rendered_from, whole_record
from dubsync.service.store.atomic_write import write_derived
from dubsync.service.store.folder import Store
from dubsync.service.store.output_files import output_files

_AGAIN = "render the shot again"


def verified(
    reel: ReelInputs, shot: Shot, folder: Path, progress: Progress, *, afresh: bool = False
) -> tuple[RenderedShot, Mapping[str, Any]]:
    """The render in `folder` and its record, both found true on the files' bytes.

    It may be stale: whether its key is the shot's current one is for the caller to ask.

    Args:
        afresh: read every output again, also one whose digest is known.

    Raises:
        DeliveryError: the record is missing, damaged, edited or another shot's; an output or the
            plate is missing or altered; or the proof is not what the files show.
        MediaError: a file cannot be decoded.
    """
    record = whole_record(folder)
    name = folder.name
    if (record["shot"], record["language"]) != (shot.name, reel.language):
        raise DeliveryError(
            f"{name}: its record is that of {record['shot']} in {record['language']}",
            hint=_AGAIN,
        )
    if why := altered(reel.store, folder, record, afresh=afresh):
        raise DeliveryError(f"{name}: {why}", hint=_AGAIN)
    plate = next((put["sha256"] for put in record["inputs"] if put["role"] == "plate"), "")
    if plate != reel.store.plate_digest(shot.plate):
        raise DeliveryError(
            f"{name}: its plate {shot.plate.name} has changed since it was rendered", hint=_AGAIN
        )
    proof = proof_of(reel, shot, folder, record, progress)
    if proof != Proof(**record["proof"]):
        raise DeliveryError(
            f"{name}: its record says {_counts(Proof(**record['proof']))}, "
            f"its files show {_counts(proof)}",
            hint=_AGAIN,
        )
    return rendered_from(folder, shot, record), record


def altered(store: Store, folder: Path, record: Mapping[str, Any], *, afresh: bool = False) -> str:
    """Why the outputs in `folder` are not the files of which the record has the digests; or ""."""
    if (note := read_note(folder)) is not None:
        return note.sentence
    sha = file_digest if afresh else store.file_digest
    for role, output in record["outputs"].items():
        path = folder / output["file"]
        files = {file.name: file for file in output_files(path)}
        wanted = output["sha256"]
        named = wanted if isinstance(wanted, dict) else {path.name: wanted}
        if gone := sorted(named.keys() - files.keys()):
            return f"its {role} {gone[0]} is missing"
        if more := sorted(files.keys() - named.keys()):
            return f"its {role} has a file that was not rendered: {more[0]}"
        try:
            size = sum(file.stat().st_size for file in files.values())
            if size < output["bytes"]:
                return (
                    f"its {role} is cut off: {size:,} of {output['bytes']:,} bytes of {path.name}"
                )
            for name, was in named.items():
                if sha(files[name]) != was:
                    return f"its {role} {name} was altered after it was written"
        except (OSError, MissingMedia) as error:
            return f"its {role} {path.name} cannot be read: {error}"
    return ""


# -- the proof -------------------------------------------------------------------------------------


def proof_of(
    reel: ReelInputs,
    shot: Shot,
    folder: Path,
    record: Mapping[str, Any],
    progress: Progress,
) -> Proof:
    """The proof counted on the bytes that `record` has the digests of; counted once.

    Where the picture was not written without loss nothing outside the matte can be counted, and
    the frames changed are the record's.
    """
    if not _is_lossless(record):
        frames, changed = len(_span(shot, record)), record["proof"]["frames_changed"]
        return Proof(frames, changed, None, "", "")
    key = _proof_key(reel, shot, record)
    kept = _kept(reel.store, key)
    if kept is None:
        progress(Step("verify", shot.name, 0, 1))
        picture, matte = (str(folder / record["outputs"][r]["file"]) for r in ("picture", "matte"))
        kept = counted(shot, picture, matte, _span(shot, record))
        _keep(reel.store, key, kept)
        progress(Step("verify", shot.name, 1, 1))
    return kept


def keep_proof(reel: ReelInputs, shot: Shot, record: Mapping[str, Any]) -> None:
    """Keep the proof that was counted on the files of a record just written."""
    if _is_lossless(record):
        _keep(reel.store, _proof_key(reel, shot, record), Proof(**record["proof"]))


def counted(
    shot: Shot, picture: str, matte: str, span: FrameRange, onlooker: Onlooker | None = None
) -> Proof:
    """The proof, counted now.  Raises MediaError as `count_changed_outside_matte`.

    Args:
        span: the plate frames that picture and matte hold.
        onlooker: is given the frames as they are counted.
    """
    result = count_changed_outside_matte(shot.plate, picture, matte, span, onlooker)
    return Proof(
        frames=result.frames,
        frames_changed=result.frames_changed,
        changed_outside=result.changed_outside,
        plate_outside_sha256=result.plate_digest,
        picture_outside_sha256=result.picture_digest,
    )


def _counts(proof: Proof) -> str:
    outside = proof.changed_outside
    stray = "samples outside the matte not counted" if outside is None else (
        f"{outside:,} samples changed outside the matte"
    )  # fmt: skip
    return f"{proof.frames_changed} of {proof.frames} frames changed, {stray}"


def _proof_key(reel: ReelInputs, shot: Shot, record: Mapping[str, Any]) -> str:
    outputs, plate = record["outputs"], reel.store.plate_digest(shot.plate)
    picture, matte = (outputs[role]["sha256"] for role in ("picture", "matte"))
    return digest("proof", plate, picture, matte, _span(shot, record), *shot.plate.shown_key)


def _span(shot: Shot, record: Mapping[str, Any]) -> FrameRange:
    frames = record["frames"]
    return FrameRange(frames["first"], frames["stop"], shot.render.rate)


def _is_lossless(record: Mapping[str, Any]) -> bool:
    """Whether the picture was written without loss, so that the proof can be counted."""
    return bool(record["settings"]["delivery"]["picture"] == "lossless")


def _path(store: Store, key: str) -> Path:
    return store.derived / "proofs" / f"{key}.json"


def _keep(store: Store, key: str, proof: Proof) -> None:
    write_derived(_path(store, key), json.dumps(asdict(proof)))


def _kept(store: Store, key: str) -> Proof | None:
    """The proof kept under `key`; None if there is none, or it is damaged: it is counted again."""
    try:
        facts = read_json(_path(store, key))
        counts = (facts["frames"], facts["frames_changed"], facts["changed_outside"])
        shas = (facts["plate_outside_sha256"], facts["picture_outside_sha256"])
    except (OSError, DamagedDocument, KeyError, TypeError):
        return None
    if all(type(n) is int for n in counts) and all(isinstance(sha, str) for sha in shas):
        return Proof(*counts, *shas)
    return None
