"""A field for words in the batch bar, with the button that gives them and one that does not."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from dubsync.desk.parts.buttons import text_button

HEIGHT = 28


class WordsRow(QWidget):
    """`given` tells the words, which are never empty; `left` that there are none."""

    given = pyqtSignal(str)
    left = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QLineEdit(self)
        self.field.setFixedHeight(HEIGHT)
        self.field.installEventFilter(self)
        self.field.returnPressed.connect(self._give)
        self.give = text_button("", primary=True, parent=self)
        self.leave = text_button("Cancel", flat=True, tip="Cancel (Esc)", parent=self)
        for button in (self.give, self.leave):
            button.setFixedHeight(HEIGHT)
        self.give.clicked.connect(self._give)
        self.leave.clicked.connect(self.left)
        self.field.textChanged.connect(lambda text: self.give.setEnabled(bool(text.strip())))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(self.give)
        row.addWidget(self.leave)

    def ask(self, question: str, button: str) -> None:
        """Ask for words, with the keyboard in the field."""
        self.field.clear()
        self.field.setPlaceholderText(question)
        self.field.setAccessibleName(question)
        self.give.setText(button)
        self.give.setToolTip(f"{button} (Enter)")
        self.give.setEnabled(False)
        self.field.setFocus(Qt.OtherFocusReason)

    def eventFilter(self, field: QWidget, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.KeyPress and event.key() == Qt.Key_Escape:
            self.left.emit()
            return True
        return bool(super().eventFilter(field, event))

    def _give(self) -> None:
        if words := self.field.text().strip():
            self.given.emit(words)
