"""Landmarks dragged on the picture: while the landmarks are shown and the tab Face is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QColor, QPainter

from dubsync.desk.look import tokens
from dubsync.desk.session.session import Session
from dubsync.desk.viewer.picture.picture_painting import hairline

#: Half the side of a landmark's hit area, and of what is painted, logical pixels.
HIT, SMALL, LARGE = 8.0, 1.5, 3.5

Faces = Mapping[str, np.ndarray[Any, Any]]


class LandmarkDrag:
    """Takes the hand on one landmark of the session's character."""

    def __init__(self, session: Session) -> None:
        self._session, self._hand = session, session.landmarks
        self._held: int | None = None
        self._away = QPointF()

    def press(self, at: QPointF, rect: QRectF, faces: Faces, size: tuple[int, int]) -> bool:
        """Take the nearest landmark at a place; False where there is none."""
        points = faces.get(self._session.character)
        if points is None or self._session.edits.looked_at is not None:
            return False
        places = self._places(points, rect, size)
        found = min(self._hand.indices, key=lambda n: _away(places[n], at))
        away = places[found] - at
        if max(abs(away.x()), abs(away.y())) > HIT:
            return False
        self._held, self._away = found, away
        return True

    def drag(self, at: QPointF, rect: QRectF, size: tuple[int, int]) -> bool:
        """Put the landmark in hand to a place; False where none is held."""
        if self._held is None:
            return False
        place = at + self._away
        self._hand.put(
            self._held,
            (place.x() - rect.left()) / rect.width() * size[0],
            (place.y() - rect.top()) / rect.height() * size[1],
        )
        return True

    def release(self) -> None:
        self._held = None

    def paint(self, painter: QPainter, rect: QRectF, faces: Faces, size: tuple[int, int]) -> None:
        """The landmarks that can be dragged, and those that were put somewhere on this frame."""
        points = faces.get(self._session.character)
        if points is None:
            return
        places, own = self._places(points, rect, size), {key.index for key in self._hand.here}
        painter.setPen(hairline(tokens.BG0))
        for n in (*self._hand.indices, *own):
            side = LARGE if n in own else SMALL
            painter.setBrush(QColor(tokens.ACCENT if n in own else "#f2f2f2"))
            painter.drawRect(QRectF(places[n].x() - side, places[n].y() - side, 2 * side, 2 * side))
        painter.setBrush(Qt.NoBrush)

    def _places(
        self, points: np.ndarray[Any, Any], rect: QRectF, size: tuple[int, int]
    ) -> list[QPointF]:
        """Where each landmark is on the widget; those put by hand are there at once."""
        shares = np.array(points[:, :2], np.float64)
        for key in self._hand.here:
            shares[key.index] = key.x / size[0], key.y / size[1]
        placed = shares * (rect.width(), rect.height()) + (rect.left(), rect.top())
        return [QPointF(x, y) for x, y in placed.tolist()]


def _away(place: QPointF, at: QPointF) -> float:
    return float((place - at).manhattanLength())
