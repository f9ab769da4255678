"""Turns the mark of rendering once in 1.2 s, while its view is seen and something renders."""

from __future__ import annotations

from PyQt5.QtCore import QElapsedTimer, QTimer, pyqtSignal
from PyQt5.QtWidgets import QWidget

from dubsync.desk.look import tokens

STEP_MS = 80


class Spinner(QTimer):
    """`turned` tells how much of the round is done, 0 to 1."""

    turned = pyqtSignal(float)

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view, self._clock = view, QElapsedTimer()
        self._clock.start()
        self.setInterval(STEP_MS)
        self.timeout.connect(self._step)

    def run(self, on: bool) -> None:
        """Turn, or stand still."""
        if on != self.isActive():
            self.start() if on else self.stop()

    def _step(self) -> None:
        if self._view.isVisible():
            self.turned.emit(self._clock.elapsed() % tokens.SPINNER_TURN / tokens.SPINNER_TURN)
