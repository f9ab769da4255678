"""A PEM file as text: of a house's certificates, or of its key."""

from __future__ import annotations

from pathlib import Path

from dubsync.core.errors import HouseKeyError


def pem_text(path: Path, what: str, *, largest: int, gone: str, too_long: str) -> bytes:
    """What is in the file at `path`, which may come from anybody: no more than `largest` is read.

    Args:
        what: what the file is, for the message.
        largest: bytes.
        gone: what to do where it cannot be read.
        too_long: what to do where it is longer.

    Raises:
        HouseKeyError: it cannot be read, or is longer than `largest`.
    """
    try:
        with path.open("rb") as file:
            text = file.read(largest + 1)
    except OSError as error:
        raise HouseKeyError(
            f"{what} cannot be read: {path}: {error.strerror}", hint=gone
        ) from error
    if len(text) > largest:
        raise HouseKeyError(f"{path} is too long for {what}", hint=too_long)
    return text
