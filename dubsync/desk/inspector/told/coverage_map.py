"""A character's footage as a map: turn of the head across, lip opening down."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QRectF, QSize
from PyQt5.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import QSizePolicy, QWidget

from dubsync.core.plural import counted
from dubsync.desk.look import tokens
from dubsync.service.about_shot import ShotCoverage

SIDE, CELL, LEGEND = 12, (26, 16), 24


class CoverageMap(QWidget):
    """Filled where the plates show such a mouth; outlined where the dub wants one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._of: ShotCoverage | None = None
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.setFixedHeight(5 * CELL[1] + LEGEND + 4)

    def show_coverage(self, coverage: ShotCoverage) -> None:
        self._of = coverage
        self.setAccessibleName(f"Coverage of {coverage.character}")
        self.setAccessibleDescription(f"{coverage.lacking} frames of this shot lack coverage")
        self.setToolTip(
            "Turn of the head across, lips apart down: closed at the bottom.\n"
            "A filled cell is seen in the plates, brighter the more often; the dub wants the\n"
            "outlined ones."
        )
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(9 * CELL[0] + 2 * SIDE, self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        if self._of is None:
            return
        painter = QPainter(self)
        seen, wanted = self._of.seen[::-1], self._of.wanted[::-1]
        most = max(int(seen.max()), 1)
        for (row, column), count in np.ndenumerate(seen):
            cell = QRectF(SIDE + column * CELL[0], row * CELL[1], CELL[0] - 1, CELL[1] - 1)
            painter.fillRect(cell, _shade(int(count) / most if count else 0.0))
            if wanted[row, column]:
                painter.setPen(QPen(QColor(tokens.ACCENT), 1))
                painter.drawRect(cell.adjusted(0.5, 0.5, -0.5, -0.5))
        y = 5 * CELL[1] + 6
        lacking = f"wanted, {counted(self._of.lacking, 'frame')} lacking"
        painter.fillRect(QRectF(SIDE, y + 3, 9, 9), QColor(tokens.CURVE_PLATE))
        painter.setPen(QColor(tokens.TX2))
        painter.drawText(QRectF(SIDE + 16, y, 110, 16), "seen in the plates")
        painter.drawText(QRectF(SIDE + 148, y, 180, 16), lacking)
        painter.setPen(QPen(QColor(tokens.ACCENT), 1))
        painter.drawRect(QRectF(SIDE + 132.5, y + 3.5, 8, 8))


def _shade(share: float) -> QColor:
    """From the ground of a plot to a light grey; a cell seen once is told from a bare one."""
    if share == 0:
        return QColor(tokens.PLOT)
    grey = round(72 + 110 * share**0.5)
    return QColor(grey, grey, grey)
