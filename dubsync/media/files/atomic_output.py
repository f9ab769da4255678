"""Files that appear whole or not at all, and over nobody else's."""

from __future__ import annotations

import os
from pathlib import Path

from dubsync.core.errors import DeliveryError


def refuse_existing(path: Path) -> None:
    """Raises DeliveryError when something is at `path`."""
    if path.exists() or path.is_symlink():
        raise DeliveryError(f"{path} exists", hint="choose another name, or move it away")


def land(aside: Path, path: Path) -> None:
    """Give the finished file `aside`, synced to the disk, its name `path` in the same folder.

    Raises:
        DeliveryError: something is at `path` already.
        OSError: the disk refuses.
    """
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    try:
        os.link(aside, path)  # unlike a rename, fails when somebody made `path` meanwhile
    except FileExistsError:
        refuse_existing(path)
        raise
    except OSError:  # a file system without links
        refuse_existing(path)
        os.replace(aside, path)
    else:
        aside.unlink()


def sync_folder(folder: Path) -> None:
    """Make the folder's new names last."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
