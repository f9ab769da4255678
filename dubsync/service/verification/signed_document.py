"""Signed JSON files: written in one form only, so that any other byte shows.

A signature is over a value.  A space more would not change the value, so the bytes are compared
too: with those that dubsync writes for that value.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dubsync.core.documents import DamagedDocument
from dubsync.core.proof.canonical import parse_signed
from dubsync.core.proof.fault import Fault
from dubsync.core.proof.schema import is_newer

#: Longest signed file that is read, bytes; that of a film of 2,000 shots has 3 MB.
MOST_BYTES = 32 << 20


def document_bytes(value: Mapping[str, Any]) -> bytes:
    """The one form in which a signed value is written."""
    return (json.dumps(value, indent=2, sort_keys=True) + "\n").encode()


def read_document(
    path: Path, family: str, version: int, *, most: int = MOST_BYTES
) -> dict[str, Any] | Fault:
    """The value of a signed file, in the form in which it was written; or what is wrong with it.

    Args:
        family, version: of the schema, such as "dubsync.delivery_proof/" and 1.
        most: longest file that is opened, bytes; a longer one is not read at all.
    """
    data = read_limited(path, most)
    if isinstance(data, Fault):
        return data
    name = path.name
    try:
        value = parse_signed(data)
    except DamagedDocument as error:
        why = f"it is not what dubsync wrote: {error}"
        return Fault("edited", name, why, "ask the house for the file as it was written")
    schema = value.get("schema") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(schema, str) or not schema.startswith(family):
        why = f"it is not a {family.rstrip('/')}"
        return Fault("edited", name, why, "ask the house for the file as it was written")
    if is_newer(schema, family, version):
        why = f"it is a {schema[:40]}, and this dubsync reads up to {family}{version}"
        return Fault("newer", name, why, "read it with the dubsync that wrote it, or a newer one")
    if schema != f"{family}{version}":
        why = f"its schema is {schema[:40]!r}, not {family}{version}"
        return Fault("edited", name, why, "ask the house for the file as it was written")
    if document_bytes(value) != data:
        why = "its text is not the one that was written, though its values may be"
        return Fault("edited", name, why, "ask the house for the file as it was written")
    return dict(value)


def read_limited(path: Path, most: int) -> bytes | Fault:
    """The bytes of a regular file of at most `most` bytes, else what is wrong with it."""
    name = path.name
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            return Fault("missing", name, "it is not a file", "ask the house for it")
        if state.st_size > most:
            why = (
                f"it has {state.st_size:,} bytes, and dubsync writes at most {most:,}; it was "
                "not read"
            )
            return Fault("edited", name, why, "it is not dubsync's: ask the house for theirs")
        if state.st_size == 0:
            return Fault("empty", name, "nothing is in it", "ask the house for it again")
        with path.open("rb") as file:
            data = file.read(most + 1)
    except FileNotFoundError:
        return Fault("missing", name, "it is not there", "ask the house for it")
    except OSError as error:
        why = f"it cannot be read: {error.strerror or os.strerror(error.errno or 0)}"
        return Fault("missing", name, why, "check its disk and who may read it")
    if len(data) > most:
        return Fault("edited", name, "it grew while it was read", "wait until it is copied")
    return data
