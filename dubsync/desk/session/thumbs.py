"""Thumbnails of the reel: decoded in a thread of their own, the newest asked for first."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtGui import QImage, QPixmap

from dubsync.core.errors import DubsyncError
from dubsync.desk.session.background import Background
from dubsync.service.overview import ShotRow
from dubsync.service.thumbnails import thumbnail, trim

MOST = 512  #: pictures in memory: 32 MB
AT_ONCE = 4  #: pictures between two answers

Found = dict[str, QImage | None]


class Thumbs(QObject):
    """`picture` gives what is there and asks for what is not; `ready` tells the names that came."""

    ready = pyqtSignal(tuple)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background("thumbs", self)
        self._folder: Path | None = None
        self._pictures: OrderedDict[str, QPixmap] = OrderedDict()
        self._wanted: OrderedDict[str, ShotRow] = OrderedDict()
        self._failed: set[str] = set()
        self._busy = False

    def open(self, folder: Path) -> None:
        """Begin with another reel."""
        self._folder = folder
        self._pictures.clear()
        self._wanted.clear()
        self._failed.clear()
        self._background.run(lambda: trim(folder))

    def look_again(self) -> None:
        """Plates may have come back: ask again for what failed."""
        self._failed.clear()

    def picture(self, row: ShotRow) -> QPixmap | None:
        """The thumbnail of a row; None where it is not decoded yet, or cannot be."""
        made = self._pictures.get(row.name)
        if made is not None:
            self._pictures.move_to_end(row.name)
            return made
        if row.plate is not None and self._folder is not None and row.name not in self._failed:
            self._wanted[row.name] = row
            self._wanted.move_to_end(row.name)
            while len(self._wanted) > MOST:
                self._wanted.popitem(last=False)
            self._go_on()
        return None

    def missing(self, row: ShotRow) -> bool:
        """Whether there is no picture to come: no plate, or one that does not decode."""
        return row.plate is None or row.name in self._failed

    def close(self) -> None:
        self._wanted.clear()
        self._background.close()

    def _go_on(self) -> None:
        if self._busy or not self._wanted or self._folder is None:
            return
        self._busy, folder = True, self._folder
        rows = [self._wanted.popitem()[1] for _ in range(min(AT_ONCE, len(self._wanted)))]
        nothing: Found = {row.name: None for row in rows}
        self._background.run(
            lambda: (folder, _decoded(folder, rows)), self._came,
            lambda _: self._came((folder, nothing)),
        )  # fmt: skip

    def _came(self, answer: tuple[Path, Found]) -> None:
        folder, found = answer
        self._busy = False
        if folder == self._folder:
            for name, image in found.items():
                if image is None:
                    self._failed.add(name)
                else:
                    self._pictures[name] = QPixmap.fromImage(image)
            while len(self._pictures) > MOST:
                self._pictures.popitem(last=False)
            if found:
                self.ready.emit(tuple(found))
        self._go_on()


def _decoded(folder: Path, rows: list[ShotRow]) -> Found:
    """Pictures by name; None for a plate that is missing or does not decode."""
    found: Found = {}
    for row in rows:
        assert row.plate is not None
        try:
            image = QImage.fromData(thumbnail(folder, row.plate, row.standing))
            found[row.name] = None if image.isNull() else image
        except DubsyncError:
            found[row.name] = None
    return found
