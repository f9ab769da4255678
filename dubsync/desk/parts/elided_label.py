"""A line of text that ends with an ellipsis, in its middle or at its end, where it does not fit."""

from __future__ import annotations

from PyQt5.QtCore import QSize, Qt
from PyQt5.QtGui import QPainter, QPaintEvent
from PyQt5.QtWidgets import QLabel, QSizePolicy, QWidget


class ElidedLabel(QLabel):
    """Shows all of its text in the tooltip where it is cut."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, middle: bool = False):
        super().__init__(text, parent)
        self._mode = Qt.ElideMiddle if middle else Qt.ElideRight
        self.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Preferred)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        shown = self.fontMetrics().elidedText(self.text(), self._mode, self.width())
        if shown != self.text() and not self.toolTip():
            self.setToolTip(self.text())
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), int(self.alignment() | Qt.AlignVCenter), shown)
