"""The tracker's confidence in one face along the shot, with the frame that is shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt5.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt5.QtWidgets import QSizePolicy, QWidget

from dubsync.desk.look import tokens
from dubsync.service.about_shot import FaceSeen

SIDE, TALL = 12, 48
#: Below this a stretch is worth a look: the line in the plot.
LOW = 0.7


@dataclass(frozen=True, slots=True)
class BadStretch:
    """Plate frames `first` to `last`, both included, and the least confidence there."""

    first: int
    last: int
    least: float


def worst_stretch(face: FaceSeen) -> BadStretch | None:
    """The stretch below LOW in which the confidence is least; None where there is none."""
    low = face.confidence < LOW
    if not low.any():
        return None
    worst = int(np.argmin(face.confidence))
    first = last = worst
    while first > 0 and low[first - 1]:
        first -= 1
    while last < len(low) - 1 and low[last + 1]:
        last += 1
    start = face.frames.start
    return BadStretch(start + first, start + last, float(face.confidence[worst]))


class ConfidenceCurve(QWidget):
    """A click goes to a frame."""

    go_to = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._face: FaceSeen | None = None
        self._frame = 0
        self.setFixedHeight(TALL)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)

    def show_face(self, face: FaceSeen) -> None:
        """Show the confidence in a face."""
        self._face = face
        self.setAccessibleName(f"Confidence in face {face.face}")
        self.update()

    def show_frame(self, frame: int) -> None:
        if frame != self._frame:
            self._frame = frame
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(316, TALL)

    def _x(self, place: float) -> float:
        frames = len(self._face.frames) if self._face is not None else 1
        return SIDE + place / max(frames - 1, 1) * (self.width() - 2 * SIDE)

    @staticmethod
    def _y(confidence: float) -> float:
        return 4 + (1 - confidence) * (TALL - 8)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        face = self._face
        if face is None:
            return
        painter = QPainter(self)
        painter.fillRect(QRectF(SIDE, 0, self.width() - 2 * SIDE, TALL), QColor(tokens.PLOT))
        bad = worst_stretch(face)
        start = face.frames.start
        if bad is not None:
            left, right = self._x(bad.first - start), self._x(bad.last - start)
            colour = QColor(tokens.STALE)
            colour.setAlphaF(0.12)
            painter.fillRect(QRectF(left, 0, max(right - left, 2), TALL), colour)
        painter.setPen(QPen(QColor(tokens.TX4), 1, Qt.DashLine))
        painter.drawLine(QPointF(SIDE, self._y(LOW)), QPointF(self.width() - SIDE, self._y(LOW)))
        painter.setRenderHint(QPainter.Antialiasing)
        line = QPolygonF([QPointF(self._x(n), self._y(float(value)))
                          for n, value in enumerate(face.confidence)])  # fmt: skip
        painter.setPen(QPen(QColor(tokens.CURVE_RESULT), 1.25))
        painter.drawPolyline(line)
        if start <= self._frame < face.frames.stop:
            painter.setRenderHint(QPainter.Antialiasing, False)
            x = self._x(self._frame - start)
            painter.setPen(QPen(QColor(tokens.ACCENT), 1))
            painter.drawLine(QPointF(x, 0), QPointF(x, TALL))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.buttons() & Qt.LeftButton:
            self._go(event)

    def _go(self, event: QMouseEvent) -> None:
        face = self._face
        if face is None:
            return
        share = (event.localPos().x() - SIDE) / max(self.width() - 2 * SIDE, 1)
        place = round(min(max(share, 0.0), 1.0) * (len(face.frames) - 1))
        self.go_to.emit(face.frames.start + place)
