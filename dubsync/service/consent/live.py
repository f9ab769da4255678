"""Consent as it stands now: records are read from disk again before each use.

A run may take a night.  Consent that is withdrawn, edited or expired meanwhile, by whatever
process, must reach it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from glob import escape as glob_escape
from pathlib import Path

from dubsync.core.progress import Progress, Step
from dubsync.service.consent.countersigned import SIGNED
from dubsync.service.consent.records import ConsentRecord, read_all, read_consent
from dubsync.service.consent.uses import FILE as USES

#: Seconds between two looks at the records while one step runs.
EVERY_S = 1.0
#: Nanoseconds within which a second write of a file might not show in its times.
TICK_NS = 20_000_000

#: Path, size, modification time, change time and inode of each record and what it depends on.
_State = tuple[tuple[str, int, int, int, int], ...]


class LiveConsent:
    """The records in a project's consent/ folder, or in one file; `read` is what is there now.

    Args:
        path: the folder, whose *.toml count; or one record.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[_State, tuple[ConsentRecord, ...]] | None = None
        self._last: tuple[ConsentRecord, ...] = ()

    def read(self) -> tuple[ConsentRecord, ...]:
        """Every record, in the order of file names; parsed again only if a file changed.

        Raises:
            SettingsError: a record that cannot be read, or is not filled in.
        """
        now, state = time.time_ns(), self._state()
        if self._read is None or self._read[0] != state:
            records = read_all(self._path) if self._path.is_dir() else self._alone()
            self._last = records
            self._read = state, records
            if any(now - max(times) < TICK_NS for _, _, *times, _ in state):
                self._read = None
            return records
        return self._read[1]

    def _alone(self) -> tuple[ConsentRecord, ...]:
        return (read_consent(self._path),) if self._path.is_file() else ()

    @property
    def folder(self) -> Path:
        """The folder of the records: there uses are written down."""
        return self._path if self._path.is_dir() else self._path.parent

    def _state(self) -> _State:
        result = []
        for path in self._files():
            try:
                stat = path.stat()
            except OSError:  # gone, or not readable: `read` finds out which
                result.append((str(path), -1, 0, 0, 0))
                continue
            result.append(
                (str(path), stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
            )
        return tuple(result)

    def _files(self) -> list[Path]:
        """The records, and what they depend on: countersignatures, evidence, uses."""
        if self._path.is_dir():
            return sorted(path for path in self._path.rglob("*") if not path.is_dir())
        beside = self.folder.glob(f"{glob_escape(self._path.name)}{SIGNED}*")
        proofs = [self.folder / one.file for record in self._last for one in record.evidence]
        return [self._path, *sorted(beside), *proofs, self.folder / USES]


def watched(progress: Progress, check: Callable[[], object]) -> Progress:
    """`progress` that calls `check` too, at most once in EVERY_S; its exception ends the step.

    Args:
        check: raises ConsentMissing if the work may not go on.
    """
    due = time.monotonic() + EVERY_S

    def step(done: Step) -> None:
        nonlocal due
        progress(done)
        if time.monotonic() >= due:
            check()
            due = time.monotonic() + EVERY_S

    return step
