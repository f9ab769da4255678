"""The line between A and B: through a point of the picture, at any angle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import atan2, cos, degrees, hypot, radians, sin

from PyQt5.QtCore import QPointF, QRectF
from PyQt5.QtGui import QPolygonF

KNOB = 64.0  #: logical pixels from the handle to the knob that turns
GRAB = 12.0  #: logical pixels within which a handle is taken


@dataclass(frozen=True, slots=True)
class Wipe:
    """A is on the left of the line, B on its right.

    x, y   a point of the line, 0..1 of the picture
    angle  degrees that its top leans to the right; 0: upright
    """

    x: float = 0.5
    y: float = 0.3
    angle: float = 0.0

    def handle(self, picture: QRectF) -> QPointF:
        return QPointF(picture.left() + self.x * picture.width(),
                       picture.top() + self.y * picture.height())  # fmt: skip

    def knob(self, picture: QRectF) -> QPointF:
        """The place that turns the line."""
        along = self._along()
        return self.handle(picture) + along * KNOB

    def ends(self, picture: QRectF) -> tuple[QPointF, QPointF]:
        """Two points of the line beyond the picture."""
        far = hypot(picture.width(), picture.height())
        middle, along = self.handle(picture), self._along()
        return middle - along * far, middle + along * far

    def side_b(self, picture: QRectF) -> QPolygonF:
        """The half of the plane on the right of the line, as far as the picture goes."""
        low, high = self.ends(picture)
        far = hypot(picture.width(), picture.height()) * 2
        across = QPointF(cos(radians(self.angle)), sin(radians(self.angle))) * far
        return QPolygonF([high, high + across, low + across, low])

    def dragged(self, to: QPointF, picture: QRectF) -> Wipe:
        """Moved so that the handle is at `to`, within the picture."""
        x = (to.x() - picture.left()) / max(picture.width(), 1)
        y = (to.y() - picture.top()) / max(picture.height(), 1)
        return replace(self, x=min(max(x, 0.0), 1.0), y=min(max(y, 0.0), 1.0))

    def turned(self, to: QPointF, picture: QRectF) -> Wipe:
        """Turned so that the line runs towards `to`; it clicks upright and level."""
        away = to - self.handle(picture)
        if hypot(away.x(), away.y()) < 4:
            return self
        angle = degrees(atan2(away.x(), -away.y()))
        near = round(angle / 90) * 90
        return replace(self, angle=float(near) if abs(angle - near) < 3 else angle)

    def _along(self) -> QPointF:
        return QPointF(sin(radians(self.angle)), -cos(radians(self.angle)))
