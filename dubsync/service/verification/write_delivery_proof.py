"""Writes a delivery's proof folder: what was delivered, made from what, signed by the house."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from dubsync.core.digest import file_digest
from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.edit.media import EditMedia
from dubsync.core.result import RenderedShot
from dubsync.media.frame_digests import digests_of
from dubsync.service.keys.house_key import HouseKey, house_key
from dubsync.service.keys.houses import PUBLIC
from dubsync.service.keys.signing import signed
from dubsync.service.ledger.append import append
from dubsync.service.ledger.entry import LEDGER
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.render.provenance import read_record
from dubsync.service.store.atomic_write import unwritable, write_derived, write_whole
from dubsync.service.store.folder import Store
from dubsync.service.store.output_files import output_files
from dubsync.service.verification.delivery_form import (
    CONSENT_FILE,
    CONSENTS,
    CREDENTIALS,
    DELIVERY,
    EDIT,
    OUTPUTS,
    PROOF,
    RECORDS,
    SCHEMA,
    SOURCE,
    MediaEntry,
)
from dubsync.service.verification.signed_document import document_bytes

#: Names of what proves a media file, beside it.
_BESIDE = ("*.c2pa", "*.hashes.json")
_IN_A_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


class DeliveryProof:
    """The proof of one delivery: written beside its files, then entered in the ledger.

    Where this machine has no house key nothing is written, for nobody could tell who wrote it.
    """

    def __init__(self, reel: ReelInputs, rendered: Sequence[RenderedShot]) -> None:
        """Raises HouseKeyError: the house's key cannot be read."""
        self._reel, self._rendered, self._key = reel, rendered, house_key()
        self._what: dict[str, Any] = {}
        self._final: Path | None = None

    def write(self, folder: Path, final: Path) -> None:
        """Write `folder`/proof over everything in `folder`, which becomes `final`.

        Raises:
            DeliveryError: a record cannot be read, or the disk refuses.
            HouseKeyError: the key cannot sign.
        """
        if self._key is None:
            return
        try:
            value = self._value(folder, final, self._key)
            data = document_bytes(signed(value, self._key))
            write_whole(folder / PROOF / DELIVERY, data)
        except OSError as error:
            raise unwritable(folder / PROOF, error) from error
        self._final = final
        self._what = {
            "folder": value["folder"],
            "language": value["language"],
            "proof": sha256(data).hexdigest(),
            "shots": {shot["shot"]: shot["version"] for shot in value["shots"]},
        }

    def entered(self) -> str:
        """Enter the delivery in the project's ledger; the path of its proof, "" if it has none.

        Raises:
            DeliveryError: the ledger is damaged, or the disk refuses.
        """
        if self._final is None:
            return ""
        append(self._reel.store.folder, "delivery", self._what, self._key)
        return str(self._final / PROOF)

    def _value(self, folder: Path, final: Path, key: HouseKey) -> dict[str, Any]:
        """What is signed; the files beside it are written first."""
        reel, root, proof = self._reel, self._reel.store.folder, folder / PROOF
        (proof / RECORDS).mkdir(parents=True)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        shots: list[dict[str, str]] = []
        media: list[dict[str, Any]] = []
        consents: dict[str, Mapping[str, str]] = {}
        for one in self._rendered:
            record, name = read_record(Path(one.record).parent), Path(one.record).name
            shutil.copyfile(one.record, proof / RECORDS / name)
            _copy_credentials(one, proof / CREDENTIALS)
            shots.append(
                {
                    "shot": one.shot.name,
                    "version": f"v{one.version:03d}",
                    "record": f"{RECORDS}/{name}",
                }
            )
            media += [asdict(entry) for entry in _media(reel, one, record, root)]
            consents |= {given["id"]: given for given in record["consent"]}
        write_whole(proof / CONSENT_FILE, _consents(consents, made))
        if (root / LEDGER).is_file():
            shutil.copyfile(root / LEDGER, proof / LEDGER)
        write_whole(proof / f"{_plain(key.house)}{PUBLIC}", key.chain_pem)
        return {
            "schema": SCHEMA,
            "made": made,
            "house": key.house,
            "language": reel.language,
            "reel": reel.turnover.cut.name,
            "folder": final.relative_to(root).as_posix(),
            "files": _files(folder),
            "media": media,
            "shots": shots,
        }


def _files(folder: Path) -> dict[str, dict[str, Any]]:
    """Every file in the folder: name -> its bytes and their SHA-256."""
    return {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": file_digest(path),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _media(
    reel: ReelInputs, one: RenderedShot, record: Mapping[str, Any], root: Path
) -> Iterable[MediaEntry]:
    """Every media file of a corrected shot: its render, its edit media, and what it is made of."""
    name, home = one.shot.name, Path(one.record).parent
    for role in OUTPUTS:
        if role in record["outputs"]:
            out = record["outputs"][role]
            below = _below(home / out["file"], root)
            yield MediaEntry(name, role, "", below, out["bytes"], out["sha256"])
    for path in _edit_files(one.edit):
        files = output_files(path)
        shas = {file.name: reel.store.file_digest(file) for file in files}
        size = sum(file.stat().st_size for file in files)
        sha = shas.get(path.name) or shas
        frames = _frames(reel.store, path, sha) if path == _first(one.edit) else ()
        yield MediaEntry(name, EDIT, "", _below(path, root), size, sha, frames)
    paths = _source_paths(reel, one)
    for put in record["inputs"]:
        if put["role"].split()[0] not in ("plate", "dub", "take", "training"):
            continue  # a matte of what stands in front: many files under one digest
        where = paths.get((put["role"], put["name"]))
        path_ = _below(where, root) if where else put["name"]
        yield MediaEntry(name, SOURCE, put["role"], path_, 0, put["sha256"])


def _first(edit: EditMedia | None) -> Path | None:
    """The picture of edit media, if it is a movie."""
    return Path(edit.picture) if edit and "%" not in edit.picture else None


def _frames(store: Store, path: Path, sha: str | Mapping[str, str]) -> Sequence[str]:
    """The digests of a movie's frames, decoded once as long as its bytes are the same."""
    kept = store.derived / "edit_frames" / f"{sha}.json"
    try:
        known = read_json(kept)
    except (OSError, DamagedDocument):
        known = None
    if isinstance(known, list) and known and all(isinstance(one, str) for one in known):
        return known
    made = list(digests_of(path, "coded"))
    write_derived(kept, json.dumps(made))
    return made


def _edit_files(edit: EditMedia | None) -> Iterable[Path]:
    return [Path(one.path) for one in edit.essences] if edit else []


def _source_paths(reel: ReelInputs, one: RenderedShot) -> dict[tuple[str, str], Path]:
    """(role, name) in a record -> where that file is, for plate, dubs and takes."""
    plate = Path(one.shot.plate.path)
    found = {("plate", one.shot.plate.name): plate}
    for character in one.shot.characters:
        path = Path(reel.stems[character].path)
        found[f"dub {character}", path.name] = path
    for take in one.shot.takes:
        found[f"take {take.line}", take.name] = Path(take.path)
    return found


def _below(path: Path, root: Path) -> str:
    """The path relative to the project, or the name alone: a path would tell of the machine."""
    near = Path(os.path.relpath(path, root))
    return path.name if near.parts[:1] == ("..",) or near.is_absolute() else near.as_posix()


def _copy_credentials(one: RenderedShot, into: Path) -> None:
    """Copy what proves the render and its edit media into the proof folder."""
    for name, home in (
        ("renders", Path(one.record).parent),
        *(("edit", path.parent) for path in _edit_files(one.edit)),
    ):
        for file in (file for kind in _BESIDE for file in sorted(home.glob(kind))):
            (into / name).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, into / name / file.name)


def _consents(consents: Mapping[str, Mapping[str, str]], made: str) -> str:
    rows = [{**consents[id_], "held": made} for id_ in sorted(consents)]
    return json.dumps({"schema": CONSENTS, "consents": rows}, indent=2, sort_keys=True) + "\n"


def _plain(house: str) -> str:
    """The house's name as a file name on every system."""
    name = "".join(c if c in _IN_A_NAME else "_" for c in house).strip("_")
    return name[:60] or "house"
