"""Paints what lies over a picture: labels, wipe, landmarks, title safe, take, empty frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PyQt5.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt5.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.look.icons import SMALL, pixmap
from dubsync.desk.viewer.picture.picture_state import Label
from dubsync.desk.viewer.picture.wipe import Wipe

INSET = 8  #: of labels and of the take, from the picture's edge
TAKE_WIDTH = 160
HANDLE = 9.5  #: radius of the wipe's handle
SAFE_ACTION, SAFE_TITLE = 0.93, 0.90  #: SMPTE ST 2046-1


def hairline(colour: str, width: float = 1.0) -> QPen:
    """A pen of device pixels."""
    pen = QPen(QColor(colour), width)
    pen.setCosmetic(True)
    return pen


def paint_label(painter: QPainter, label: Label, corner: QRectF, where: str) -> None:
    """A label in a corner of `corner`: "top left", "top right", "bottom left" ..."""
    painter.setFont(font(tokens.TEXT))
    metrics = painter.fontMetrics()
    icon = 20 if label.icon else 0
    letter = metrics.horizontalAdvance(label.letter) + 6 if label.letter else 0
    room = max(corner.width() / 2 - 3 * INSET - icon - letter, 24)
    text = metrics.elidedText(label.text, Qt.ElideRight, int(room))
    wide = metrics.horizontalAdvance(text) + icon + letter + 12
    x = corner.left() + INSET if "left" in where else corner.right() - INSET - wide
    y = corner.top() + INSET if "top" in where else corner.bottom() - INSET - 20
    box = QRectF(round(x), round(y), wide, 20)
    painter.setPen(Qt.NoPen)
    ground = QColor(tokens.BG0)
    ground.setAlpha(210)
    painter.setBrush(ground)
    painter.drawRoundedRect(box, tokens.RADIUS_SMALL, tokens.RADIUS_SMALL)
    at = box.left() + 6
    if label.icon:
        scale = painter.device().devicePixelRatioF()
        picture = pixmap(label.icon, SMALL, label.colour or tokens.TX2, scale)
        painter.drawPixmap(QPointF(at - 1, box.top() + 3), picture)
        at += icon - 2
    if label.letter:
        painter.setPen(QColor(tokens.TX2))
        painter.drawText(QRectF(at, box.top(), letter, 20), Qt.AlignVCenter, label.letter)
        at += letter
    painter.setPen(QColor(tokens.TX1))
    painter.drawText(QRectF(at, box.top(), box.right() - at, 20), Qt.AlignVCenter, text)


def paint_wipe(painter: QPainter, wipe: Wipe, picture: QRectF, turning: bool) -> None:
    """The line, its handle, and while it is turned the knob."""
    painter.setRenderHint(QPainter.Antialiasing)
    painter.save()
    painter.setClipRect(picture)
    painter.setPen(QPen(QColor(tokens.BG0), 3))
    painter.drawLine(QLineF(*wipe.ends(picture)))
    painter.setPen(QPen(QColor(tokens.CURVE_RESULT), 1))
    painter.drawLine(QLineF(*wipe.ends(picture)))
    painter.restore()
    knob = wipe.knob(picture)
    painter.setPen(QPen(QColor(tokens.ACCENT if turning else tokens.TX2), 1))
    painter.setBrush(QColor(tokens.BG0))
    painter.drawEllipse(knob, 4, 4)
    handle = wipe.handle(picture)
    painter.setPen(QPen(QColor(tokens.CURVE_RESULT), 1))
    painter.setBrush(QColor(tokens.BG1))
    painter.drawEllipse(handle, HANDLE, HANDLE)
    painter.setPen(QPen(QColor(tokens.ACCENT if turning else tokens.CURVE_RESULT), 1.25))
    painter.save()
    painter.translate(handle)
    painter.rotate(wipe.angle)
    for side in (-1, 1):
        painter.drawPolyline(QPolygonF([
            QPointF(side * 2.5, -3), QPointF(side * 5.5, 0), QPointF(side * 2.5, 3)
        ]))  # fmt: skip
    painter.restore()
    painter.setRenderHint(QPainter.Antialiasing, False)


def paint_matte(painter: QPainter, edges: Sequence[np.ndarray[Any, Any]], picture: QRectF) -> None:
    """The matte: its edge, and its area faintly."""
    painter.setRenderHint(QPainter.Antialiasing)
    tint = QColor(tokens.ACCENT)
    tint.setAlpha(26)
    painter.setBrush(tint)
    painter.setPen(QPen(QColor(tokens.ACCENT), 1.25))
    path = QPainterPath()
    size, corner = np.array([picture.width(), picture.height()]), (picture.left(), picture.top())
    for edge in edges:
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in (edge * size + corner).tolist()]))
        path.closeSubpath()
    painter.drawPath(path)
    painter.setRenderHint(QPainter.Antialiasing, False)


def paint_landmarks(
    painter: QPainter, faces: Mapping[str, np.ndarray[Any, Any]], picture: QRectF
) -> None:
    """Points of every face, in the accent colour."""
    painter.setRenderHint(QPainter.Antialiasing)
    pen = QPen(QColor(tokens.ACCENT), 1.5)
    pen.setCapStyle(Qt.RoundCap)
    painter.setPen(pen)
    size = np.array([picture.width(), picture.height()])
    for points in faces.values():
        placed = points[:, :2] * size + (picture.left(), picture.top())
        painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in placed.tolist()]))
    painter.setRenderHint(QPainter.Antialiasing, False)


def paint_safe(painter: QPainter, picture: QRectF) -> None:
    """Safe action and safe title areas."""
    painter.setBrush(Qt.NoBrush)
    for share, alpha in ((SAFE_ACTION, 90), (SAFE_TITLE, 150)):
        colour = QColor(tokens.CURVE_RESULT)
        colour.setAlpha(alpha)
        pen = QPen(colour, 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        wide, high = picture.width() * share, picture.height() * share
        area = QRectF(0, 0, wide, high)
        area.moveCenter(picture.center())
        painter.drawRect(area)


def paint_take(painter: QPainter, take: QImage, name: str, picture: QRectF) -> QRectF:
    """The voice actor in the lower right corner; the rectangle that it takes."""
    wide = min(TAKE_WIDTH, picture.width() * 0.24)
    high = wide * 9 / 16
    box = QRectF(picture.right() - INSET - wide, picture.bottom() - INSET - high, wide, high)
    scale = max(wide / take.width(), high / take.height())
    inside = QRectF(0, 0, wide / scale, high / scale)
    inside.moveCenter(QRectF(take.rect()).center())
    painter.setRenderHint(QPainter.SmoothPixmapTransform)
    painter.drawImage(box, take, inside)
    painter.setBrush(Qt.NoBrush)
    painter.setPen(hairline(tokens.BG0))
    painter.drawRect(box)
    if wide > 96:
        paint_label(painter, Label(name), QRectF(box.left() - 4, box.top(), 2 * wide, high + 4),
                    "bottom left")  # fmt: skip
    return box


def paint_missing(painter: QPainter, picture: QRectF) -> None:
    """An empty frame with hairline diagonals: the file is not there."""
    painter.fillRect(picture, QColor(tokens.BG0))
    painter.setPen(hairline(tokens.LINE))
    painter.setBrush(Qt.NoBrush)
    painter.drawRect(picture.adjusted(0, 0, -1, -1))
    painter.setRenderHint(QPainter.Antialiasing)
    painter.drawLine(QLineF(picture.topLeft(), picture.bottomRight()))
    painter.drawLine(QLineF(picture.topRight(), picture.bottomLeft()))
    painter.setRenderHint(QPainter.Antialiasing, False)
