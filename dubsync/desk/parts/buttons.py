"""Buttons: with a word, with an icon alone, and the one primary button of a view."""

from __future__ import annotations

from PyQt5.QtCore import QSize, Qt
from PyQt5.QtWidgets import QPushButton, QToolButton, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.look.icons import USUAL, icon


def text_button(
    text: str, icon_name: str = "", *, tip: str = "", primary: bool = False, flat: bool = False,
    colour: str = tokens.TX2, parent: QWidget | None = None,
) -> QPushButton:  # fmt: skip
    """A button with a word; `tip` says what it does and its key."""
    button = QPushButton(text, parent)
    if icon_name:
        button.setIcon(icon(icon_name, tokens.ON_ACCENT if primary else colour))
        button.setIconSize(QSize(USUAL, USUAL))
    button.setProperty("primary", primary)
    button.setProperty("flat_look", flat)
    button.setToolTip(tip or text)
    button.setAccessibleName(text)
    button.setFixedHeight(tokens.HIT)
    return button


def icon_button(
    icon_name: str, tip: str, *, checkable: bool = False, size: int = USUAL,
    hit: int = tokens.HIT, parent: QWidget | None = None,
) -> QToolButton:  # fmt: skip
    """A button with an icon alone; `tip` is also its accessible name."""
    button = QToolButton(parent)
    button.setIcon(icon(icon_name))
    button.setIconSize(QSize(size, size))
    button.setFixedSize(hit, hit)
    button.setCheckable(checkable)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setFocusPolicy(Qt.TabFocus)
    return button
