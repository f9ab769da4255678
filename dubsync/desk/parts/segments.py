"""Segments: a few exclusive choices side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from dubsync.desk.look import tokens


class Segments(QWidget):
    """Exclusive choices; `chosen` tells the name of the one that a user picked."""

    chosen = pyqtSignal(str)

    def __init__(self, choices: Sequence[tuple[str, str, str]], parent: QWidget | None = None):
        """`choices`: (name, text, tooltip with its key)."""
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        for n, (name, text, tip) in enumerate(choices):
            button = QToolButton(self)
            button.setText(text)
            button.setCheckable(True)
            button.setToolTip(tip)
            button.setAccessibleName(text)
            button.setFixedHeight(tokens.HIT)
            button.setFocusPolicy(Qt.TabFocus)
            ends = {(True, True): "only", (True, False): "first", (False, True): "last"}
            button.setProperty("segment", ends.get((n == 0, n == len(choices) - 1), "middle"))
            button.clicked.connect(lambda _checked, picked=name: self.chosen.emit(picked))
            self._group.addButton(button)
            self._buttons[name] = button
            row.addWidget(button)

    def choose(self, name: str) -> None:
        """Show `name` as chosen, without the signal."""
        self._buttons[name].setChecked(True)

    def say(self, name: str, text: str) -> None:
        """Give one choice other words."""
        self._buttons[name].setText(text)
        self._buttons[name].setAccessibleName(text)

    def allow(self, name: str, allowed: bool, why: str = "") -> None:
        """Enable or disable one choice; `why` is its tooltip where it is disabled."""
        button = self._buttons[name]
        button.setEnabled(allowed)
        if why:
            button.setToolTip(why)

    @property
    def choice(self) -> str:
        """The name of the chosen one; "" where none is."""
        return next((name for name, one in self._buttons.items() if one.isChecked()), "")
