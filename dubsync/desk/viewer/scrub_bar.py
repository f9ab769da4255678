"""The bar under the picture: the shot with its handles, loop marks, ticks, what is in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt5.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PyQt5.QtWidgets import QToolTip, QWidget

from dubsync.core.timeline.timecode import FrameRange
from dubsync.desk.look import tokens

INSET = 12  #: at both ends


@dataclass(frozen=True, slots=True)
class Tick:
    """Something at a record frame: "note" or "finding", its colour and words."""

    record: int
    kind: str
    colour: str
    text: str = ""


class ScrubBar(QWidget):
    """Record frames from left to right.

    sought   (record frame) a hand stands on another
    grabbed  a hand takes hold (True) or lets go (False)
    """

    sought = pyqtSignal(int)
    grabbed = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(tokens.SCRUB_BAR)
        self.setAttribute(Qt.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.StrongFocus)
        self.setAccessibleName("Scrub bar")
        self.setToolTip("Drag to scrub (left and right arrow: a frame)")
        self.whole: FrameRange | None = None
        self.cut: FrameRange | None = None
        self.loop: FrameRange | None = None
        self.marked = False
        self.record = 0
        self.ticks: tuple[Tick, ...] = ()
        self.held: tuple[tuple[int, int], ...] = ()

    def show_range(
        self, whole: FrameRange | None, cut: FrameRange | None, loop: FrameRange | None,
        marked: bool,
    ) -> None:  # fmt: skip
        """All record frames, those of the cut, and those that are played."""
        self.whole, self.cut, self.loop, self.marked = whole, cut, loop, marked
        self.update()

    def show_record(self, record: int) -> None:
        if record != self.record:
            self.record = record
            self.setAccessibleDescription(f"record frame {record}")
            self.update()

    def show_ticks(self, ticks: Sequence[Tick]) -> None:
        self.ticks = tuple(ticks)
        self.update()

    def show_held(self, runs: Sequence[tuple[int, int]]) -> None:
        """Record frames whose pictures are in memory, as (first, stop)."""
        if tuple(runs) != self.held:
            self.held = tuple(runs)
            self.update()

    def place(self, record: float) -> float:
        """Where a record frame is, logical pixels from the left."""
        if self.whole is None:
            return 0.0
        share = (record - self.whole.start) / len(self.whole)
        return INSET + share * (self.width() - 2 * INSET)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.BG2))
        if self.whole is None or self.cut is None or self.loop is None:
            return
        line = 9.0
        painter.fillRect(self._span(self.whole.start, self.whole.stop, line - 1, 2),
                         QColor(tokens.EDGE))  # fmt: skip
        painter.fillRect(self._span(self.cut.start, self.cut.stop, line - 1, 2),
                         QColor(tokens.TX4))  # fmt: skip
        for first, stop in self.held:
            painter.fillRect(self._span(first, stop, line + 3, 1), QColor(tokens.APPROVED))
        colour = QColor(tokens.ACCENT if self.marked else tokens.TX1)
        painter.setPen(colour)
        for at, way in ((self.loop.start, 1), (self.loop.stop, -1)):
            x = round(self.place(at)) + 0.5
            painter.drawLine(QLineF(x, line - 5, x, line + 3))
            for y in (line - 5, line + 3):
                painter.drawLine(QLineF(x, y, x + 3 * way, y))
        self._paint_ticks(painter)
        x = self.place(self.record + 0.5)
        painter.fillRect(QRectF(round(x) - 1, 3, 2, 12), QColor(tokens.ACCENT))
        if self.hasFocus():
            painter.setPen(QColor(tokens.ACCENT))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_ticks(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(Qt.NoPen)
        for tick in self.ticks:
            x = round(self.place(tick.record + 0.5))
            painter.setBrush(QColor(tick.colour))
            if tick.kind == "note":
                painter.drawRect(QRectF(x - 2.5, 1, 5, 5))
            else:
                painter.drawPolygon(QPolygonF([
                    QPointF(x - 3.5, 1), QPointF(x + 3.5, 1), QPointF(x, 6)
                ]))  # fmt: skip
        painter.setRenderHint(QPainter.Antialiasing, False)

    def _span(self, first: int, stop: int, top: float, high: float) -> QRectF:
        left, right = self.place(first), self.place(stop)
        return QRectF(left, top, max(right - left, 1), high)

    # -- hands -------------------------------------------------------------------------------

    def _at(self, event: QMouseEvent) -> int | None:
        if self.whole is None:
            return None
        room = max(self.width() - 2 * INSET, 1)
        share = (event.localPos().x() - INSET) / room
        record = self.whole.start + int(share * len(self.whole) // 1)
        return min(max(record, self.whole.start), self.whole.stop - 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.LeftButton:
            self.grabbed.emit(True)
            self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        record = self._at(event)
        if record is not None and event.buttons() & Qt.LeftButton:
            self.sought.emit(record)

    def event(self, event: QEvent) -> bool:
        """The words of a tick under the mouse as its tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.ToolTip:
            near = [t for t in self.ticks if abs(self.place(t.record + 0.5) - event.x()) <= 5]
            text = "\n".join(t.text for t in near if t.text) or self.toolTip()
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return bool(super().event(event))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        self.grabbed.emit(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        by = {Qt.Key_PageDown: 10, Qt.Key_PageUp: -10}.get(event.key())
        if by is None or self.whole is None:
            super().keyPressEvent(event)
            return
        at = min(max(self.record + by, self.whole.start), self.whole.stop - 1)
        self.sought.emit(at)
