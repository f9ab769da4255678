"""Pictures for the viewer on the Qt thread: asked for by need, told when they are there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt5.QtCore import QObject, Qt, pyqtSignal

from dubsync.service.proxies.held_pictures import MOST_BYTES, RGB, HeldPictures
from dubsync.service.proxies.loader import Failure, PictureLoader, Wanted
from dubsync.service.proxies.sources import PictureSource


class Feed(QObject):
    """A bounded memory of pictures and the threads that fill it.

    ready   (source key, frame) a picture that was asked for is there
    failed  a Failure: a file is missing or does not decode
    """

    ready = pyqtSignal(object, int)
    failed = pyqtSignal(object)
    _made = pyqtSignal(object)
    _lost = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None, most_bytes: int = MOST_BYTES) -> None:
        super().__init__(parent)
        self.held = HeldPictures(most_bytes)
        self._open = True
        self._made.connect(self._deliver, Qt.QueuedConnection)
        self._lost.connect(self._fail, Qt.QueuedConnection)
        self._loader = PictureLoader(self.held, self._made.emit, self._lost.emit)
        self.destroyed.connect(self._loader.close)  # a thread must not tell what is gone

    def want(self, wanted: Sequence[Wanted]) -> None:
        """Read these, the first first; forget what was wanted before."""
        self._loader.want(wanted)

    def get(self, source: PictureSource, frame: int, width: int) -> RGB | None:
        """The picture at `width`, else at the width next to it that is held; None: not there."""
        return self.held.nearest(source.key, frame, width)

    def has(self, source: PictureSource, frame: int, width: int) -> bool:
        return self.held.has(source.key, frame, width)

    def frames(self, source: PictureSource, width: int) -> NDArray[np.int64]:
        """The frames of a source that are in memory at `width`."""
        return self.held.frames(source.key, width)

    def look_again(self) -> None:
        """Look at once for files that were missing."""
        self._loader.look_again()

    def room(self, picture_bytes: int) -> int:
        """How many pictures of so many bytes may be wanted at once."""
        return max(int(self.held.most_bytes * 0.8) // max(picture_bytes, 1), 1)

    def close(self) -> None:
        """Stop the threads."""
        self._open = False
        self._loader.close()

    def _deliver(self, wanted: Wanted) -> None:
        if self._open:
            self.ready.emit(wanted.source.key, wanted.frame)

    def _fail(self, failure: Failure) -> None:
        if self._open:
            self.failed.emit(failure)
