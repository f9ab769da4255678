"""The note in a version's folder which says that its media were deleted, when and why.

renders/SHOT/v001/deleted.json beside the record.  It is written before the first file goes: a
version with a note counts as deleted, whatever is still there after a kill.  Who signs what a note
says is the ledger; without one it is a note that anybody can write.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

from dubsync.core.documents import DamagedDocument, parse_json
from dubsync.service.store.atomic_write import write_whole

FILE = "deleted.json"
SCHEMA: Literal["dubsync.deleted/1"] = "dubsync.deleted/1"
#: Longest note that is read, bytes: a sequence of 100,000 frames.
_MOST = 16 << 20


@dataclass(frozen=True, slots=True)
class DeletedNote:
    """What became of a version.

    by     "keep" (the setting) or "clean" (the verb)
    made   when, ISO 8601
    why    as a sentence without a full stop
    files  path below the version's folder -> bytes of each file that goes
    """

    schema: Literal["dubsync.deleted/1"]
    by: Literal["keep", "clean"]
    made: str
    why: str
    files: dict[str, int]

    @property
    def sentence(self) -> str:
        """What is said of a version whose files are gone."""
        return f"its media were deleted by {self.by} on {self.made[:10]}: {self.why}"


def write_note(
    folder: Path, by: Literal["keep", "clean"], why: str, files: Mapping[str, int]
) -> str:
    """Write the note into a version's folder; the SHA-256 of its bytes.

    Raises:
        DeliveryError: it cannot be written; nothing was deleted.
    """
    made = datetime.now(UTC).isoformat(timespec="seconds")
    note = {"schema": SCHEMA, "by": by, "made": made, "why": why, "files": dict(files)}
    text = json.dumps(note, indent=1, sort_keys=True) + "\n"
    write_whole(folder / FILE, text)
    return sha256(text.encode()).hexdigest()


def read_note(folder: Path) -> DeletedNote | None:
    """The note in a version's folder; None: there is none, or it is no such note."""
    data = note_bytes(folder)
    try:
        return None if data is None else msgspec.convert(parse_json(data.decode()), DeletedNote)
    except (DamagedDocument, UnicodeDecodeError, msgspec.ValidationError):
        return None


def note_digest(folder: Path) -> str:
    """SHA-256 of the note's bytes; "" if there is none."""
    data = note_bytes(folder)
    return "" if data is None else sha256(data).hexdigest()


def note_bytes(folder: Path) -> bytes | None:
    """The bytes of the note; None: it is not there, or too long for one."""
    try:
        with (folder / FILE).open("rb") as file:
            data = file.read(_MOST + 1)
    except OSError:
        return None
    return data if len(data) <= _MOST else None
