"""Icons of one set, Phosphor, drawn at the screen's own resolution."""

from __future__ import annotations

from functools import lru_cache

import qtawesome
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QIcon, QPainter, QPixmap

from dubsync.desk.look import tokens

SMALL, USUAL, LARGE = 14, 16, 18


@lru_cache(maxsize=512)
def icon(name: str, colour: str = tokens.TX2, on: str = tokens.ACCENT) -> QIcon:
    """The Phosphor icon `name` ("diamond-fill"); `on` is its colour where it is switched on."""
    return qtawesome.icon(f"ph.{name}", color=colour, color_on=on, color_disabled=tokens.TX4)


@lru_cache(maxsize=1024)
def pixmap(name: str, size: int, colour: str, scale: float = 1.0) -> QPixmap:
    """The icon as a picture of `size` pixels at 100 %, for painting into rows and lanes."""
    pixels = max(round(size * scale), 1)
    picture = QPixmap(pixels, pixels)  # QIcon.pixmap would scale once more on a scaled screen
    picture.fill(Qt.transparent)
    painter = QPainter(picture)
    icon(name, colour).paint(painter, picture.rect())
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture
