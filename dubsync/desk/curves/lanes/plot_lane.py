"""A lane of pyqtgraph without its looks: no axes, no buttons, no menu, no range of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtGui import (
    QColor,
    QFocusEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PyQt5.QtWidgets import QWidget

from dubsync.desk.curves.axes.time_axis import TimeAxis
from dubsync.desk.curves.axes.time_view import TimeView
from dubsync.desk.curves.axes.visible_line import visible
from dubsync.desk.curves.lanes.lane import (
    FAINT,
    blank,
    blit,
    fits,
    hairline,
    paint_edge,
    paint_time,
    read_out,
    turn,
)
from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font

#: Pixels of a frame below which lines are thin and whole, without antialiasing.
DENSE = 2.0


class FrameLine:
    """A line over frames in a plot: only what is seen of it is drawn."""

    def __init__(
        self, plot: pg.PlotWidget, colour: str, width: float, dashes: Sequence[float] = ()
    ) -> None:
        self._look = colour, width, tuple(dashes)
        self._drawn: tuple[bool, float] | None = None
        self._item = pg.PlotCurveItem(connect="finite")
        self._values, self._start = np.zeros(0), 0
        plot.addItem(self._item)

    def show(self, values: NDArray[np.float64], start: int) -> None:
        """Values (T,) from frame `start`; `follow` draws them."""
        self._values, self._start = values, start

    def follow(self, axis: TimeAxis, scale: float) -> None:
        """Draw what `axis` shows; `scale` is device pixels to a pixel of the design."""
        dense = axis.scale < DENSE
        if self._drawn != (dense, scale):
            self._drawn = dense, scale
            colour, width, dashes = self._look
            self._item.opts["antialias"] = not dense
            self._item.setPen(
                _pen(colour, (1 if dense else width) * scale, () if dense else dashes)
            )
        x, y = visible(self._values, self._start, axis)
        self._item.setData(x, y, connect="finite", skipFiniteCheck=False)


class PlotLane(pg.PlotWidget):
    """Lines by pyqtgraph; what lies behind and before them is painted in pixels of the lane."""

    def __init__(
        self, name: str, view: TimeView, height: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, background=tokens.PLOT)
        self.time, self.faint = view, False
        self._low, self._high = 0.0, 1.0
        self._picture: QPixmap | None = None
        self.drawn: list[FrameLine] = []
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

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        self.setAccessibleDescription(read_out(self.said()))
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self.viewport().update()

    def behind(self, painter: QPainter) -> None:
        """Paint behind the lines."""

    def before(self, painter: QPainter) -> None:
        """Paint over the lines."""

    def set_faint(self, faint: bool) -> None:
        self.faint = faint
        self.getPlotItem().setOpacity(FAINT if faint else 1)
        self.renew()

    def set_values(self, low: float, high: float) -> None:
        """The values at the lane's lower and upper edge."""
        self._low, self._high = low, high
        self._follow()

    def renew(self) -> None:
        """What it shows is another: paint all of it again."""
        self._picture = None
        self.viewport().update()

    def _follow(self) -> None:
        axis = self.time.axis
        self.getPlotItem().getViewBox().setRange(
            xRange=(axis.left, axis.right), yRange=(self._low, self._high),
            padding=0, disableAutoRange=True,
        )  # fmt: skip
        for line in self.drawn:
            line.follow(axis, self.devicePixelRatioF())
        self.renew()

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

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The scene is drawn once into a picture: a moving playhead copies a column of it."""
        if self._picture is None or not fits(self._picture, self):
            if self._picture is not None:  # on a screen of another scale now
                self._follow()
            self._picture = blank(self)
            painter = QPainter(self._picture)
            self.render(painter, QRectF(self.rect()), self.rect(), Qt.IgnoreAspectRatio)
            painter.end()
        painter = QPainter(self.viewport())
        blit(painter, event.rect(), self._picture)
        paint_edge(painter, self.rect(), self.hasFocus())

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:  # noqa: N802
        painter.save()
        painter.setFont(font(tokens.SMALL))
        painter.setRenderHint(QPainter.Antialiasing)
        if self.faint:
            painter.setOpacity(FAINT)
        self.before(painter)
        painter.restore()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        turn(self.time, event)


def rule(painter: QPainter, y: float, width: int, colour: str) -> None:
    """A hairline across the lane."""
    painter.setPen(hairline(colour))
    painter.drawLine(0, round(y), width, round(y))


def _pen(colour: str, width: float, dashes: Sequence[float]) -> QPen:
    pen = pg.mkPen(colour, width=width)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.RoundJoin)
    if dashes:
        pen.setDashPattern(list(dashes))
    return pen
