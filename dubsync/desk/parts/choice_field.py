"""A field with one choice out of a list: a letter before it, an icon's arrow behind it."""

from __future__ import annotations

from PyQt5.QtCore import QPointF, QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QPainter, QPaintEvent, QPen, QWheelEvent
from PyQt5.QtWidgets import QComboBox, QSizePolicy, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.look.icons import SMALL, pixmap


class ChoiceField(QComboBox):
    """Shows its choice, elided at its end; `shown` may say more than the choice itself."""

    def __init__(self, name: str, letter: str = "", parent: QWidget | None = None) -> None:
        """`name` is what a screen reader says; `letter` stands before the choice."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFixedHeight(tokens.HIT)
        self.setFocusPolicy(Qt.TabFocus)
        self.setSizePolicy(QSizePolicy.Preferred, QSizePolicy.Fixed)
        self.setSizeAdjustPolicy(QComboBox.AdjustToMinimumContentsLengthWithIcon)
        self._letter, self.shown = letter, ""

    @property
    def letter(self) -> str:
        """What stands before the choice; the field asks for room for it."""
        return self._letter

    @letter.setter
    def letter(self, letter: str) -> None:
        if letter != self._letter:
            self._letter = letter
            self.updateGeometry()
            self.update()

    def show_text(self, text: str) -> None:
        """Show `text` in place of the choice; "": the choice."""
        if text != self.shown:
            self.shown = text
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        widest = max((self.itemText(n) for n in range(self.count())), key=len, default="")
        words = self.fontMetrics().horizontalAdvance(f"{self.letter} {widest}")
        return QSize(words + 36, tokens.HIT)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(56, tokens.HIT)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """A wheel that passes over it chooses nothing."""
        event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        on = self.hasFocus() or self.view().isVisible()
        edge = tokens.ACCENT if on else tokens.EDGE if self.isEnabled() else tokens.LINE
        painter.setPen(QPen(QColor(edge), 1))
        painter.setBrush(QColor(tokens.BG3 if self.underMouse() else tokens.WELL))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, tokens.RADIUS, tokens.RADIUS)
        arrow = pixmap("caret-down", SMALL, tokens.TX3, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(self.width() - 20, (self.height() - SMALL) / 2), arrow)
        left, metrics = 8, self.fontMetrics()
        if self.letter:
            painter.setPen(QColor(tokens.TX3))
            painter.drawText(QRectF(left, 0, 16, self.height()), Qt.AlignVCenter, self.letter)
            left += metrics.horizontalAdvance(self.letter) + 5
        painter.setPen(QColor(tokens.TX1 if self.isEnabled() else tokens.TX4))
        room = self.width() - left - 22
        text = metrics.elidedText(self.shown or self.currentText(), Qt.ElideRight, room)
        painter.drawText(QRectF(left, 0, room, self.height()), Qt.AlignVCenter, text)
