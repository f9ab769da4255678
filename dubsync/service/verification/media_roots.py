"""Where the media of a delivery may lie, and which file is which: by path, by name, by bytes.

A manifest may come from anybody, so nothing in it leads out of the folders that are searched: no
path upwards, no absolute path, no link that leads elsewhere, nothing but regular files.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from dubsync.core.digest import file_digest

#: Most files that are looked at for one that lies elsewhere or has another name.
MOST_FILES = 50_000


class OutsideRoots(ValueError):
    """A path that leads out of the folders that may be searched; says how."""


def plain_path(path: str) -> PurePosixPath:
    """The path, if it stays below the folder that it is relative to.

    Raises:
        OutsideRoots: it is absolute, goes upwards, or is no path at all.
    """
    parts = PurePosixPath(path)
    if not path or "\0" in path or "\\" in path or ":" in path.split("/")[0]:
        raise OutsideRoots(f"{path!r:.80} is not a path that every system knows")
    if parts.is_absolute() or ".." in parts.parts or not parts.parts:
        raise OutsideRoots(f"{path!r:.80} leads out of the folders of the delivery")
    return parts


@dataclass(slots=True)
class MediaRoots:
    """Folders in which media are looked for, in this order, and the digests read in this run.

    Digests are read from the bytes once in a run, and never taken from an earlier one.
    """

    folders: Sequence[Path]
    _digests: dict[Path, str] = field(default_factory=dict)
    _by_size: dict[int, list[Path]] | None = None

    def digest(self, file: Path) -> str:
        """SHA-256 of the file's bytes, read in this run.  Raises OSError."""
        if file not in self._digests:
            self._digests[file] = file_digest(file)
        return self._digests[file]

    def find(self, path: str) -> Path | None:
        """The file at `path` below one of the folders, else one of its name anywhere in them.

        Raises:
            OutsideRoots: the path leads out of the folders, or a link at it does.
        """
        parts = plain_path(path)
        for folder in self.folders:
            for tried in (folder / parts, folder / parts.name):
                if os.path.lexists(tried):
                    return inside(tried, folder)
        return next((file for file in self._every() if file.name == parts.name), None)

    def with_bytes(self, size: int, sha256: str) -> Path | None:
        """A file in the folders with these bytes, whatever its name; None if there is none."""
        for file in self.of_size(size):
            try:
                if self.digest(file) == sha256:
                    return file
            except OSError:
                continue
        return None

    def of_size(self, size: int) -> Sequence[Path]:
        """Every regular file in the folders that has so many bytes."""
        if self._by_size is None:
            self._by_size = {}
            for file, bytes_ in _files(self.folders):
                self._by_size.setdefault(bytes_, []).append(file)
        return self._by_size.get(size, [])

    def of_suffixes(self, suffixes: Sequence[str]) -> Sequence[Path]:
        """Every regular file in the folders whose name ends in one of `suffixes`, lower case."""
        return sorted(file for file in self._every() if file.suffix.lower() in suffixes)

    def _every(self) -> Iterator[Path]:
        self.of_size(0)
        return (file for files in (self._by_size or {}).values() for file in files)


def inside(file: Path, folder: Path) -> Path:
    """The file, if it is a regular file below `folder` after every link is followed.

    Raises:
        OutsideRoots: it is not.
    """
    try:
        real, root = file.resolve(strict=True), folder.resolve(strict=True)
        kind = real.stat().st_mode
    except OSError as error:
        raise OutsideRoots(f"{file.name} cannot be read: {error.strerror or error}") from error
    if not real.is_relative_to(root):
        raise OutsideRoots(f"{file.name} is a link that leads out of the folders of the delivery")
    if not stat.S_ISREG(kind):
        raise OutsideRoots(f"{file.name} is not a file")
    return file


def _files(folders: Sequence[Path]) -> Iterator[tuple[Path, int]]:
    """Every regular file below the folders and its size; links are not followed."""
    seen: set[Path] = set()
    for root in folders:
        for folder, names, files in os.walk(root):
            names[:] = sorted(name for name in names if not name.startswith("."))
            for name in sorted(files):
                path = Path(folder, name)
                if path in seen:
                    continue
                seen.add(path)
                if len(seen) > MOST_FILES:
                    return
                try:
                    state = path.lstat()
                except OSError:
                    continue
                if stat.S_ISREG(state.st_mode):
                    yield path, state.st_size
