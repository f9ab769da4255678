"""Appends to a project's ledger: one line, under a lock, signed, and holding on to the line before.

.dubsync/ledger/head.json remembers the newest line.  Whoever cuts the ledger's end off, and not
that, is found out; see `read_ledger`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from dubsync.core.documents import DamagedDocument, parse_json, read_json
from dubsync.core.errors import DeliveryError
from dubsync.core.proof.canonical import canonical
from dubsync.core.proof.fault import Fault
from dubsync.service.keys.house_key import HouseKey
from dubsync.service.keys.signing import signed
from dubsync.service.ledger.entry import (
    LEDGER,
    SCHEMA,
    Entry,
    EntryKind,
    entry_of,
    ledger_path,
    value_of,
)
from dubsync.service.store.atomic_write import unwritable, write_derived, write_whole
from dubsync.service.store.one_writer import OneWriter

_HINT = "the ledger was altered or damaged: restore it from a backup; dubsync verify says what"


def append(
    folder: Path, kind: EntryKind, what: Mapping[str, Any], key: HouseKey | None
) -> Entry | None:
    """Append an entry to the ledger of the project in `folder`, and wait for the disk.

    The first entry of a ledger, and the first by another key, is one of the kind "key", written
    before this one: it names the key and, in a new ledger, every unsigned record and every
    judgement that there was.

    Args:
        what: plain JSON values, without a person's name and without an absolute path.
        key: the house's; None: nothing is written, for nobody could tell who wrote it.

    Returns:
        The entry; None where `key` is None.

    Raises:
        DeliveryError: the ledger's last line is damaged, another process holds it for more than
            30 s, or the disk refuses.
    """
    if key is None:
        return None
    with OneWriter(_own(folder)):
        data = _bytes(folder)
        last = _last(data, remembered_head(folder))
        lines = [] if last is not None else [_line(None, "key", _begun(folder, key), key)]
        if last is not None and last.key != key.fingerprint:
            lines = [_line(last, "key", {"key": key.fingerprint, "before": last.key}, key)]
        before = _entry(lines[-1]) if lines else last
        lines.append(_line(before, kind, what, key))
        write_whole(ledger_path(folder), (data or b"") + b"".join(line + b"\n" for line in lines))
        result = _entry(lines[-1])
        # The entry stands: an older memory of the end is no fault, and must not fail the work.
        write_derived(head_path(folder), json.dumps({"n": result.n, "sha256": result.sha256}))
    return result


def begin(folder: Path, key: HouseKey) -> None:
    """Begin the project's ledger, where it has none, before anything is made that it must name.

    Else a disk that refuses the first entry would leave signed records, and a ledger that looks as
    if it were gone.  Raises as `append`.
    """
    if ledger_path(folder).exists():
        return
    with OneWriter(_own(folder)):
        if _bytes(folder) is not None:
            return
        line = _line(None, "key", _begun(folder, key), key)
        write_whole(ledger_path(folder), line + b"\n")
        head = {"n": 0, "sha256": _entry(line).sha256}
        write_derived(head_path(folder), json.dumps(head))


def holds_text(folder: Path, text: str) -> bool:
    """Whether the ledger has a line with `text`, such as a digest, after `append` failed.

    The disk may have refused after the line was there; then what it tells of must stay.
    """
    try:
        return text.encode() in ledger_path(folder).read_bytes()
    except OSError:
        return False


def head_path(folder: Path) -> Path:
    """The file that remembers the newest line of the ledger."""
    return _own(folder) / "head.json"


def _begun(folder: Path, key: HouseKey) -> dict[str, Any]:
    """What the first entry tells: the key, and what was there before anything was signed."""
    return {
        "key": key.fingerprint,
        "before": "",
        "unsigned": _digests(folder / "renders", "*.record.json", signed_too=False),
        "judgements": _digests(folder / "judgements", "v*.json", signed_too=True),
    }


def _digests(home: Path, pattern: str, *, signed_too: bool) -> dict[str, str]:
    """Path below `home` -> SHA-256 of each file that matches; of no unfinished version."""
    result = {}
    for path in sorted(home.rglob(pattern)):
        below = path.relative_to(home)
        if any(part.startswith(".") for part in below.parts):
            continue
        try:
            data = path.read_bytes()
        except OSError:
            continue
        if signed_too or not _is_signed(data):
            result[below.as_posix()] = sha256(data).hexdigest()
    return result


def _is_signed(data: bytes) -> bool:
    try:
        value = parse_json(data.decode())
    except (DamagedDocument, UnicodeDecodeError):
        return False
    return isinstance(value, dict) and "signature" in value


def _own(folder: Path) -> Path:
    return folder / ".dubsync" / "ledger"


def remembered_head(folder: Path) -> tuple[int, str] | None:
    """Number and digest of the newest line that `append` wrote here; None: not known."""
    try:
        match read_json(head_path(folder)):
            case {"n": int(n), "sha256": str(sha)}:
                return n, sha
    except (OSError, DamagedDocument):
        pass
    return None


def _bytes(folder: Path) -> bytes | None:
    """The ledger's bytes; None if it is to be begun.  Raises DeliveryError: it is gone."""
    path = ledger_path(folder)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        if remembered_head(folder) is not None:
            raise DeliveryError(f"{LEDGER} is gone", hint=_HINT) from None
        return None
    except OSError as error:
        raise unwritable(path, error) from error


def _last(data: bytes | None, head: tuple[int, str] | None) -> Entry | None:
    """The last entry; None in a new ledger.

    Raises DeliveryError if its line is damaged, or is older than `head`.
    """
    if data is None:
        return None
    lines = data.split(b"\n")
    value = value_of(lines[-2] if len(lines) > 1 else b"", f"{LEDGER} line {len(lines) - 1}")
    if lines[-1]:
        value = Fault("truncated", f"{LEDGER} line {len(lines)}", "it is cut off")
    if isinstance(value, Fault):
        raise DeliveryError(str(value), hint=value.hint or _HINT)
    last = entry_of(value, lines[-2])
    if head is not None and (last.n < head[0] or (last.n == head[0] and last.sha256 != head[1])):
        raise DeliveryError(
            f"{LEDGER} ends with entry {last.n}, and entry {head[0]} was written", hint=_HINT
        )
    return last


def _line(before: Entry | None, kind: EntryKind, what: Mapping[str, Any], key: HouseKey) -> bytes:
    value = {
        "schema": SCHEMA,
        "n": 0 if before is None else before.n + 1,
        "previous": "" if before is None else before.sha256,
        "kind": kind,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "house": key.house,
        "what": dict(what),
    }
    return canonical(signed(value, key))


def _entry(line: bytes) -> Entry:
    value = value_of(line, LEDGER)
    assert not isinstance(value, Fault)
    return entry_of(value, line)
