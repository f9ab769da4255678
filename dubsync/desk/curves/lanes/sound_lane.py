"""The dub's waveform; dragging it slips the mouth against it."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QLineF, QRectF, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QMouseEvent, QPainter, QPen
from PyQt5.QtWidgets import QWidget

from dubsync.desk.curves.axes.level_columns import Levels, columns
from dubsync.desk.curves.axes.time_view import TimeView
from dubsync.desk.curves.axes.value_axis import value_text
from dubsync.desk.curves.lanes.lane import Lane, hairline
from dubsync.desk.look import tokens

HEIGHT = 36
#: Levels in a paint are lines of one logical pixel, this much of the lane's half at full scale.
FULL = 0.94
SILENT = 0.01  #: from the lowest to the highest level, not drawn


def paint_levels(
    painter: QPainter, levels: Levels, middle: float, half: float, colour: str
) -> None:
    """A line for each pixel from its lowest to its highest level (N, 2), full scale 1."""
    x = np.flatnonzero(levels[:, 1] - levels[:, 0] > SILENT)
    if not len(x):
        return
    ends = middle - levels[x].astype(np.float64).ravel() * half
    painter.setPen(QPen(QColor(colour), 1, Qt.SolidLine, Qt.FlatCap))
    painter.drawPath(pg.arrayToQPath(x.repeat(2) + 0.5, ends, connect="pairs"))


class SoundLane(Lane):
    """Lowest and highest level under each pixel.

    slipped  how far a drag is from its press, in frames; `dropped` ends it
    """

    slip_begun = pyqtSignal()
    slipped = pyqtSignal(float)
    dropped = pyqtSignal()

    def __init__(self, view: TimeView, parent: QWidget | None = None) -> None:
        super().__init__("Waveform of the dub; drag to slip the mouth", view, HEIGHT, parent)
        self._levels: Levels = np.zeros((0, 2), np.float32)
        self._each, self._start, self._loudest = 1, 0, 1.0
        self._from: float | None = None
        self._slip_ms, self._ghost = 0.0, 0.0
        self.setCursor(Qt.SizeHorCursor)

    def show_levels(self, levels: Levels | None, each: int, start: int) -> None:
        """Levels (N, 2), `each` of every frame from `start`; None: no sound."""
        self._levels = np.zeros((0, 2), np.float32) if levels is None else levels
        self._each, self._start = each, start
        peak = float(np.abs(self._levels).max()) if len(self._levels) else 0.0
        self._loudest = max(peak, 0.05)
        self.renew()

    def show_slip(self, slip_ms: float, frames: float) -> None:
        """The slip under way: `frames` is how far the mouth is from its sound."""
        self._slip_ms, self._ghost = slip_ms, frames
        self.renew()

    def paint(self, painter: QPainter) -> None:
        middle = self.height() / 2
        painter.setPen(hairline(tokens.WAVE_LINE))
        painter.drawLine(QLineF(0, middle, self.width(), middle))
        self._paint_levels(painter, 0, tokens.WAVE)
        if self._from is not None:
            painter.setOpacity(0.6)
            self._paint_levels(painter, self._ghost, tokens.ACCENT)
            painter.setOpacity(1)
            painter.setPen(QColor(tokens.KEY_TEXT))
            text = f"mouth {value_text('slip_ms', self._slip_ms)}"
            painter.drawText(QRectF(8, 2, 160, 14), Qt.AlignLeft | Qt.AlignVCenter, text)

    def _paint_levels(self, painter: QPainter, later: float, colour: str) -> None:
        axis = self.view.axis.panned_freely(-later)
        found = columns(self._levels, self._each, axis, self._start) / self._loudest
        paint_levels(painter, found, self.height() / 2, (self.height() / 2 - 2) * FULL, colour)

    # -- slipping ----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.LeftButton and not self.faint:
            self._from = event.localPos().x()
            self.slip_begun.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._from is not None:
            self.slipped.emit((event.localPos().x() - self._from) / self.view.axis.scale)

    def let_go(self) -> None:
        """A drag under way ends here, and changes nothing more."""
        self._from = None

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        if self._from is not None:
            self._from = None
            self.renew()
            self.dropped.emit()
