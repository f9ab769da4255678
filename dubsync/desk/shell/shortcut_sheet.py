"""The sheet of shortcuts over the window: searchable, and the place where keys are changed."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QEvent, QRect, Qt
from PyQt5.QtGui import QColor, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PyQt5.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.look.icons import icon
from dubsync.desk.parts.buttons import icon_button, text_button
from dubsync.desk.shell.action_table import ACTIONS, ActionRow
from dubsync.desk.shell.make_actions import keep_keys, keys_of

#: The columns of the sheet, by groups of the action table.
COLUMNS = (("Play",), ("Look", "Reel"), ("Shape", "Judge"), ("Curves", "Window"))
_DIM = QColor(14, 14, 14, 204)
_MODIFIERS = (Qt.Key_Control, Qt.Key_Shift, Qt.Key_Alt, Qt.Key_Meta, Qt.Key_AltGr)


class ShortcutSheet(QWidget):
    """Covers its parent; Esc, the cross or a click beside it closes it.

    Args:
        changed: called with an action's name after its keys were changed.
    """

    def __init__(self, parent: QWidget, changed: Callable[[str], None]) -> None:
        super().__init__(parent)
        self._changed = changed
        self._waiting: _KeyRow | None = None
        self._card = QFrame(self)
        self._card.setObjectName("sheet")
        self._card.setStyleSheet(
            f"#sheet {{ background: {tokens.BG2}; border: 1px solid {tokens.EDGE};"
            f" border-radius: {tokens.RADIUS_CARD}px; }}"
        )
        self.search = QLineEdit(self._card, placeholderText="Find a command")
        self.search.addAction(icon("magnifying-glass"), QLineEdit.LeadingPosition)
        self.search.setFixedWidth(220)
        self.search.setAccessibleName("Find a command")
        self.search.textChanged.connect(self._find)
        self._said = QLabel("Click keys to change them", self._card)
        self._said.setProperty("tone", "caption")
        self.rows: list[_KeyRow] = []
        self._lay_out()
        self.hide()

    def open(self) -> None:
        """Show the sheet over all of the window."""
        self.setGeometry(self.parentWidget().rect())
        self.search.clear()
        self.show()
        self.raise_()
        self.search.setFocus()
        self.parentWidget().installEventFilter(self)

    def close_sheet(self) -> None:
        """Hide it; the keys belong to the window again."""
        self.parentWidget().removeEventFilter(self)
        self._wait(None)
        self.hide()

    # -- Qt ----------------------------------------------------------------------------------

    def eventFilter(self, _watched: object, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Resize:
            self.setGeometry(self.parentWidget().rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        QPainter(self).fillRect(event.rect(), _DIM)

    def resizeEvent(self, _event: object) -> None:  # noqa: N802
        width, height = min(1120, self.width() - 32), min(720, self.height() - 64)
        left, top = (self.width() - width) // 2, (self.height() - height) // 2
        self._card.setGeometry(QRect(left, top, width, height))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if not self._card.geometry().contains(event.pos()):
            self.close_sheet()

    def event(self, event: QEvent) -> bool:
        # Before the window's own shortcuts: while a new key is awaited, every key is the answer.
        if event.type() == QEvent.ShortcutOverride:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if self._waiting is not None:
            self._take(event)
        elif event.key() == Qt.Key_Escape:
            self.close_sheet()

    # -- making ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        title = QLabel("Shortcuts", self._card)
        title.setFont(font(tokens.QUESTION))
        back = text_button("Keys back", tip="All keys as they came", flat=True)
        back.clicked.connect(self._back)
        cross = icon_button("x", "Close (Esc)")
        cross.clicked.connect(self.close_sheet)
        head.addWidget(title)
        head.addStretch(1)
        for widget in (self._said, self.search, back, cross):
            head.addWidget(widget)
            head.setSpacing(12)
        columns = QHBoxLayout()
        columns.setContentsMargins(0, 0, 12, 0)
        columns.setSpacing(28)
        for groups in COLUMNS:
            columns.addLayout(self._column(groups), 1)
        inside = QWidget()
        inside.setLayout(columns)
        area = QScrollArea(self._card)
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.NoFrame)
        for through in (inside, area.viewport()):  # the card's own grey shows through
            through.setAutoFillBackground(False)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(32, 16, 24, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(area, 1)

    def _column(self, groups: tuple[str, ...]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        for group in groups:
            label = QLabel(group)
            label.setFont(font(tokens.LARGER, medium=True))
            label.setFixedHeight(28)
            rule = QFrame()
            rule.setProperty("seam", True)
            column.addWidget(label)
            column.addWidget(rule)
            column.addSpacing(4)
            for action in (row for row in ACTIONS if row.group == group and row.keys):
                shown = _KeyRow(action, self._wait)
                self.rows.append(shown)
                column.addWidget(shown)
            column.addSpacing(16)
        column.addStretch(1)
        return column

    # -- what a user does --------------------------------------------------------------------

    def _find(self, text: str) -> None:
        wanted = text.strip().lower()
        for row in self.rows:
            row.setVisible(wanted in row.searched)

    def _wait(self, row: _KeyRow | None) -> None:
        if self._waiting is not None:
            self._waiting.wait(False)
        self._waiting = row
        if row is not None:
            row.wait(True)
            self._said.setText("Press the new key, or Esc")
            self.setFocus()
        else:
            self._said.setText("Click keys to change them")

    def _take(self, event: QKeyEvent) -> None:
        row, key = self._waiting, event.key()
        if row is None or key in _MODIFIERS:
            return
        if key == Qt.Key_Escape:
            self._wait(None)
            return
        keys = QKeySequence(int(event.modifiers() & ~Qt.KeypadModifier) | key).toString()
        owner = next(
            (one for one in ACTIONS if one is not row.action and keys in keys_of(one)), None
        )
        if owner is not None:
            self._said.setText(f"{keys} is taken by {owner.text.rstrip('.')}")
            return
        keep_keys(row.action.name, keys)
        self._wait(None)
        row.show_keys()
        self._changed(row.action.name)

    def _back(self) -> None:
        for row in self.rows:
            if keys_of(row.action) != row.action.keys:
                keep_keys(row.action.name, None)
                row.show_keys()
                self._changed(row.action.name)


class _KeyRow(QWidget):
    """What an action does, and its keys as a button."""

    def __init__(self, action: ActionRow, asked: Callable[[_KeyRow], None]) -> None:
        super().__init__()
        self.action = action
        self.searched = f"{action.text} {' '.join(action.keys)}".lower()
        text = action.text.rstrip(".")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        label = QLabel(text)
        label.setProperty("tone", "second")
        self.keys = QPushButton(self)
        self.keys.setFixedHeight(20)
        self.keys.setAccessibleName(f"Key of {text}")
        self.keys.setStyleSheet(f"font-size: {tokens.SMALL}px; padding: 0 6px;")
        self.keys.clicked.connect(lambda: asked(self))
        row.addWidget(label, 1)
        row.addWidget(self.keys)
        self.setFixedHeight(24)
        self.show_keys()

    def show_keys(self) -> None:
        self.keys.setText("  ".join(keys_of(self.action)) or "none")

    def wait(self, on: bool) -> None:
        self.keys.setText("..." if on else "")
        if not on:
            self.show_keys()
