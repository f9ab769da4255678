"""One line above the page: what somebody should know now, with what can be done; never a box."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.look.icons import USUAL, pixmap
from dubsync.desk.parts.buttons import icon_button, text_button
from dubsync.desk.parts.elided_label import ElidedLabel

#: The words of a button and what it does.
Way = tuple[str, Callable[[], object]]


class NoticeLine(QWidget):
    """Hidden until something is said; the newest notice stays until it is answered or closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(32)
        self.setAttribute(Qt.WA_StyledBackground)
        self.setStyleSheet(f"NoticeLine {{ background: {tokens.BG3}; }}")
        mark = QLabel(self)
        mark.setPixmap(pixmap("warning-fill", USUAL, tokens.STALE))
        self.words = ElidedLabel("", self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 0, 8, 0)
        self._row.setSpacing(8)
        self._row.addWidget(mark)
        self._row.addWidget(self.words, 1)
        self._ways: list[QWidget] = []
        close = icon_button("x", "Close this line")
        close.clicked.connect(self.clear)
        self._row.addWidget(close)
        self.hide()

    def say(self, text: str, ways: Sequence[Way] = ()) -> None:
        """Show one sentence and the buttons of what can be done about it."""
        self.clear()
        self.words.setText(text)
        self.words.setToolTip(text)
        self.setAccessibleName(text)
        for words, do in ways:
            button = text_button(words, parent=self)
            button.clicked.connect(lambda _=False, way=do: self._take(way))
            self._row.insertWidget(self._row.count() - 1, button)
            self._ways.append(button)
        self.show()

    def clear(self) -> None:
        """Take the line away."""
        for button in self._ways:
            button.deleteLater()
        self._ways = []
        self.hide()

    def _take(self, way: Callable[[], object]) -> None:
        self.clear()
        way()
