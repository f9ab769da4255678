"""Digests of files, kept so that a file of many gigabytes is read once.

A digest counts for as long as size, modification time, change time and inode are those of the file
that was read.  The modification time alone can be set back by anybody (`touch`, `cp -p`, a
restored backup); the change time is set by the system at every write, and at every such setting.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path

from dubsync.core.digest import file_digest
from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import MissingMedia
from dubsync.core.waiting.answering import answering
from dubsync.service.store.atomic_write import write_derived

#: Nanoseconds for which a file must have been left alone before its digest is held in memory, and
#: before it is kept on disk: a second write within one tick of the file system's clock would not
#: show.  Linux and macOS tick every 10 ms or faster; a disk may move to FAT, which ticks every 2 s.
TICK_NS, SETTLED_NS = 20_000_000, 2_000_000_000

#: Size, modification time, change time and inode.
_State = tuple[int, int, int, int]


class KeptDigests:
    """The digests of one project's files; `path` is where they are kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._settled: dict[str, tuple[_State, str]] = _read(path)
        self._known = dict(self._settled)
        self._seen = _written(path)
        self._unsaved = False

    def of(self, files: Iterable[Path]) -> list[str]:
        """SHA-256 of each file, 64 hex digits.

        Raises:
            MissingMedia: one is gone, or cannot be read.
        """
        digests = [self._one(file) for file in files]
        if self._unsaved:
            self._reread()  # what other processes of the run have kept meanwhile stays
            kept = {path: [*state, sha] for path, (state, sha) in self._settled.items()}
            write_derived(self._path, json.dumps(kept, indent=0))
            self._seen, self._unsaved = _written(self._path), False
        return digests

    def _reread(self) -> None:
        """Take over what other processes have kept since the file was read."""
        written = _written(self._path)
        if written != self._seen:
            self._seen, others = written, _read(self._path)
            self._settled = others | self._settled
            self._known = others | self._known

    def _one(self, file: Path) -> str:
        try:
            with answering(file, "looking whether it has changed"):
                stat, now = file.stat(), time.time_ns()
            state = _state(stat)
            if (known := self._known.get(str(file))) is None or known[0] != state:
                self._reread()
                known = self._settled.get(str(file))
            sha = known[1] if known and known[0] == state else file_digest(file)
        except OSError as error:
            raise MissingMedia(
                f"{file} cannot be read: {error.strerror or error}",
                hint="check that its disk is connected and the file is where it was",
            ) from error
        untouched = now - max(stat.st_mtime_ns, stat.st_ctime_ns)
        if untouched > TICK_NS:
            self._known[str(file)] = state, sha
        if untouched > SETTLED_NS and self._settled.get(str(file)) != (state, sha):
            self._settled[str(file)] = state, sha
            self._unsaved = True
        return sha


def _written(path: Path) -> int:
    """When the file was written, nanoseconds; 0: never."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _state(stat: os.stat_result) -> _State:
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def _read(path: Path) -> dict[str, tuple[_State, str]]:
    """The digests in the file; none where it is absent or damaged: files are read again then."""
    try:
        kept = read_json(path)
    except (OSError, DamagedDocument):
        return {}
    known: dict[str, tuple[_State, str]] = {}
    for name, entry in kept.items() if isinstance(kept, dict) else ():
        match entry:
            case [int(size), int(modified), int(changed), int(inode), str(sha)] if len(sha) == 64:
                known[name] = (size, modified, changed, inode), sha
            case _:
                continue
    return known
