"""The records and judgements of a project: the digest of each, read once while it is left alone.

Every shot of a reel asks for all of them.  A digest counts for as long as size, times and inode
are those of the file that was read, as in `store.kept_digests`; it is held in memory alone, so
another process, and another day, reads every file itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from dubsync.service.store.kept_digests import TICK_NS

#: Files whose digests are held: a reel of 250 shots in several languages, a few versions of each.
_HELD = 1 << 13


@dataclass(frozen=True, slots=True)
class SeenFile:
    """What is known of a file.

    path    of the file
    sha256  of its bytes; of no bytes where it cannot be read
    signed  whether the word of a signature stands in it
    """

    path: Path
    sha256: str
    signed: bool

    def data(self) -> bytes:
        """Its bytes now; none where it cannot be read."""
        try:
            return self.path.read_bytes()
        except OSError:
            return b""


def seen_files(home: Path, pattern: str) -> Iterator[tuple[str, SeenFile]]:
    """Path below `home` and facts of each file; of no version that was never finished."""
    for path in sorted(home.rglob(pattern)):
        below = path.relative_to(home)
        if not any(part.startswith(".") for part in below.parts):
            yield below.as_posix(), _seen(path)


def _seen(path: Path) -> SeenFile:
    try:
        stat, now = path.stat(), time.time_ns()
        changed = max(stat.st_mtime_ns, stat.st_ctime_ns)
        if now - changed <= TICK_NS:  # another write within one tick would not show
            return _read(path)
        state = stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino
        return _held(path.absolute(), state)
    except OSError:
        return SeenFile(path, sha256(b"").hexdigest(), False)


@lru_cache(maxsize=_HELD)
def _held(path: Path, state: tuple[int, ...]) -> SeenFile:
    """The facts of the file at `path` in `state`."""
    return _read(path)


def _read(path: Path) -> SeenFile:
    data = path.read_bytes()
    return SeenFile(path, sha256(data).hexdigest(), b'"signature"' in data)
