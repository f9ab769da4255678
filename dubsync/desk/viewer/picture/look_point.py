"""The point that eyes look at, over the picture: shown, and picked by a click."""

from __future__ import annotations

from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QPainter

from dubsync.desk.look import tokens
from dubsync.desk.session.session import Session
from dubsync.desk.viewer.picture.picture_painting import hairline, paint_label
from dubsync.desk.viewer.picture.picture_state import Label

#: Radius of the mark and length of its arms, logical pixels.
RING, ARM = 5.0, 11.0
#: How far outside the picture a point may lie, in widths and heights of it: off screen is usual.
OUTSIDE = 1.0


class LookPoint:
    """Paints the point of the session's character, and takes the click that picks it."""

    def __init__(self, session: Session) -> None:
        self._session, self._hand = session, session.look

    def paint(self, painter: QPainter, rect: QRectF, size: tuple[int, int]) -> None:
        """A ring with four arms at the point; a word while one is waited for."""
        point = self._hand.point
        if point is not None and size[0]:
            x = rect.left() + point[0] * rect.width() / size[0]
            y = rect.top() + point[1] * rect.height() / size[1]
            painter.save()
            painter.setRenderHint(QPainter.Antialiasing)
            painter.setPen(hairline(tokens.ACCENT, 1.5))
            painter.setBrush(Qt.NoBrush)
            painter.drawEllipse(QPointF(x, y), RING, RING)
            for across, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                painter.drawLine(QPointF(x + across * RING, y + down * RING),
                                 QPointF(x + across * ARM, y + down * ARM))  # fmt: skip
            painter.restore()
        if self._hand.picking:
            paint_label(painter, Label("Click what the eyes look at, Esc leaves it"), rect,
                        "bottom right")  # fmt: skip

    def press(self, at: QPointF, rect: QRectF, size: tuple[int, int]) -> bool:
        """Take a click as the point; False where none is waited for."""
        if not self._hand.picking or not size[0]:
            return False
        across, down = (at.x() - rect.left()) / rect.width(), (at.y() - rect.top()) / rect.height()
        if not all(-OUTSIDE <= share <= 1 + OUTSIDE for share in (across, down)):
            return False
        self._hand.put(across * size[0], down * size[1])
        return True
