"""Pieces of a painted row: thumbnails, marks of a status, check boxes, text that is elided."""

from __future__ import annotations

from functools import lru_cache

from PyQt5.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.look.icons import SMALL, pixmap
from dubsync.desk.look.statuses import STATUSES

#: States whose plate is shown at reduced strength.
FAINT = frozenset({"blocked", "offline"})


def scale_of(painter: QPainter) -> float:
    """Device pixels of one logical pixel."""
    device = painter.device()
    return float(device.devicePixelRatioF()) if device is not None else 1.0


def draw_text(
    painter: QPainter, where: QRect, text: str, colour: str = tokens.TX1, *, right: bool = False,
    size: int = tokens.TEXT, medium: bool = False, middle: bool = False,
) -> None:  # fmt: skip
    """One line of text, elided where it does not fit."""
    painter.setFont(_type(size, medium)[0])
    painter.setPen(colour_of(colour))
    shown = _elided(text, where.width(), size, medium, middle)
    painter.drawText(where, _RIGHT if right else _LEFT, shown)


_LEFT, _RIGHT = int(Qt.AlignLeft | Qt.AlignVCenter), int(Qt.AlignRight | Qt.AlignVCenter)


@lru_cache(maxsize=64)
def colour_of(token: str) -> QColor:
    """The colour of a token; a row asks for the same ones hundreds of times."""
    return QColor(token)


@lru_cache(maxsize=16)
def _type(size: int, medium: bool) -> tuple[QFont, QFontMetrics]:
    made = font(size, medium=medium)
    return made, QFontMetrics(made)


@lru_cache(maxsize=8192)
def _elided(text: str, width: int, size: int, medium: bool, middle: bool) -> str:
    mode = Qt.ElideMiddle if middle else Qt.ElideRight
    return str(_type(size, medium)[1].elidedText(text, mode, width))


def draw_icon(painter: QPainter, x: int, y: int, name: str, colour: str, size: int = SMALL) -> None:
    """An icon whose top left corner is at (x, y)."""
    painter.drawPixmap(x, y, pixmap(name, size, colour, scale_of(painter)))


def draw_status(painter: QPainter, x: int, y: int, state: str, turn: float = 0.0) -> None:
    """The mark of a state; the one of rendering stands at `turn` (0 to 1) of its round."""
    look = STATUSES[state]
    if state != "rendering":
        draw_icon(painter, x, y, look.icon, look.colour)
        return
    painter.save()
    painter.setRenderHint(QPainter.SmoothPixmapTransform)
    painter.translate(x + SMALL / 2, y + SMALL / 2)
    painter.rotate(turn * 360)
    draw_icon(painter, -SMALL // 2, -SMALL // 2, look.icon, look.colour)
    painter.restore()


def draw_thumbnail(
    painter: QPainter, where: QRect, picture: QPixmap | None, *, missing: bool, faint: bool = False,
) -> None:  # fmt: skip
    """A plate's picture, filling `where`; hairline diagonals where there is none to come."""
    painter.save()
    painter.fillRect(where, colour_of(tokens.BG0))
    if picture is not None:
        painter.setRenderHint(QPainter.SmoothPixmapTransform)
        painter.setOpacity(0.28 if faint else 1.0)
        painter.drawPixmap(QRectF(where), picture, filled(picture, where.size()))
    elif missing:
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(QPen(colour_of(tokens.EDGE), 0))
        edge = QRectF(where).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRect(edge)
        painter.drawLine(edge.topLeft(), edge.bottomRight())
        painter.drawLine(edge.topRight(), edge.bottomLeft())
    painter.restore()


def filled(picture: QPixmap, into: QSize) -> QRectF:
    """The part of a picture, about its middle, that has the shape of `into`."""
    wide, high = picture.width(), picture.height()
    shape = into.width() / max(into.height(), 1)
    if wide / max(high, 1) > shape:
        part = high * shape
        return QRectF((wide - part) / 2, 0, part, high)
    part = wide / shape
    return QRectF(0, (high - part) / 2, wide, part)


def draw_check(painter: QPainter, where: QRect, on: bool, *, some: bool = False) -> None:
    """A check box of 14 pixels in the middle of `where`; `some`: it stands for a few of many."""
    box = QRectF(0, 0, 13, 13)
    box.moveCenter(QPointF(where.center()) + QPointF(0.5, 0.5))
    painter.save()
    painter.setRenderHint(QPainter.Antialiasing)
    painter.setPen(QPen(colour_of(tokens.ACCENT if on or some else tokens.CHECK_EDGE), 1))
    painter.setBrush(colour_of(tokens.ACCENT if on or some else tokens.WELL))
    painter.drawRoundedRect(box, tokens.RADIUS_SMALL, tokens.RADIUS_SMALL)
    if on or some:
        left, top = round(box.left()), round(box.top())
        draw_icon(painter, left + 1, top + 1, "minus" if some and not on else "check",
                  tokens.ON_ACCENT, 12)  # fmt: skip
    painter.restore()
