"""A field that opens a list of choices, with the desk's own arrow."""

from __future__ import annotations

from PyQt5.QtCore import QRect, QSize, Qt
from PyQt5.QtGui import QPaintEvent, QWheelEvent
from PyQt5.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.look.icons import SMALL, pixmap

_ARROW = 20


class Chooser(QComboBox):
    """`called` is its accessible name; a text that does not fit ends with an ellipsis."""

    def __init__(self, called: str, tip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(called)
        self.setToolTip(tip or called)
        self.setFixedHeight(tokens.HIT)
        self.setSizeAdjustPolicy(QComboBox.AdjustToContents)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(48, tokens.HIT)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """A wheel over it scrolls the page; it changes no choice by accident."""
        event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.CC_ComboBox, option)
        room = QRect(0, 0, self.width() - _ARROW - 10, self.height())
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.ElideRight, room.width()
        )
        painter.drawControl(QStyle.CE_ComboBoxLabel, option)
        colour = tokens.TX3 if self.isEnabled() else tokens.TX4
        picture = pixmap("caret-down", SMALL, colour, self.devicePixelRatioF())
        painter.drawPixmap(self.width() - _ARROW, (self.height() - SMALL) // 2, picture)
