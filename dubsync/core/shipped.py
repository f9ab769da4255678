"""Read weights that ship with the package, and check their digest."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from dubsync.core.errors import ModelError

HINT = "restore it from the dubsync package; weights/README.md says which file it is"


def shipped(path: Path, digest: str, what: str) -> bytes:
    """The bytes of a file that ships with the package.

    Args:
        digest: its SHA-256, hexadecimal.
        what: its kind, for messages ("landmark model").

    Raises:
        ModelError: the file is missing, or its digest differs.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"no {what} at {path}", hint=HINT) from error
    if sha256(data).hexdigest() != digest:
        raise ModelError(f"{path} was altered: it is not the {what} of this version", hint=HINT)
    return data
