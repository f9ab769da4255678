"""Enters a finished render in the project's ledger."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from dubsync.core.digest import file_digest
from dubsync.core.proof.fault import Fault
from dubsync.core.proof.signature import NAME as SIGNATURE
from dubsync.service.keys.house_key import house_key
from dubsync.service.ledger.append import append
from dubsync.service.render.provenance import whole_record
from dubsync.service.store.folder import Store

#: Files that carry or lead to a render's credentials.
CREDENTIALS = ("*.c2pa", "*.hashes.json")


def enter_render(store: Store, folder: Path) -> None:
    """Append the render in version folder `folder` to the ledger; nothing where there is no key.

    The entry names the folder below renders/, shot, version, language, render key, and the SHA-256
    of the record and of the credentials beside it ("": none).  A render whose mark the production
    turned off has a second entry, "mark_off", with the reason.

    Raises:
        DeliveryError: the record or the ledger is damaged, or the disk refuses.
        HouseKeyError: the key cannot sign.
    """
    key = house_key()
    if key is None:
        return
    record = whole_record(folder)
    path = next(iter(sorted(folder.glob("*.record.json"))))
    what = {
        "folder": folder.relative_to(store.folder / "renders").as_posix(),
        "shot": record["shot"],
        "version": folder.name,
        "language": record["language"],
        "key": record["key"],
        "record": file_digest(path),
        "credentials": credentials_digest(folder),
    }
    append(store.folder, "render", what, key)
    if reason := record.get("mark", {}).get("off_reason"):
        off = {name: what[name] for name in ("shot", "version", "language", "record")}
        append(store.folder, "mark_off", {**off, "reason": reason}, key)


def is_ours(record: Mapping[str, Any], fault: Fault) -> bool:
    """Whether a record that the ledger does not have is one of this key's that was never entered.

    So it is where the disk refused the ledger, or the run was killed, after the render stood.
    Whoever asks has yet to see that the render is whole and that of its shot's inputs now: a render
    from elsewhere that is exactly that does no harm.
    """
    key = house_key()
    if key is None or fault.kind != "extra":
        return False
    signature = record.get(SIGNATURE)
    return isinstance(signature, dict) and signature.get("key") == key.fingerprint


def credentials_digest(folder: Path) -> str:
    """SHA-256 of the file with credentials in a version folder; of several, over theirs; or ""."""
    files = sorted(path for pattern in CREDENTIALS for path in folder.glob(pattern))
    digests = [file_digest(path) for path in files]
    if len(digests) < 2:
        return "".join(digests)
    return sha256("".join(digests).encode()).hexdigest()
