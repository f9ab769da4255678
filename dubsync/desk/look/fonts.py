"""The typeface of the desk: Roboto, whose digits all have one width, so timecodes do not jitter."""

from __future__ import annotations

from importlib.resources import as_file, files

from PyQt5.QtGui import QFont, QFontDatabase

from dubsync.desk.look import tokens

FAMILY = "Roboto"
_FILES = ("Roboto-Regular.ttf", "Roboto-Medium.ttf")
_added: list[int] = []


def add_fonts() -> None:
    """Add the typeface to Qt's; once a process.  Qt's own sans serif serves where that fails."""
    if _added:
        return
    for name in _FILES:
        with as_file(files("dubsync.desk.look") / "fonts" / name) as path:
            _added.append(QFontDatabase.addApplicationFont(str(path)))


def font(pixels: int = tokens.TEXT, *, medium: bool = False) -> QFont:
    """The typeface at `pixels` of height; `medium` for heads."""
    made = QFont(FAMILY)
    made.setStyleHint(QFont.SansSerif)
    made.setPixelSize(pixels)
    made.setWeight(QFont.Medium if medium else QFont.Normal)
    return made
