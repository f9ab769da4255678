"""A line that is typed into the card or a list: a reason, a note, a name; never a dialog."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5 import sip
from PyQt5.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt5.QtWidgets import QApplication, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from dubsync.desk.parts.buttons import text_button
from dubsync.desk.parts.segments import Segments


class WordsField(QWidget):
    """Hidden until `ask`; Enter says it, Escape folds it.

    closed  it was folded, said or not
    """

    closed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._said: Callable[[str, str], None] | None = None
        self._needed = True
        self._before: QWidget | None = None
        self._choices: Segments | None = None
        self._words = QLabel(self)
        self._words.setProperty("tone", "second")
        self.line = QLineEdit(self)
        self.line.setFixedHeight(24)
        self.line.returnPressed.connect(self.say)
        self.line.textChanged.connect(self._allow)
        self.line.installEventFilter(self)
        self.yes = text_button("Save", tip="Enter")
        self.yes.clicked.connect(self.say)
        self._head = QHBoxLayout()
        self._head.setContentsMargins(0, 0, 0, 0)
        self._head.setSpacing(8)
        self._head.addWidget(self._words, 1)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.yes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._head)
        column.addLayout(row)
        self.hide()

    def ask(
        self,
        words: str,
        said: Callable[[str, str], None],
        *,
        text: str = "",
        button: str = "Save",
        choices: Sequence[tuple[str, str, str]] = (),
        choice: str = "",
        needed: bool = True,
    ) -> None:
        """Open the line.

        Args:
            words: what is asked for.
            said: called with the text and the choice.
            choices: (name, text, tooltip) of which one is picked beside the line.
            needed: whether an empty line says nothing.
        """
        self._said, self._needed = said, needed
        self._words.setText(words)
        self.line.setAccessibleName(words)
        self.line.setText(text)
        self.line.selectAll()
        self.yes.setText(button)
        self.yes.setAccessibleName(button)
        if self._choices is not None:
            self._head.removeWidget(self._choices)
            self._choices.hide()
            self._choices.deleteLater()
            self._choices = None
        if choices:
            self._choices = Segments(choices, self)
            self._choices.choose(choice)
            self._head.addWidget(self._choices)
        self._allow()
        if self.isHidden():
            self._before = QApplication.focusWidget()
        self.show()
        self.line.setFocus(Qt.ShortcutFocusReason)

    def say(self) -> None:
        """What Enter does."""
        text, said = self.line.text().strip(), self._said
        if said is None or (self._needed and not text):
            return
        choice = self._choices.choice if self._choices is not None else ""
        self.fold()
        said(text, choice)

    def fold(self) -> None:
        """Close the line without saying anything."""
        if not self.isHidden():
            self._said = None
            if self.isAncestorOf(QApplication.focusWidget() or self):
                self._give_back()
            self.hide()
            self.closed.emit()

    def _give_back(self) -> None:
        """The focus goes back to where the hand was."""
        before = self._before
        if before is not None and not sip.isdeleted(before) and before.isVisible():
            before.setFocus(Qt.OtherFocusReason)
        else:
            self.line.clearFocus()

    def _allow(self) -> None:
        self.yes.setEnabled(bool(self.line.text().strip()) or not self._needed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        typed = watched is self.line and event.type() == QEvent.KeyPress
        if typed and event.key() == Qt.Key_Escape:
            self.fold()
            return True
        return bool(super().eventFilter(watched, event))
