"""Where the picture lies on the screen: fitted, or at a scale round a point."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PyQt5.QtCore import QPointF, QRectF, QSizeF

LEAST, MOST = 0.05, 32.0  #: device pixels to a picture pixel
STEP = 1.25  #: of one notch of the wheel
MARGIN = 4  #: around a fitted picture


@dataclass(frozen=True, slots=True)
class Zoom:
    """How a picture is laid into an area.

    scale   device pixels to a picture pixel; None: fitted
    centre  the point of the picture, 0..1 each way, at the middle of the area
    """

    scale: float | None = None
    centre: tuple[float, float] = (0.5, 0.5)

    def scale_in(self, area: QSizeF, picture: tuple[int, int], ratio: float) -> float:
        """Device pixels to a picture pixel in an area; `ratio` device pixels to a logical one."""
        if self.scale is not None:
            return self.scale
        wide = max(area.width() - 2 * MARGIN, 16) / picture[0]
        high = max(area.height() - 2 * MARGIN, 16) / picture[1]
        return min(wide, high) * ratio

    def rect(self, area: QRectF, picture: tuple[int, int], ratio: float) -> QRectF:
        """The picture's rectangle in logical pixels, its corner on a device pixel."""
        scale = self.scale_in(area.size(), picture, ratio) / ratio
        wide = max(round(picture[0] * scale * ratio), 1) / ratio
        high = max(round(picture[1] * scale * ratio), 1) / ratio
        x, y = self.centre if self.scale is not None else (0.5, 0.5)
        left = area.center().x() - wide * x
        top = area.center().y() - high * y
        return QRectF(round(left * ratio) / ratio, round(top * ratio) / ratio, wide, high)

    def zoomed(
        self, by: float, at: QPointF, area: QRectF, picture: tuple[int, int], ratio: float
    ) -> Zoom:
        """`by` times larger; the picture's point under `at` stays under it."""
        now = self.rect(area, picture, ratio)
        scale = self.scale_in(area.size(), picture, ratio)
        new = min(max(scale * by, LEAST), MOST)
        u = (at.x() - now.left()) / now.width()
        v = (at.y() - now.top()) / now.height()
        wide, high = picture[0] * new / ratio, picture[1] * new / ratio
        x = u + (area.center().x() - at.x()) / wide
        y = v + (area.center().y() - at.y()) / high
        return Zoom(new, _held(x, y))

    def moved(self, by: QPointF, area: QRectF, picture: tuple[int, int], ratio: float) -> Zoom:
        """Panned by logical pixels; a fitted picture stays."""
        if self.scale is None:
            return self
        now = self.rect(area, picture, ratio)
        x = self.centre[0] - by.x() / now.width()
        y = self.centre[1] - by.y() / now.height()
        return replace(self, centre=_held(x, y))


FIT = Zoom()


def _held(x: float, y: float) -> tuple[float, float]:
    """A centre that is in the picture, so that it cannot be lost."""
    return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)
