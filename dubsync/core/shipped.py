"""Weights that come with the package: read whole, and known by their digest."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from dubsync.core.errors import ModelError

HINT = "restore it from the dubsync package; weights/README.md says which file it is"


def shipped(path: Path, digest: str, what: str) -> bytes:
    """The bytes of a file that ships with us.

    Args:
        digest: SHA-256, hexadecimal.
        what: what it is, for messages ("landmark model").

    Raises:
        ModelError: it is not there, or not the file we know.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"no {what} at {path}", hint=HINT) from error
    if sha256(data).hexdigest() != digest:
        raise ModelError(f"{path} is not the {what} we know: altered", hint=HINT)
    return data
