"""QActions and menus out of the action table, with the user's own keys where there are some."""

from __future__ import annotations

from PyQt5.QtCore import QObject, QSettings
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QAction, QApplication, QMainWindow, QMenuBar, QWidget

from dubsync.desk.look.icons import icon
from dubsync.desk.parts.actions import Actions, types_text
from dubsync.desk.shell.action_table import ACTIONS, MENUS, ActionRow


def make_actions(window: QMainWindow) -> Actions:
    """One QAction for each row of the table, with its keys, on `window`."""
    actions = Actions(window)
    for row in ACTIONS:
        action = QAction(row.text, window)
        action.setIconText(row.text.rstrip("."))
        action.setShortcuts([QKeySequence(key) for key in keys_of(row)])
        action.setAutoRepeat(row.held)
        if row.icon:
            action.setIcon(icon(row.icon))
        if row.on is not None:
            action.setCheckable(True)
            action.setChecked(row.on)
        window.addAction(action)
        actions.add(row.name, action)
        action.setToolTip(actions.tip(row.name))
    _LettersOff(actions, window)
    return actions


def fill_menus(bar: QMenuBar, actions: Actions) -> None:
    """A menu for each of MENUS, with a line between groups."""
    for name in MENUS:
        menu = bar.addMenu(name)
        menu.setToolTipsVisible(True)
        group = ""
        for row in (row for row in ACTIONS if row.menu == name):
            if group and row.group != group:
                menu.addSeparator()
            group = row.group
            menu.addAction(actions[row.name])


def keys_of(row: ActionRow) -> tuple[str, ...]:
    """The user's own keys of an action, or the table's."""
    own = QSettings().value(f"keys/{row.name}")
    return tuple(str(own).split()) if own is not None else row.keys


def keep_keys(name: str, keys: str | None) -> None:
    """Store the user's own keys of an action, by its name; None: the table's again."""
    if keys is None:
        QSettings().remove(f"keys/{name}")
    else:
        QSettings().setValue(f"keys/{name}", keys)


def renew_keys(name: str, actions: Actions) -> None:
    """Give an action the keys that were just stored."""
    row = next(row for row in ACTIONS if row.name == name)
    actions[name].setShortcuts([QKeySequence(key) for key in keys_of(row)])
    actions[name].setToolTip(actions.tip(name))


class _LettersOff(QObject):
    """Switches single-letter keys off while a text field has the focus."""

    def __init__(self, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self._actions, self._writing = actions, False
        QApplication.instance().focusChanged.connect(self._focus)

    def _focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        writing = types_text(new)
        if writing == self._writing:
            return
        self._writing = writing
        for row in ACTIONS:
            keys = [QKeySequence(key) for key in keys_of(row)]
            if any(_types(sequence) for sequence in keys):
                self._actions[row.name].setShortcuts([] if writing else keys)


def _types(sequence: QKeySequence) -> bool:
    """Whether a text field would take the key: letters, digits, arrows, Delete and the like."""
    return not any(held in sequence.toString() for held in ("Ctrl+", "Alt+", "F1", "F2", "F3",
                                                            "F4", "F6"))  # fmt: skip
