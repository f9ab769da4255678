"""A section of a tab: a head with a fold arrow, and what it holds."""

from __future__ import annotations

from PyQt5.QtCore import QRect, QSettings, Qt
from PyQt5.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt5.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.look.icons import pixmap

HEAD = 28


class Section(QWidget):
    """Folds at a click on its head, with Enter or Space; whether it is open is remembered."""

    def __init__(self, title: str, parent: QWidget | None = None, *, opened: bool = True) -> None:
        super().__init__(parent)
        self._key = f"inspector/open/{title}"
        self.head = _Head(title, self)
        self.inside = QWidget(self)
        self.rows = QVBoxLayout(self.inside)
        self.rows.setContentsMargins(0, 0, 0, 4)
        self.rows.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.inside)
        self.open(QSettings().value(self._key, opened, type=bool))

    def add(self, widget: QWidget) -> None:
        """Put a widget below the others."""
        self.rows.addWidget(widget)

    def on_head(self, widget: QWidget) -> None:
        """Put a widget at the right of the head."""
        self.head.row.addWidget(widget)

    def call(self, title: str) -> None:
        """Give the head another title; whether it is open is remembered under the first."""
        self.head.title = title
        self.head.setAccessibleName(title)
        self.head.update()

    def say(self, text: str) -> None:
        """A few words at the right of the head."""
        if text != self.head.words:
            self.head.words = text
            self.head.update()

    def open(self, opened: bool) -> None:
        self.head.opened = opened
        self.head.setAccessibleDescription("open" if opened else "folded")
        self.inside.setVisible(opened)
        self.head.update()

    def fold(self) -> None:
        """Open it where it is folded, and the other way round."""
        self.open(not self.head.opened)
        QSettings().setValue(self._key, self.head.opened)


class _Head(QWidget):
    def __init__(self, title: str, section: Section) -> None:
        super().__init__(section)
        self.title, self.opened, self.words = title, True, ""
        self._section = section
        self.setFixedHeight(HEAD)
        self.setFocusPolicy(Qt.TabFocus)
        self.setAccessibleName(title)
        self.setCursor(Qt.ArrowCursor)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(12, 0, 12, 0)
        self.row.setSpacing(2)
        self.row.addStretch(1)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(QRect(0, 0, self.width(), 1), QColor(tokens.LINE))
        caret = "caret-down" if self.opened else "caret-right"
        picture = pixmap(caret, 12, tokens.TX3, self.devicePixelRatioF())
        painter.drawPixmap(12, 8, picture)
        painter.setFont(font(medium=True))
        painter.setPen(QColor(tokens.TX2))
        painter.drawText(QRect(30, 0, self.width() - 42, HEAD), int(Qt.AlignVCenter), self.title)
        left = 30 + painter.fontMetrics().horizontalAdvance(self.title) + 12
        painter.setFont(font())
        painter.setPen(QColor(tokens.TX3))
        room = max(self.width() - 12 - left, 0)
        words = painter.fontMetrics().elidedText(self.words, Qt.ElideRight, room)
        painter.drawText(QRect(left, 0, room, HEAD), int(Qt.AlignVCenter | Qt.AlignRight), words)
        if self.hasFocus():
            painter.setPen(QColor(tokens.ACCENT))
            painter.drawRect(QRect(4, 2, self.width() - 9, HEAD - 5))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.LeftButton and self.rect().contains(event.pos()):
            self._section.fold()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key_Return, Qt.Key_Enter, Qt.Key_Space):
            self._section.fold()
        else:
            event.ignore()
