"""The ruler: record timecode over the frames."""

from __future__ import annotations

from PyQt5.QtCore import QRect, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QMouseEvent, QPainter
from PyQt5.QtWidgets import QWidget

from dubsync.core.timeline.timecode import TIMECODE_RATES, Timecode
from dubsync.desk.curves.axes.time_view import TimeView
from dubsync.desk.curves.lanes.lane import Lane, hairline
from dubsync.desk.look import tokens
from dubsync.desk.session.session import Session

HEIGHT = 20
LENGTHS = (3, 6, 8)
#: Pixels between the middles of two timecodes that do not touch.
WIDE = 68


class RulerLane(Lane):
    """Marks and timecodes; a press or a drag goes to that frame.  `stood` tells it."""

    stood = pyqtSignal(int)

    def __init__(self, session: Session, view: TimeView, parent: QWidget | None = None) -> None:
        super().__init__("Record timecode", view, HEIGHT, parent)
        self._session, self._frame = session, -1

    def show_frame(self, frame: int) -> None:
        """Where the playhead stands: its label takes the place of another under it."""
        self._frame = frame
        self.renew()

    def paint(self, painter: QPainter) -> None:
        painter.setOpacity(1)
        painter.fillRect(self.rect(), QColor(tokens.BG2))
        playhead = self.view.axis.middle(self._frame)
        for tick in self.view.ticks:
            x = round(self.view.axis.x(tick.edge))
            painter.setPen(hairline(tokens.TICKS[tick.size]))
            painter.drawLine(x, HEIGHT - LENGTHS[tick.size], x, HEIGHT)
            if tick.labelled and x >= 0 and abs(x + 34 - playhead) > WIDE:
                painter.setPen(QColor(tokens.TX2))
                place = QRect(x + 4, 2, 100, 14)
                painter.drawText(place, Qt.AlignLeft | Qt.AlignVCenter, self._text(tick.record))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.stood.emit(self.view.axis.frame(event.x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.buttons() & Qt.LeftButton:
            self.stood.emit(self.view.axis.frame(event.x()))

    def _text(self, record: int) -> str:
        overview = self._session.overview
        if overview is None or overview.rate not in TIMECODE_RATES or record < 0:
            return str(record)
        return str(Timecode(record, overview.rate, overview.drop))
