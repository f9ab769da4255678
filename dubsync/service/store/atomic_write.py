"""Writes small files atomically: temporary file, fsync, rename."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dubsync.core.errors import DeliveryError
from dubsync.core.waiting.answering import answering
from dubsync.media.files.cannot_write import cannot_write

_log = logging.getLogger(__name__)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write `content` to `path`, replacing an older file in one step.

    Raises:
        DeliveryError: the folder cannot be written, or the disk is full; `path` is unchanged.
    """
    data = content.encode() if isinstance(content, str) else content
    with written_aside(path) as aside:
        aside.write_bytes(data)


def write_derived(path: Path, content: str | bytes) -> None:
    """`write_whole` for data that can be made again: where the disk refuses, it is not kept.

    So an archived project on a read-only disk can be looked at.
    """
    try:
        write_whole(path, content)
    except DeliveryError as error:
        _log.info("not kept: %s", error)


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`; renamed to it when the block succeeds, else removed.

    Raises:
        DeliveryError: as `write_whole`.
    """
    try:
        with answering(path, "writing it"):
            path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        os.close(handle)
    except OSError as error:
        raise unwritable(path, error) from error
    aside = Path(name)
    try:
        yield aside
        with answering(path, "writing it"):
            aside.chmod(0o644)
            sync_file(aside)
            os.replace(aside, path)
            sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):  # on a share that is gone
            aside.unlink(missing_ok=True)  # first, so that what is free is said without it
        raise unwritable(path, error) from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def unwritable(path: Path, error: OSError) -> DeliveryError:
    """A DeliveryError with a remedy for an `error` of the disk."""
    if isinstance(error, IsADirectoryError | NotADirectoryError | FileExistsError):
        return DeliveryError(
            f"cannot write {path}: {error.strerror}",
            hint="a foreign file or folder is in its place: move it away",
        )
    return cannot_write(path, error)


def sync_file(path: Path) -> None:
    """Flush the file's bytes to the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Flush the folder's entries to the disk."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
