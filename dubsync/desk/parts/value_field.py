"""A number that is dragged sideways, turned by the wheel, or stepped by keys."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt5.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PyQt5.QtWidgets import QWidget

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font

PIXELS = 6  #: dragged for one step


@dataclass(frozen=True, slots=True)
class Number:
    """What a field holds.

    name     before the number ("EV"), and for screen readers
    usual    the value to which it goes back
    digits   behind the point
    """

    name: str
    usual: float
    low: float
    high: float
    step: float
    digits: int
    tip: str = ""


class ValueField(QWidget):
    """One number with its name.

    changed  by a hand, to a value
    """

    changed = pyqtSignal(float)

    def __init__(self, number: Number, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number, self.value = number, number.usual
        self.setFixedSize(self.sizeHint())
        self.setFocusPolicy(Qt.StrongFocus)
        self.setCursor(Qt.SizeHorCursor)
        self.setToolTip(number.tip)
        self._from: tuple[float, float] | None = None
        self._say()

    def sizeHint(self) -> QSize:  # noqa: N802
        self.setFont(font())
        digits = self.number.digits
        widest = max((f"{v:.{digits}f}" for v in (self.number.low, self.number.high)), key=len)
        wide = self.fontMetrics().horizontalAdvance(f"{self.number.name} {widest}")
        return QSize(wide + 12, tokens.HIT)

    def set_value(self, value: float) -> None:
        """Show a value, without the signal."""
        held = min(max(value, self.number.low), self.number.high)
        if held != self.value:
            self.value = held
            self._say()
            self.update()

    def _change(self, value: float) -> None:
        steps = round((value - self.number.usual) / self.number.step)
        before = self.value
        self.set_value(self.number.usual + steps * self.number.step)
        if self.value != before:
            self.changed.emit(self.value)

    def _say(self) -> None:
        self.setAccessibleName(f"{self.number.name} {self.value:.{self.number.digits}f}")

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        if self.hasFocus():
            painter.setRenderHint(QPainter.Antialiasing)
            painter.setPen(QPen(QColor(tokens.ACCENT), 1))
            box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(box, tokens.RADIUS, tokens.RADIUS)
        elif self.underMouse():
            painter.fillRect(self.rect(), QColor(tokens.BG4))
        inside = QRectF(self.rect()).adjusted(6, 0, -6, 0)
        painter.setPen(QColor(tokens.TX2))
        painter.drawText(inside, int(Qt.AlignVCenter | Qt.AlignLeft), self.number.name)
        painter.setPen(QColor(tokens.TX1 if self.value == self.number.usual else tokens.ACCENT))
        painter.drawText(
            inside, int(Qt.AlignVCenter | Qt.AlignRight), f"{self.value:.{self.number.digits}f}"
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        steps = {Qt.Key_Up: 1, Qt.Key_Down: -1, Qt.Key_PageUp: 10, Qt.Key_PageDown: -10}
        if event.key() in steps:
            self._change(self.value + steps[event.key()] * self.number.step)
        elif event.key() in (Qt.Key_Backspace, Qt.Key_Delete):
            self._change(self.number.usual)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        self._change(self.value + self.number.step * (1 if event.angleDelta().y() > 0 else -1))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._from = event.localPos().x(), self.value

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._from is not None and event.buttons() & Qt.LeftButton:
            steps = (event.localPos().x() - self._from[0]) / PIXELS
            self._change(self._from[1] + steps * self.number.step)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        self._from = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        self._change(self.number.usual)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        self.update()
