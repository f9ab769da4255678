"""Watches the folders of the open reel: another process may render, take notes or recut it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PyQt5.QtCore import QObject, QTimer, pyqtSignal

from dubsync.desk.session.background import Background
from dubsync.service.project import Project

POLL_MS = 2000
#: Folders of the project in which each shot, or each note, has a folder of its own.
KINDS = ("renders", "tweaks", "judgements", "notes", "reports")


@dataclass(frozen=True, slots=True)
class DiskState:
    """What tells whether something changed: sizes and times, no file is opened.

    project  of dubsync.toml, faces.toml and the cut: what a Reload reads again
    rest     of renders, tweaks, judgements, notes, reports, consent and plates
    """

    project: int = 0
    rest: int = 0


class DiskWatch(QObject):
    """`changed` tells that rows are to be read again; `recut` what of the project changed."""

    changed = pyqtSignal()
    recut = pyqtSignal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background("disk", self)
        self._project: Project | None = None
        self._plates: tuple[str, ...] = ()
        self._last: DiskState | None = None
        self._asked = False
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._look)

    def open(self, project: Project, plates: Iterable[str]) -> None:
        """Watch another project; `plates` are paths of movies and patterns of sequences."""
        self._project, self._plates, self._last = project, tuple(plates), None
        self._timer.start()
        self._look()

    def close(self) -> None:
        self._timer.stop()
        self._project = None
        self._background.close()

    def _look(self) -> None:
        project = self._project
        if project is None or self._asked:
            return
        self._asked, plates = True, self._plates
        self._background.run(
            lambda: (project, disk_state(project, plates)), self._seen, lambda _: self._unseen()
        )

    def _unseen(self) -> None:
        self._asked = False

    def _seen(self, answer: tuple[Project, DiskState]) -> None:
        project, now = answer
        self._asked = False
        if project is not self._project:
            return
        before, self._last = self._last, now
        if before is None or before == now:
            return
        if before.project != now.project:
            self.recut.emit("The cut or dubsync.toml")
        if before.rest != now.rest:
            self.changed.emit()


def disk_state(project: Project, plates: Iterable[str]) -> DiskState:
    """The state of a project's files now."""
    folder, layout = project.file.folder, project.store.layout
    own = (folder / "dubsync.toml", folder / "faces.toml", project.file.cut)
    homes = [home for kind in KINDS for home in layout.homes(folder, kind)]
    rest = [_below(home) for home in homes]
    rest.append(tuple(_entries(folder / "consent")))
    rest.append(tuple(_state(path) for path in plates if "%" not in path))
    rest.append(tuple(_state(str(root)) for root in project.file.media))
    return DiskState(hash(tuple(_state(str(path)) for path in own)), hash(tuple(rest)))


def _below(home: Path) -> tuple[object, ...]:
    """Each folder in `home` with its time: a version that is added changes it."""
    return tuple(_entries(home))


def _entries(folder: Path) -> Iterator[tuple[str, int]]:
    """Names and times of what is in a folder, hidden names aside; nothing where it is not."""
    try:
        with os.scandir(folder) as found:
            kept = [(one.name, one.stat().st_mtime_ns) for one in found
                    if not one.name.startswith(".")]  # fmt: skip
    except OSError:
        return
    yield from sorted(kept)


def _state(path: str) -> tuple[int, int]:
    try:
        stat = os.stat(path)
    except OSError:
        return -1, -1
    return stat.st_size, stat.st_mtime_ns
