"""The comp lane, which source drives which frames, and a lane for each take."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt5.QtGui import QBrush, QColor, QHelpEvent, QMouseEvent, QPainter, QPen
from PyQt5.QtWidgets import QToolTip, QWidget

from dubsync.core.tweak.take_comp import PLATE, SOUND
from dubsync.desk.curves.axes.time_view import TimeView
from dubsync.desk.curves.comp_parts import BRIEFLY, CompPart, TakeBox, TakeRow, refusals
from dubsync.desk.curves.lanes.lane import Lane
from dubsync.desk.look import icons, tokens

HEIGHT, TAKE_HEIGHT = 20, 16
#: Half a dissolve's line along the lane, at most.
DISSOLVE = 16
#: Source -> fill and line under it; a take's is any other.
LOOKS = {
    SOUND: (tokens.FILL_SOUND, tokens.CURVE_SOUND), PLATE: (tokens.BG3, tokens.CURVE_PLATE),
}  # fmt: skip
TAKE_LOOK = (tokens.FILL_TAKE, tokens.CURVE_TAKE)


class CompLane(Lane):
    """Parts side by side; `stood` tells the first frame of the one that is pressed."""

    stood = pyqtSignal(int)

    def __init__(self, view: TimeView, parent: QWidget | None = None) -> None:
        super().__init__("Comp", view, HEIGHT, parent)
        self.parts: tuple[CompPart, ...] = ()

    def show_parts(self, parts: Sequence[CompPart]) -> None:
        if tuple(parts) != self.parts:
            self.parts = tuple(parts)
            self.renew()

    def said(self) -> list[str]:
        return [part.said for part in self.parts]

    def paint(self, painter: QPainter) -> None:
        axis = self.view.axis
        painter.setRenderHint(QPainter.Antialiasing)
        edges = []
        for n, part in enumerate(self.parts):
            left, right = axis.x(part.first), axis.x(part.last + 1) - 1
            if right < 0 or left > axis.width:
                continue
            fill, line = LOOKS.get(part.source, TAKE_LOOK)
            painter.setPen(Qt.NoPen)
            painter.setBrush(QColor(fill))
            painter.drawRoundedRect(QRectF(left, 2, max(right - left, 1), 16), 2, 2)
            painter.fillRect(QRectF(left, 16, max(right - left, 1), 2), QColor(line))
            self._name(painter, part, max(left, 0), min(right, axis.width))
            if n and self.parts[n - 1].last + 1 == part.first:
                edges.append(left)
        painter.setPen(QPen(QColor(tokens.BG0), 2))
        for x in edges:
            painter.drawLine(QPointF(x - DISSOLVE, 18), QPointF(x + DISSOLVE, 2))

    def _name(self, painter: QPainter, part: CompPart, left: float, right: float) -> None:
        wide = painter.fontMetrics().horizontalAdvance(part.name)
        if right - left < wide + 24:
            return
        painter.setPen(QColor(tokens.TX1))
        painter.drawText(QRectF(left + 12, 2, wide + 2, 14), Qt.AlignVCenter, part.name)
        if part.by_hand and right - left > wide + 44:
            hand = icons.pixmap("hand-pointing", 12, tokens.TX1, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(left + 16 + wide, 3), hand)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.ToolTip and isinstance(event, QHelpEvent):
            frame = self.view.axis.frame(event.pos().x())
            hit = next((p for p in self.parts if p.first <= frame <= p.last), None)
            QToolTip.showText(event.globalPos(), hit.said if hit else "", self)
            return True
        return bool(super().event(event))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        frame = self.view.axis.frame(event.x())
        hit = next((p for p in self.parts if p.first <= frame <= p.last), None)
        self.stood.emit(hit.first if hit else frame)


class TakeLane(Lane):
    """The words of one take; `chosen` tells (word's number, take) of a box that is pressed."""

    chosen = pyqtSignal(int, str)

    def __init__(self, row: TakeRow, view: TimeView, parent: QWidget | None = None) -> None:
        super().__init__(f"Take {row.name}", view, TAKE_HEIGHT, parent)
        self.row = row

    def show_row(self, row: TakeRow) -> None:
        if row != self.row:
            self.row = row
            self.renew()

    def said(self) -> list[str]:
        return [box.said for box in self.row.boxes]

    def paint(self, painter: QPainter) -> None:
        axis = self.view.axis
        painter.setRenderHint(QPainter.Antialiasing)
        for box in self.row.boxes:
            left, right = axis.x(box.first), axis.x(box.last + 1) - 1
            if right < 0 or left > axis.width:
                continue
            place = QRectF(left, 3, max(right - left, 1), 10)
            if box.use == "used":
                painter.setPen(Qt.NoPen)
                painter.setBrush(QColor(tokens.LANE_TAKE))
                painter.drawRoundedRect(place, 1, 1)
            elif box.use == "open":
                painter.setPen(QPen(QColor(tokens.LANE_OPEN_EDGE), 1))
                painter.setBrush(QColor(tokens.LANE_OPEN))
                painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 1, 1)
        for first, last, reason in refusals(self.row.boxes):
            left, right = axis.x(first), axis.x(last + 1) - 1
            if right >= 0 and left <= axis.width:
                self._refused(painter, QRectF(left, 3, max(right - left, 1), 10), reason)

    def _refused(self, painter: QPainter, place: QRectF, reason: str) -> None:
        painter.setPen(QPen(QColor(tokens.HATCH), 1))
        painter.setBrush(QBrush(QColor(tokens.HATCH), Qt.BDiagPattern))
        painter.drawRect(place.adjusted(0.5, 0.5, -0.5, -0.5))
        words = BRIEFLY.get(reason, reason)
        wide = painter.fontMetrics().horizontalAdvance(words)
        if words and wide + 16 <= place.width():
            painter.fillRect(QRectF(place.left() + 4, 4, wide + 8, 8), QColor(tokens.BG1))
            painter.setPen(QColor(tokens.TX2))
            painter.drawText(QRectF(place.left() + 8, 1, wide + 2, 14), Qt.AlignVCenter, words)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.ToolTip and isinstance(event, QHelpEvent):
            box = self._box(event.pos().x())
            QToolTip.showText(event.globalPos(), box.said if box else "", self)
            return True
        return bool(super().event(event))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        box = self._box(event.localPos().x())
        if box is not None and not self.faint:
            self.chosen.emit(box.number, self.row.take)

    def _box(self, x: float) -> TakeBox | None:
        frame = self.view.axis.frame(x)
        return next((b for b in self.row.boxes if b.first <= frame <= b.last), None)
