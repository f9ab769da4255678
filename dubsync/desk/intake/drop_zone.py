"""The place to drop a cut, a movie or a folder on."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import QMimeData, QRectF, Qt
from PyQt5.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.look.icons import pixmap
from dubsync.desk.parts.buttons import text_button


def dropped(data: QMimeData) -> tuple[Path, ...]:
    """The local files and folders of what is dragged; anything else is left."""
    return tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())


class DropZone(QFrame):
    """Says what may be dropped; `choose` and `open_reel` are its buttons."""

    def __init__(self, kinds: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._over = False
        self.choose: QPushButton = text_button(
            "Choose a file...", "folder-open", tip="Choose a cut or a movie (Ctrl+N)", primary=True
        )
        self.open_reel: QPushButton = text_button("Open a reel...", tip="Open a project (Ctrl+O)")
        mark = QLabel(self)
        mark.setPixmap(pixmap("file-arrow-down", 40, tokens.TX2))
        head = QLabel("Drop a cut here", self)
        head.setFont(font(tokens.QUESTION))
        words = QLabel(kinds, self)
        more = QLabel("or one movie, or a folder with plates and dub", self)
        for label in (words, more):
            label.setProperty("tone", "second")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        for button in (self.choose, self.open_reel):
            button.setFixedHeight(28)
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(4)
        column.addStretch(1)
        for label in (mark, head, words, more):
            label.setAlignment(Qt.AlignCenter)
            column.addWidget(label)
        column.addSpacing(16)
        column.addLayout(buttons)
        column.addStretch(1)
        self.setMinimumHeight(264)

    def drag_over(self, over: bool) -> None:
        """Show that a drop would be taken here."""
        self._over = over
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        pen = QPen(QColor(tokens.ACCENT if self._over else tokens.TX4), 1.5, Qt.DashLine)
        pen.setDashPattern([6, 4])
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
