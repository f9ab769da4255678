"""A lane: a strip over the frames that are seen, painted in logical pixels."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PyQt5.QtCore import QRect, QRectF, Qt
from PyQt5.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from PyQt5.QtWidgets import QWidget

from dubsync.desk.curves.axes.time_view import TimeView
from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font

#: One notch of a wheel: times as near, and pixels aside.
NEARER, ASIDE = 1.25, 96
NOTCH = 120
FAINT = 0.5  #: strength of lanes that are read only
MOST_READ = 200


class Lane(QWidget):
    """Paints its background, the marks of time, itself and the focus, in this order.

    `said` is what it holds, as a list for screen readers.
    """

    def __init__(
        self, name: str, view: TimeView, height: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.view, self.faint = view, False
        self.setFixedHeight(height)
        self.setFocusPolicy(Qt.TabFocus)
        self.setAccessibleName(name)
        self.setAttribute(Qt.WA_OpaquePaintEvent)
        self._picture: QPixmap | None = None
        view.changed.connect(self.renew)

    def paint(self, painter: QPainter) -> None:
        """Paint its content over all of its width; it is kept until `renew`."""

    def renew(self) -> None:
        """What it shows is another: paint all of it again."""
        self._picture = None
        self.update()

    def said(self) -> list[str]:
        """What the lane holds, in order."""
        return []

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        self.setAccessibleDescription(read_out(self.said()))
        super().focusInEvent(event)

    def set_faint(self, faint: bool) -> None:
        if faint != self.faint:
            self.faint = faint
            self.renew()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if self._picture is None or not fits(self._picture, self):
            self._picture = blank(self)
            painter = QPainter(self._picture)
            painter.setFont(font(tokens.SMALL))
            paint_time(painter, self.view, self.height())
            if self.faint:
                painter.setOpacity(FAINT)
            self.paint(painter)
            painter.end()
        painter = QPainter(self)
        blit(painter, event.rect(), self._picture)
        paint_edge(painter, self.rect(), self.hasFocus())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        turn(self.view, event)


def blank(widget: QWidget, colour: str = tokens.PLOT) -> QPixmap:
    """A picture as large as `widget` in device pixels."""
    scale = widget.devicePixelRatioF()
    picture = QPixmap(ceil(widget.width() * scale), ceil(widget.height() * scale))
    picture.setDevicePixelRatio(scale)
    picture.fill(QColor(colour))
    return picture


def fits(picture: QPixmap, widget: QWidget) -> bool:
    """Whether a kept picture is as large as `widget` still, on its screen."""
    scale = widget.devicePixelRatioF()
    size = ceil(widget.width() * scale), ceil(widget.height() * scale)
    return (picture.width(), picture.height(), picture.devicePixelRatio()) == (*size, scale)


def blit(painter: QPainter, seen: QRect, picture: QPixmap) -> None:
    """The part `seen` of a kept picture: all that a moving playhead costs."""
    scale = picture.devicePixelRatio()
    source = QRectF(
        seen.x() * scale, seen.y() * scale, seen.width() * scale, seen.height() * scale
    )  # fmt: skip
    painter.drawPixmap(QRectF(seen), picture, source)


def paint_time(painter: QPainter, view: TimeView, height: int) -> None:
    """The vertical marks of time behind a lane's content."""
    for size, colour in ((1, tokens.LANE_HALF_TIME), (2, tokens.LANE_TIME)):
        painter.setPen(hairline(colour))
        for tick in view.ticks:
            if tick.size == size:
                x = round(view.axis.x(tick.edge))
                painter.drawLine(x, 0, x, height)


def paint_edge(painter: QPainter, rect: QRect, focused: bool) -> None:
    """The seam above a lane, and the line of the focus."""
    painter.fillRect(rect.left(), rect.top(), rect.width(), 1, QColor(tokens.BG0))
    if focused:
        accent, wide, tall = QColor(tokens.ACCENT), rect.width(), rect.height()
        for x, y, w, h in (
            (0, 1, wide, 1), (0, tall - 1, wide, 1), (0, 1, 1, tall - 1),
            (wide - 1, 1, 1, tall - 1),
        ):  # fmt: skip
            painter.fillRect(x, y, w, h, accent)


def hairline(colour: str) -> QPen:
    """A pen of one device pixel."""
    return QPen(QColor(colour), 0)


def turn(view: TimeView, event: QWheelEvent) -> None:
    """The wheel: with Ctrl nearer at the mouse, else aside."""
    turned = event.angleDelta()
    if event.modifiers() & Qt.ControlModifier:
        view.zoom(event.position().x(), NEARER ** (turned.y() / NOTCH))
    else:
        sideways = turned.x() if abs(turned.x()) > abs(turned.y()) else turned.y()
        view.pan(-sideways / NOTCH * ASIDE)
    event.accept()


def read_out(lines: Sequence[str]) -> str:
    """What a screen reader says of a lane: how many things it holds, and each of them.

    PyQt5 has no QAccessibleInterface: a list inside a painted widget can only be told as a text.
    """
    more = f"; and {len(lines) - MOST_READ} more" if len(lines) > MOST_READ else ""
    return f"{len(lines)} in all: " + "; ".join(lines[:MOST_READ]) + more if lines else "empty"
