"""The playhead over all lanes: a column of the frame, its line, its timecode."""

from __future__ import annotations

from PyQt5.QtCore import QPointF, QRect, QRectF, Qt
from PyQt5.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPolygonF
from PyQt5.QtWidgets import QWidget

from dubsync.desk.curves.axes.time_view import TimeView
from dubsync.desk.curves.lanes.ruler_lane import HEIGHT
from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font

#: Half the width of the timecode's label, and of the column that is painted again.
HALF = 36


class Playhead(QWidget):
    """Lies over the lanes and lets the mouse through; moving it repaints two columns."""

    def __init__(self, view: TimeView, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.NoFocus)
        self._view, self._frame, self._text, self.bottom = view, 0, "", 0
        view.changed.connect(self.update)

    def show_frame(self, frame: int, text: str) -> None:
        """Stand on a frame, whose record timecode is `text`."""
        if (frame, text) != (self._frame, self._text):
            for place in (self._columns(), None):
                if place is None:
                    self._frame, self._text = frame, text
                    place = self._columns()
                for rect in place:
                    self.update(rect)

    def _columns(self) -> tuple[QRect, QRect]:
        axis = self._view.axis
        x, half = axis.middle(self._frame), max(axis.scale / 2, 1)
        label = QRect(int(x) - HALF - 2, 0, 2 * HALF + 5, HEIGHT + 4)
        return label, QRect(int(x - half) - 2, 0, int(2 * half) + 5, self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        if not self._text:
            return
        axis = self._view.axis
        x = axis.middle(self._frame)
        if not -HALF <= x <= self.width() + HALF:
            return
        painter = QPainter(self)
        column = QColor(tokens.ACCENT)
        column.setAlphaF(0.14)
        below = self.height() - HEIGHT - self.bottom
        if axis.scale > 2:
            painter.fillRect(QRectF(x - axis.scale / 2, HEIGHT, axis.scale, below), column)
        painter.fillRect(QRectF(round(x - 0.5), HEIGHT, 1.5, below), QColor(tokens.ACCENT))
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setFont(font(tokens.SMALL))
        wide = QFontMetricsF(painter.font()).horizontalAdvance(self._text) + 10
        left = min(max(x - wide / 2, 0), self.width() - wide)
        painter.setPen(Qt.NoPen)
        painter.setBrush(QColor(tokens.ACCENT))
        label = QRectF(left, 2, wide, 15)
        painter.drawRoundedRect(label, 2, 2)
        if left <= x - 4 and x + 4 <= left + wide:
            painter.drawPolygon(
                QPolygonF([QPointF(x - 4, 16.5), QPointF(x + 4, 16.5), QPointF(x, 20.5)])
            )
        painter.setPen(QColor(tokens.ON_ACCENT))
        painter.drawText(label, Qt.AlignCenter, self._text)
