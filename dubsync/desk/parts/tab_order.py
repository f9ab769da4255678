"""The order in which Tab goes through a view: as its layouts lie, from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLayout, QScrollArea, QWidget


def tab_as_laid_out(view: QWidget) -> None:
    """Let Tab go through `view` in the order of its layouts, not in that of its making."""
    for one, following in pairwise(_in(view)):
        QWidget.setTabOrder(one, following)


def _in(widget: QWidget) -> Iterator[QWidget]:
    if widget.focusPolicy() & Qt.TabFocus:
        yield widget
    inside = widget.widget() if isinstance(widget, QScrollArea) else None
    if inside is not None:
        yield from _in(inside)
    elif widget.layout() is not None:
        yield from _of(widget.layout())


def _of(layout: QLayout) -> Iterator[QWidget]:
    for n in range(layout.count()):
        item = layout.itemAt(n)
        if item.layout() is not None:
            yield from _of(item.layout())
        elif item.widget() is not None:
            yield from _in(item.widget())
