"""A list whose arrow keys are its own while it has the focus; Escape gives them back."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, Qt
from PyQt5.QtGui import QKeyEvent
from PyQt5.QtWidgets import QListView, QWidget

from dubsync.desk.look import tokens

_OWN = (Qt.Key_Up, Qt.Key_Down, Qt.Key_Home, Qt.Key_End, Qt.Key_Return, Qt.Key_Enter,
        Qt.Key_Escape)  # fmt: skip


class KeyedList(QListView):
    """On the ground of a dock, without a frame; it scrolls up and down only."""

    def __init__(self, called: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(called)
        self.setFrameShape(QListView.NoFrame)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.setStyleSheet(f"QListView {{ background: {tokens.BG2}; }}")

    def event(self, event: QEvent) -> bool:
        """Up and Down move in the list, not in the reel."""
        if event.type() == QEvent.ShortcutOverride and event.key() in _OWN:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key_Escape:
            self.clearFocus()
        else:
            super().keyPressEvent(event)
