"""A lane of pyqtgraph without its looks: no axes, no buttons, no menu, no range of its own."""

from __future__ import annotations

import pyqtgraph as pg
from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtGui import QColor, QPainter, QResizeEvent, QWheelEvent
from PyQt5.QtWidgets import QWidget

from dubsync.desk.curves.axes.time_view import TimeView
from dubsync.desk.curves.lanes.lane import FAINT, hairline, paint_edge, paint_time, turn
from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font

#: Visible points from which a line is drawn without antialiasing, and dashes are left out.
MANY = 5000


class PlotLane(pg.PlotWidget):
    """Lines by pyqtgraph; what lies behind and before them is painted in pixels of the lane."""

    def __init__(
        self, name: str, view: TimeView, height: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, background=tokens.PLOT)
        self.time, self.faint = view, False
        self._low, self._high = 0.0, 1.0
        plot = self.getPlotItem()
        for side in ("left", "bottom", "right", "top"):
            plot.hideAxis(side)
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.layout.setContentsMargins(0, 0, 0, 0)
        box = plot.getViewBox()
        box.setMouseEnabled(False, False)
        box.disableAutoRange()
        box.setDefaultPadding(0)
        self.setMinimumHeight(height)
        self.setFocusPolicy(Qt.TabFocus)
        self.setAccessibleName(name)
        self.setFrameShape(self.NoFrame)
        self.setCacheMode(self.CacheNone)  # what is behind the lines changes with the hand
        view.changed.connect(self._follow)

    def said(self) -> list[str]:
        """What the lane holds, in order."""
        return []

    def behind(self, painter: QPainter) -> None:
        """Paint behind the lines."""

    def before(self, painter: QPainter) -> None:
        """Paint over the lines."""

    def set_faint(self, faint: bool) -> None:
        self.faint = faint
        self.getPlotItem().setOpacity(FAINT if faint else 1)
        self.viewport().update()

    def set_values(self, low: float, high: float) -> None:
        """The values at the lane's lower and upper edge."""
        self._low, self._high = low, high
        self._follow()

    def repaint_all(self) -> None:
        """What is behind or before the lines is another."""
        self.scene().update()

    def _follow(self) -> None:
        axis = self.time.axis
        self.getPlotItem().getViewBox().setRange(
            xRange=(axis.left, axis.right), yRange=(self._low, self._high),
            padding=0, disableAutoRange=True,
        )  # fmt: skip
        self.repaint_all()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        super().resizeEvent(event)
        if event is not None and hasattr(self, "_low"):
            self.resized()

    def resized(self) -> None:
        """The lane has another size."""

    # -- painting ----------------------------------------------------------------------------

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:  # noqa: N802
        painter.fillRect(rect, QColor(tokens.PLOT))
        paint_time(painter, self.time, self.height())
        painter.save()
        self.behind(painter)
        painter.restore()

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:  # noqa: N802
        painter.save()
        painter.setFont(font(tokens.SMALL))
        painter.setRenderHint(QPainter.Antialiasing)
        if self.faint:
            painter.setOpacity(FAINT)
        self.before(painter)
        painter.restore()
        painter.setRenderHint(QPainter.Antialiasing, False)
        paint_edge(painter, self.rect(), self.hasFocus())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        turn(self.time, event)


def rule(painter: QPainter, y: float, width: int, colour: str) -> None:
    """A hairline across the lane."""
    painter.setPen(hairline(colour))
    painter.drawLine(0, round(y), width, round(y))
