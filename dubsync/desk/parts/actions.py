"""The actions of the window as views use them: connect to one by its name, trigger it, switch it.

Keys of a letter or a digit alone are off while a text field has the focus.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QAbstractSpinBox, QAction, QLineEdit, QPlainTextEdit, QTextEdit, QWidget


class Actions(QObject):
    """The window's QActions by name."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._by_name: dict[str, QAction] = {}

    def add(self, name: str, action: QAction) -> None:
        self._by_name[name] = action

    def __getitem__(self, name: str) -> QAction:
        return self._by_name[name]

    def on(self, name: str, slot: Callable[..., Any]) -> None:
        """Call `slot()` when the action is triggered; of a switch: `slot(on)`."""
        action = self._by_name[name]
        if action.isCheckable():
            action.toggled.connect(slot)
        else:
            action.triggered.connect(lambda _checked=False: slot())

    def allow(self, name: str, allowed: bool, why: str = "") -> None:
        """Enable or disable; `why` is the tooltip where it is disabled."""
        action = self._by_name[name]
        action.setEnabled(allowed)
        action.setToolTip(self.tip(name) if allowed or not why else f"{action.iconText()}: {why}")

    def tip(self, name: str) -> str:
        """The action's words with its key: "Wipe (V)"."""
        action = self._by_name[name]
        keys = action.shortcut().toString()
        return f"{action.iconText()} ({keys})" if keys else str(action.iconText())


def types_text(widget: QWidget | None) -> bool:
    """Whether a widget takes letters, so that single-letter keys must stay off."""
    return isinstance(widget, (QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit))
