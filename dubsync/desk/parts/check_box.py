"""A check box as rows paint theirs: accent with a tick."""

from __future__ import annotations

from PyQt5.QtCore import QPoint, QRect, QSize
from PyQt5.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import QCheckBox, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.parts.row_painting import draw_check, draw_text

_BOX, _GAP, _HEIGHT = 16, 6, 20


class CheckBox(QCheckBox):
    """Its words are its accessible name."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAccessibleName(text)
        self.setToolTip(text)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(_BOX + _GAP + self.fontMetrics().width(self.text()) + 8, _HEIGHT)

    def hitButton(self, _at: QPoint) -> bool:  # noqa: N802
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        box = QRect(0, (self.height() - _BOX) // 2, _BOX, _BOX)
        if not self.isEnabled():
            painter.setOpacity(0.5)
        draw_check(painter, box, self.isChecked())
        words = QRect(_BOX + _GAP, 0, max(self.width() - _BOX - _GAP, 0), self.height())
        draw_text(painter, words, self.text(), tokens.TX1 if self.isEnabled() else tokens.TX4)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.ACCENT), 1))
            painter.drawRect(self.rect().adjusted(_BOX + 2, 0, -1, -1))
