"""One face of the picture sheet: a button with its expression's name below."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QPixmap
from PyQt5.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font

FACE, NAME = 96, 20
_PICKS = (Qt.Key_Space, Qt.Key_Return, Qt.Key_Enter)


class ExpressionFace(QAbstractButton):
    """Checked while its expression is picked; `where` is told in the tooltip."""

    def __init__(
        self, name: str, picture: QPixmap, where: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name, self._picture = name, picture
        self.setCheckable(True)
        self.setFocusPolicy(Qt.StrongFocus)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.setFixedHeight(FACE + NAME)
        self.setAccessibleName(name)
        self.setToolTip(f"{name}: {where}")

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(FACE, FACE + NAME)

    def event(self, event: QEvent) -> bool:
        """Space and Enter pick it; they do not go to the window's actions."""
        if event.type() == QEvent.ShortcutOverride and event.key() in _PICKS:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key_Return, Qt.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def nextCheckState(self) -> None:  # noqa: N802
        """What is picked is said by the tweak, not by the click."""

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.SmoothPixmapTransform)
        side = min(self.width(), FACE)
        place = QRect((self.width() - side) // 2, 0, side, side)
        if not self.isEnabled():
            painter.setOpacity(0.4)
        painter.drawPixmap(place, self._picture)
        painter.setOpacity(1)
        on = self.isChecked()
        if on or self.hasFocus():
            painter.setPen(QPen(QColor(tokens.ACCENT), 2 if on else 1))
            painter.drawRect(QRectF(place).adjusted(1, 1, -1, -1))
        painter.setFont(font())
        painter.setPen(QColor(tokens.ACCENT if on else tokens.TX2 if self.isEnabled()
                              else tokens.TX4))  # fmt: skip
        words = painter.fontMetrics().elidedText(self._name, Qt.ElideRight, self.width())
        painter.drawText(QRect(0, side, self.width(), NAME), int(Qt.AlignCenter), words)
