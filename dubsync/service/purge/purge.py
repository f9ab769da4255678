"""Really deletes what is past a consent record's `delete_after`, and writes a receipt of it.

Deleted are the models of the performer and every cache that may hold their picture or voice: tracks
with face descriptors, mattes, what was heard.  Caches do not say whose they are, so all of them go;
those of other people are made again when they are needed.  Renders and reviews go where asked.

Files are removed from the file system.  Copies elsewhere, such as backups, are not known.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from dubsync.core.digest import file_digest
from dubsync.core.errors import DeliveryError
from dubsync.service.consent.due import OF_MODELS, RECEIPTS, past_retention, receipted
from dubsync.service.consent.records import ConsentRecord
from dubsync.service.keys.house_key import HouseKey
from dubsync.service.keys.signing import signed
from dubsync.service.ledger.append import append
from dubsync.service.settings.project_file import ProjectFile
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import Store
from dubsync.service.withdrawal import Dependents, dependents

SCHEMA = "dubsync.purge/1"
#: Derived data that is nobody's picture or voice: it proves, or names files by their digests.
KEPT = frozenset({"ledger", *OF_MODELS})


@dataclass(frozen=True, slots=True)
class Deleted:
    """One file or folder that was deleted; its digest is that of its files, by their names.

    what  its path in the project
    """

    what: str
    files: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ToPurge:
    """What is to be deleted, and by which records.

    records  whose `delete_after` is past
    models   folders of models
    caches   derived data of everybody
    renders  renders and reviews, where asked
    """

    records: tuple[ConsentRecord, ...]
    models: tuple[Path, ...]
    caches: tuple[Path, ...]
    renders: tuple[Path, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        return (*self.models, *self.caches, *self.renders)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was deleted, when, and by which records; `file` is where that is written."""

    file: Path
    made: str
    records: tuple[str, ...]
    deleted: tuple[Deleted, ...]
    signed: bool


def to_purge(
    file: ProjectFile, store: Store, day: date, *, performer: str = "", renders: bool = False
) -> ToPurge:
    """What is past its `delete_after` on `day`, or nothing.

    Args:
        performer: only theirs; "": everybody's.
        renders: also the renders and reviews that show them.
    """
    past = past_retention(file.folder / "consent", day)
    records = tuple(one for one in past if performer in ("", one.performer))
    theirs = [(one, _ids(one, records)) for one in dependents(file, store)]
    theirs = [(one, ids) for one, ids in theirs if ids]
    models = tuple(
        model.folder for one, ids in theirs for model in one.models
        if ids & {c.get("id") for c in model.facts.get("consent", ())} or not model.facts
    )  # fmt: skip
    shown = tuple(
        path for one, ids in theirs if renders
        for path in (*(r.folder for r in one.renders if ids & set(r.consent)), *one.reviews)
    )  # fmt: skip
    known = receipted(file.folder / "consent")
    fresh = any(one.id not in known for one in records)
    caches = tuple(_caches(file, store)) if models or shown or fresh else ()
    return ToPurge(records, tuple(dict.fromkeys(models)), caches, tuple(dict.fromkeys(shown)))


def purge(file: ProjectFile, due: ToPurge, key: HouseKey | None) -> Receipt:
    """Delete all of it, and write the receipt into consent/receipts/; with a key in the ledger too.

    Raises:
        DeliveryError: something cannot be deleted; the receipt names what was deleted.
    """
    folder, deleted = file.folder, []
    failed: tuple[Path, OSError] | None = None
    for path in due.paths:
        try:
            if (one := _deleted(path, folder)) is not None:
                deleted.append(one)
        except OSError as error:
            failed = path, error
            break
    receipt = _written(folder, due, deleted, key)
    if failed is not None:
        path, refused = failed
        raise DeliveryError(
            f"{path} cannot be deleted: {refused.strerror or refused}",
            hint=f"delete it by hand; {receipt.file} says what was deleted before it",
        ) from refused
    return receipt


def _ids(one: Dependents, records: Sequence[ConsentRecord]) -> set[str]:
    return {record.id for record in records if record.performer == one.performer}


def _caches(file: ProjectFile, store: Store) -> Iterator[Path]:
    """Everything derived but models and the ledger, and the pictures of faces."""
    if store.derived.is_dir():
        yield from (path for path in sorted(store.derived.iterdir())
                    if path.name not in KEPT and path.is_dir())  # fmt: skip
    yield from sorted(file.folder.glob("faces*.png"))


def _deleted(path: Path, folder: Path) -> Deleted | None:
    """Delete a file or folder; None: it is not there.  Raises OSError."""
    if not path.exists() and not path.is_symlink():
        return None
    linked = path.is_symlink()
    files = [] if linked else sorted(p for p in (path, *path.rglob("*")) if p.is_file())
    total, size = sha256(), 0
    for one in files:
        size += one.stat().st_size
        total.update(f"{one.relative_to(path.parent).as_posix()}\0{file_digest(one)}\n".encode())
    if path.is_dir() and not linked:
        shutil.rmtree(path)
    else:
        path.unlink()
    return Deleted(path.relative_to(folder).as_posix(), len(files), size, total.hexdigest())


def _written(
    folder: Path, due: ToPurge, deleted: Sequence[Deleted], key: HouseKey | None
) -> Receipt:
    home = folder / "consent" / RECEIPTS
    number = 1
    while (path := home / f"purge_v{number:03d}.json").exists():
        number += 1
    made = datetime.now(UTC).isoformat(timespec="seconds")
    value: dict[str, Any] = {
        "schema": SCHEMA,
        "made": made,
        "records": [{"id": one.id, "sha256": one.digest, "delete_after":
                     str(one.retention.delete_after)} for one in due.records],
        "deleted": [asdict(one) for one in deleted],
    }  # fmt: skip
    if key is not None:
        value = signed(value, key)
    write_whole(path, json.dumps(value, indent=1, sort_keys=True) + "\n")
    what = {
        "receipt": file_digest(path), "records": value["records"],
        "deleted": [{"what": one.what, "sha256": one.sha256} for one in deleted],
    }  # fmt: skip
    append(folder, "purge", what, key)
    ids = tuple(one.id for one in due.records)
    return Receipt(path, made, ids, tuple(deleted), key is not None)
