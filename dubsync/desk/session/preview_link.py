"""The preview process as the desk sees it: asked from the Qt thread, answered on the Qt thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PyQt5.QtCore import QObject, Qt, pyqtSignal

from dubsync.service.tweaks.tweak_store import Tweaks


class PreviewLink(QObject):
    """Asks for pictures and curves; the newest request of a kind wins.

    picture  a picture that was asked for (service.preview's answer)
    curves   the curves of a shot
    failed   (kind, shot, message, hint)
    """

    picture = pyqtSignal(object)
    curves = pyqtSignal(object)
    failed = pyqtSignal(str, str, str, str)
    _answered = pyqtSignal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client: Any = None
        self._answered.connect(self._deliver, Qt.QueuedConnection)

    def open(self, reel: Path, language: str) -> None:
        self.close()

    def ask_picture(self, shot: str, frame: int, tweaks: Tweaks, width: int) -> None:
        """Ask for the corrected frame with unsaved tweaks, `width` pixels wide."""

    def ask_curves(self, shot: str, tweaks: Tweaks) -> None:
        """Ask for words, phones, waveform and mouth curves of a shot."""

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _deliver(self, kind: str, answer: object) -> None:
        if self._client is not None:
            (self.picture if kind == "picture" else self.curves).emit(answer)
