"""Equal files of two folders share their bytes on disk, where the file system has hard links."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from secrets import token_hex

from dubsync.core.digest import file_digest

_log = logging.getLogger(__name__)
#: Smaller files are not worth a link, bytes.
LEAST = 1 << 20


def share_equal_files(folder: Path, other: Path) -> int:
    """Let files of `folder` be links to files of `other` with the same name and bytes.

    Both must be finished: files that are written to again change in both places.  Whoever deletes
    one keeps the other.  What cannot be linked stays as it is.

    Returns:
        The bytes that are not kept twice any more.
    """
    saved = 0
    for path in sorted(folder.iterdir()):
        twin = other / path.name
        try:
            mine, theirs = path.lstat(), twin.lstat()
            if mine.st_size < LEAST or mine.st_size != theirs.st_size or not path.is_file():
                continue
            if (mine.st_dev, mine.st_ino) == (theirs.st_dev, theirs.st_ino):
                continue
            if twin.is_symlink() or path.is_symlink() or file_digest(path) != file_digest(twin):
                continue
            aside = path.with_name(f".{path.name}.{token_hex(4)}")
            try:
                os.link(twin, aside)
                os.replace(aside, path)
            finally:
                aside.unlink(missing_ok=True)
            saved += mine.st_size
        except OSError as error:  # another file system, one without links, or no such twin
            _log.info("%s is kept by itself: %s", path, error)
    return saved
