"""One line of a ledger: its form, and the digest by which the next line holds on to it.

REEL/ledger.jsonl has one JSON object a line, in the canonical form of RFC 8785:

    {"house", "kind", "made", "n", "previous", "schema", "signature", "what"}

`n` counts lines from 0; `previous` is the SHA-256 of the line before, "" for the first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, get_args

from dubsync.core.documents import DamagedDocument
from dubsync.core.proof.canonical import NotCanonical, canonical, parse_signed
from dubsync.core.proof.fault import Fault
from dubsync.core.proof.schema import is_newer

#: What an entry tells.  "key": a ledger begins, or another key signs from here on.
EntryKind = Literal[
    "render", "approval", "delivery", "consent", "withdrawal", "purge", "mark_off", "clean", "key"
]
KINDS: tuple[EntryKind, ...] = get_args(EntryKind)
#: Name of the file in a project's folder.
LEDGER = "ledger.jsonl"
_FAMILY, _VERSION = "dubsync.ledger/", 1
SCHEMA = f"{_FAMILY}{_VERSION}"
#: Longest line read, bytes: a "key" entry lists every record of a project of 10,000 renders.
LONGEST_LINE = 4 << 20
_KEYS = {"house", "kind", "made", "n", "previous", "schema", "signature", "what"}
_SHA = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a ledger.

    n         number of the line, from 0
    previous  SHA-256 of the line before it, 64 hex digits; "" for the first
    made      when, by the clock of the machine that signed
    house     name of the house that signed
    key       fingerprint of its key
    what      the facts, by `kind`
    sha256    of the line's own bytes, without the line feed
    """

    n: int
    previous: str
    kind: EntryKind
    made: datetime
    house: str
    key: str
    what: Mapping[str, Any]
    sha256: str


def line_digest(line: bytes) -> str:
    """SHA-256 of a line without its line feed, 64 hex digits."""
    return sha256(line).hexdigest()


def ledger_path(folder: Path) -> Path:
    """The ledger of the project in `folder`."""
    return folder / LEDGER


def value_of(line: bytes, about: str) -> Mapping[str, Any] | Fault:
    """The JSON value of a line of this version, or what is wrong with its form.

    Args:
        about: what the line is called in a fault, such as "ledger.jsonl line 3".
    """
    try:
        value = parse_signed(line)
    except DamagedDocument as error:
        return Fault("edited", about, f"it is not a line that dubsync wrote: {error}")
    schema = value.get("schema") if isinstance(value, dict) else None
    if isinstance(schema, str) and is_newer(schema, _FAMILY, _VERSION):
        return Fault(
            "newer", about, f"it is a {schema}, and this dubsync reads up to {SCHEMA}",
            "read it with the dubsync that wrote it, or a newer one",
        )  # fmt: skip
    if not _formed(value) or not _is_canonical(value, line):
        return Fault("edited", about, "it does not have the form in which dubsync wrote it")
    return dict(value)


def entry_of(value: Mapping[str, Any], line: bytes) -> Entry:
    """The entry of a value that `value_of` found well formed."""
    return Entry(
        value["n"], value["previous"], value["kind"], datetime.fromisoformat(value["made"]),
        value["house"], str(value["signature"]["key"]), value["what"], line_digest(line),
    )  # fmt: skip


def _formed(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == _KEYS
        and value["schema"] == SCHEMA
        and type(value["n"]) is int
        and value["n"] >= 0
        and isinstance(value["previous"], str)
        and (value["previous"] == "" or bool(_SHA.fullmatch(value["previous"])))
        and value["kind"] in KINDS
        and isinstance(value["house"], str)
        and isinstance(value["what"], dict)
        and isinstance(value["signature"], dict)
        and isinstance(value["signature"].get("key"), str)
        and _is_time(value["made"])
    )


def _is_canonical(value: Mapping[str, Any], line: bytes) -> bool:
    try:
        return canonical(value) == line
    except NotCanonical:
        return False


def _is_time(value: Any) -> bool:
    """Whether this is a time with its offset from UTC."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
