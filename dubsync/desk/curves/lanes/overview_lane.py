"""The whole shot, with the part that the lanes show: drag it, or its ends."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPixmap
from PyQt5.QtWidgets import QWidget

from dubsync.core.timeline.timecode import FrameRange
from dubsync.desk.curves.axes.level_columns import Levels, columns
from dubsync.desk.curves.axes.time_axis import TimeAxis
from dubsync.desk.curves.axes.time_view import TimeView
from dubsync.desk.curves.lanes.lane import Lane, blank, fits
from dubsync.desk.curves.lanes.sound_lane import paint_levels
from dubsync.desk.look import tokens

HEIGHT, NEAR_END = 16, 5


class OverviewLane(Lane):
    """Pressed beside the visible part, it brings that part there."""

    def __init__(self, view: TimeView, parent: QWidget | None = None) -> None:
        super().__init__("Whole shot", view, HEIGHT, parent)
        self._levels: Levels = np.zeros((0, 2), np.float32)
        self._each, self._start, self._frame = 1, 0, 0
        self._cut: FrameRange | None = None
        self._back: QPixmap | None = None
        self._held: tuple[str, float, TimeAxis] | None = None
        self.setMouseTracking(True)

    def show_levels(self, levels: Levels | None, each: int, start: int) -> None:
        self._levels = np.zeros((0, 2), np.float32) if levels is None else levels
        self._each, self._start = each, start
        self._back = None
        self.renew()

    def show_cut(self, cut: FrameRange | None) -> None:
        """The frames that the cut shows; the others are handles."""
        self._cut = cut
        self._back = None
        self.renew()

    def show_frame(self, frame: int) -> None:
        self._frame = frame
        self.renew()

    def said(self) -> list[str]:
        seen = self.view.axis
        return [f"frames {int(seen.left)} to {int(seen.right)} are seen"]

    def _axis(self) -> TimeAxis:
        seen = self.view.axis
        return TimeAxis.whole(seen.start, seen.stop, self.width())

    def _ends(self) -> tuple[float, float]:
        axis, seen = self._axis(), self.view.axis
        return axis.x(seen.left), axis.x(seen.right)

    def paint(self, painter: QPainter) -> None:
        axis = self._axis()
        if self._back is None or not fits(self._back, self):
            self._back = blank(self)
            back = QPainter(self._back)
            self._paint_back(back, axis)
            back.end()
        painter.drawPixmap(0, 0, self._back)
        self._paint_seen(painter, axis)

    def _paint_back(self, painter: QPainter, axis: TimeAxis) -> None:
        """The cut's frames, the handles and the sound, which no view changes."""
        painter.fillRect(
            QRectF(axis.x(axis.start), 5, (axis.stop - axis.start) * axis.scale, 7),
            QColor(tokens.LANE_GRID),
        )
        if self._cut is not None:
            wide = len(self._cut) * axis.scale
            painter.fillRect(QRectF(axis.x(self._cut.start), 5, wide, 7), QColor(tokens.BG4))
        found = columns(self._levels, self._each, axis, self._start)
        found /= max(float(np.abs(found).max()), 0.05)
        paint_levels(painter, found, HEIGHT / 2 + 0.5, 5, tokens.TX4)

    def _paint_seen(self, painter: QPainter, axis: TimeAxis) -> None:
        left, right = self._ends()
        window = QRectF(max(left, 0.5), 2.5, min(right, self.width() - 0.5) - max(left, 0.5), 12)
        tint = QColor(tokens.ACCENT)
        tint.setAlphaF(0.12)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setBrush(tint)
        painter.setPen(QPen(QColor(tokens.ACCENT), 1))
        painter.drawRoundedRect(window, 2, 2)
        painter.setRenderHint(QPainter.Antialiasing, False)
        x = round(axis.middle(self._frame))
        painter.fillRect(x, 2, 1, HEIGHT - 3, QColor(tokens.CURVE_RESULT))

    # -- the hand ----------------------------------------------------------------------------

    def _part(self, x: float) -> str:
        left, right = self._ends()
        if abs(x - left) <= NEAR_END:
            return "left"
        if abs(x - right) <= NEAR_END:
            return "right"
        return "middle" if left < x < right else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        x = event.localPos().x()
        part = self._part(x)
        if not part:
            seen = self.view.axis
            self.view.pan((self._axis().edge(x) - (seen.left + seen.right) / 2) * seen.scale)
            part = "middle"
        self._held = part, x, self.view.axis

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        x = event.localPos().x()
        if self._held is None:
            ends = self._part(x) in ("left", "right")
            self.setCursor(Qt.SizeHorCursor if ends else Qt.ArrowCursor)
            return
        part, pressed, axis = self._held
        by = (x - pressed) / self._axis().scale
        if part == "middle":
            self.view.set(axis.panned(by))
        elif part == "left":
            self.view.set(axis.showing(min(axis.left + by, axis.right - 1), axis.right))
        else:
            self.view.set(axis.showing(axis.left, max(axis.right + by, axis.left + 1)))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        self._held = None

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Page up and down turn the visible part by its own width."""
        turned = {Qt.Key_PageUp: -0.9, Qt.Key_PageDown: 0.9}.get(event.key())
        if turned is None:
            super().keyPressEvent(event)
        else:
            self.view.pan(turned * self.view.axis.width)
