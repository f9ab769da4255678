"""Painting of the control lane: spans, keys, their values, and the shares of the mix."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QColor, QPainter, QPen, QPolygonF

from dubsync.core.errors import SettingsError
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.controls import control
from dubsync.desk.curves.axes.time_view import TimeView
from dubsync.desk.curves.axes.value_axis import ValueAxis, value_text
from dubsync.desk.curves.handles import Handle
from dubsync.desk.curves.lanes.mouth_lane import paint_band
from dubsync.desk.curves.shaping import Shaping
from dubsync.desk.look import tokens

#: Half a key's diagonal: usual, under the mouse, selected.
KEY, KEY_HOVER, KEY_CHOSEN = 4.0, 5.0, 5.0
GRIP = (4, 12)
MANY = 200  #: visible keys from which they are drawn as dots
FILLS = (tokens.FILL_TAKE, tokens.FILL_SOUND, tokens.BG3)


class PaintedLane(Protocol):
    """What of a control lane is painted here.

    sweep  first and last frame of a drag over the empty lane; None
    over   the handle under the mouse
    """

    time: TimeView
    values: ValueAxis
    sweep: tuple[int, int] | None
    over: Handle

    @property
    def shaping(self) -> Shaping: ...

    def width(self) -> int: ...

    def height(self) -> int: ...


def paint_behind(painter: QPainter, lane: PaintedLane) -> None:
    """Bands of the spans, and the line of the default."""
    shaping = lane.shaping
    for span in shaping.curve.spans:
        paint_band(painter, lane.time, span.first, span.last, lane.height())
    if lane.sweep is not None:
        first, last = sorted(lane.sweep)
        paint_band(painter, lane.time, first, last, lane.height())
    pen = QPen(QColor(tokens.EDGE), 1)
    pen.setDashPattern([2, 3])
    painter.setPen(pen)
    y = round(lane.values.y(control(shaping.control).default)) + 0.5
    painter.drawLine(QPointF(0, y), QPointF(lane.width(), y))


def paint_mix(painter: QPainter, lane: PaintedLane) -> None:
    """Shares of take, sound and original, stacked over the lane's height."""
    axis, frames = lane.time.axis, lane.shaping.frames
    if frames is None:
        return
    first, last = axis.frame(0), axis.frame(axis.width)
    every = max((last - first) // max(axis.width, 1), 1)
    numbers = range(first, last + 1, every)
    try:
        shares = lane.shaping.tweak.shares(FrameRange(first, last + 1, frames.rate))[::every]
    except SettingsError:  # all three are 0 there: nothing to show
        return
    edges = np.concatenate([np.zeros((len(shares), 1)), np.cumsum(shares, axis=1)], axis=1)
    painter.setPen(Qt.NoPen)
    for place, fill in enumerate(FILLS):
        upper = [QPointF(axis.middle(n), lane.values.y(e)) for n, e in
                 zip(numbers, edges[:, place + 1].tolist(), strict=True)]  # fmt: skip
        lower = [QPointF(axis.middle(n), lane.values.y(e)) for n, e in
                 zip(numbers, edges[:, place].tolist(), strict=True)]  # fmt: skip
        painter.setBrush(QColor(fill))
        painter.drawPolygon(QPolygonF([*upper, *reversed(lower)]))


def paint_handles(painter: QPainter, lane: PaintedLane) -> None:
    """Keys and grips, with the value of what is selected."""
    shaping, axis, values = lane.shaping, lane.time.axis, lane.values
    for n, span in enumerate(shaping.curve.spans):
        y, chosen = values.y(span.value), n == shaping.span
        for x in (axis.x(span.first), axis.x(span.last + 1)):
            grip = QRectF(x - GRIP[0] / 2, y - GRIP[1] / 2, *GRIP)
            painter.setPen(QPen(QColor(tokens.KEY_RIM), 1) if chosen else Qt.NoPen)
            painter.setBrush(QColor(tokens.ACCENT))
            painter.drawRoundedRect(grip, 1, 1)
        middle = (axis.x(span.first) + axis.x(span.last + 1)) / 2
        _value(painter, lane, span.value, middle, y, Qt.AlignHCenter)
    seen = [key for key in shaping.curve.keys if axis.left - 1 <= key[0] <= axis.right]
    if len(seen) > MANY:
        dots = [QPointF(axis.middle(frame), values.y(value)) for frame, value in seen]
        painter.setPen(QPen(QColor(tokens.ACCENT), KEY))
        painter.drawPoints(QPolygonF(dots))
        seen = [key for key in seen if key[0] in shaping.keys]
    for frame, value in seen:
        x = axis.middle(frame)
        chosen = frame in shaping.keys
        over = lane.over.part == "key" and lane.over.at == frame
        paint_key(painter, x, values.y(value), chosen, over)
        if chosen and len(shaping.keys) == 1:
            _value(painter, lane, value, x + 8, values.y(value), Qt.AlignLeft)


def paint_key(painter: QPainter, x: float, y: float, chosen: bool, over: bool) -> None:
    """A key as a diamond: hollow, larger under the mouse, filled with a light rim if selected."""
    half = KEY_CHOSEN if chosen else KEY_HOVER if over else KEY
    shape = QPolygonF([QPointF(x, y - half), QPointF(x + half, y), QPointF(x, y + half),
                       QPointF(x - half, y)])  # fmt: skip
    painter.setBrush(QColor(tokens.ACCENT if chosen else tokens.PLOT))
    painter.setPen(QPen(QColor(tokens.KEY_RIM if chosen else tokens.ACCENT), 1.25))
    painter.drawPolygon(shape)


def _value(
    painter: QPainter, lane: PaintedLane, value: float, x: float, y: float, align: int
) -> None:
    """The value below the handle, or above it where there is no room below."""
    top = y + 6 if y + 20 <= lane.height() else y - 20
    left = x if align == Qt.AlignLeft else x - 40
    painter.setPen(QColor(tokens.KEY_TEXT))
    text = value_text(lane.shaping.control, value)
    painter.drawText(QRectF(left, top, 80, 14), int(align) | int(Qt.AlignVCenter), text)
