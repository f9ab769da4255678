"""The house's countersignature beside a record: `elise.toml.signed`, then `.signed2`, ...

Here only the digest in it is read: whether the record is still the one that was countersigned.
`service.countersign` writes it and checks the signature itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dubsync.core.documents import DamagedDocument, read_json

SCHEMA = "dubsync.countersignature/1"
SIGNED = ".signed"
_NUMBER = re.compile(r"\.signed(\d*)")


@dataclass(frozen=True, slots=True)
class Countersigned:
    """One countersignature.

    value  the whole document
    fault  why it cannot be read; ""
    """

    file: Path
    value: dict[str, Any]
    fault: str = ""

    @property
    def sha256(self) -> str:
        """Digest of the record that was countersigned."""
        return str(self.value.get("sha256", ""))

    @property
    def made(self) -> str:
        return str(self.value.get("made", ""))


def countersignatures(record: Path) -> tuple[Countersigned, ...]:
    """Every countersignature beside the record, oldest first."""
    numbered = {}
    for path in record.parent.glob("*" + SIGNED + "*"):
        if not path.name.startswith(record.name):
            continue
        found = _NUMBER.fullmatch(path.name[len(record.name) :])
        if found and path.is_file():
            numbered[int(found[1] or 1)] = path
    return tuple(_read(numbered[n]) for n in sorted(numbered))


def next_countersignature(record: Path) -> Path:
    """Where the next one is written; none is written over."""
    n = 1
    while (path := record.with_name(f"{record.name}{SIGNED}{n if n > 1 else ''}")).exists():
        n += 1
    return path


def edited_since(record: Path, sha256: str) -> str:
    """Why the record is not the one that was countersigned, as the end of a sentence; ""."""
    every = countersignatures(record)
    if not every:
        return ""
    last = every[-1]
    if last.fault:
        return f"has a countersignature {last.file.name} that cannot be read: {last.fault}"
    if last.sha256 == sha256:
        return ""
    day = f" on {last.made[:10]}" if last.made else ""
    return f"was edited after the house countersigned it{day}"


def _read(path: Path) -> Countersigned:
    try:
        value = read_json(path)
    except (OSError, DamagedDocument) as error:
        return Countersigned(path, {}, str(error))
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        return Countersigned(path, {}, f"it is no {SCHEMA}")
    return Countersigned(path, value)
