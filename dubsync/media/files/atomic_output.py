"""Write files atomically, without overwriting existing ones."""

from __future__ import annotations

import os
from pathlib import Path

from dubsync.core.errors import DeliveryError


def refuse_existing(path: Path) -> None:
    """Raises DeliveryError when `path` exists."""
    if path.exists() or path.is_symlink():
        raise DeliveryError(f"{path} exists", hint="choose another name, or move it away")


def land(aside: Path, path: Path) -> None:
    """Sync the finished file `aside` to the disk and rename it to `path` in the same folder.

    Raises:
        DeliveryError: `path` exists.
        OSError: the disk reports an error.
    """
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    try:
        os.link(aside, path)  # unlike a rename, fails when `path` was created meanwhile
    except FileExistsError:
        refuse_existing(path)
        raise
    except OSError:  # a file system without hard links
        refuse_existing(path)
        os.replace(aside, path)
    else:
        aside.unlink()


def sync_folder(folder: Path) -> None:
    """Sync the folder's new names to the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
