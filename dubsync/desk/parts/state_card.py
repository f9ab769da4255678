"""A card over the picture: why a shot waits, what was looked for, and the ways out."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QKeyEvent
from PyQt5.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.look.icons import pixmap
from dubsync.desk.look.statuses import StatusLook
from dubsync.desk.parts.elided_label import ElidedLabel

WIDTH = 440


class StateCard(QFrame):
    """Head, sentences, facts and buttons; Esc folds it, and `folded` is told."""

    folded = pyqtSignal()

    def __init__(
        self,
        look: StatusLook,
        head: str,
        sentences: Sequence[str],
        facts: Sequence[tuple[str, str]] = (),
        buttons: Sequence[QPushButton] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("state")
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(head)
        self.setStyleSheet(
            f"#state {{ background: {tokens.BG2}; border: 1px solid {tokens.EDGE};"
            f" border-radius: {tokens.RADIUS_CARD}px; }}"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addLayout(_head(look, head))
        for sentence in sentences:
            label = QLabel(sentence, self)
            label.setWordWrap(True)
            label.setProperty("tone", "second")
            label.setTextInteractionFlags(Qt.TextSelectableByMouse)
            column.addWidget(label)
        if facts:
            rule = QFrame(self)
            rule.setProperty("seam", True)
            column.addWidget(rule)
            column.addLayout(_facts(facts))
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in buttons:
            button.setFixedHeight(28)
            row.addWidget(button)
        row.addStretch(1)
        if buttons:
            column.addLayout(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key_Escape:
            self.folded.emit()
        else:
            super().keyPressEvent(event)


def _head(look: StatusLook, text: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(12)
    mark = QLabel()
    mark.setPixmap(pixmap(look.icon, 20, look.colour))
    label = QLabel(text)
    label.setFont(font(tokens.CARD_HEAD, medium=True))
    label.setWordWrap(True)
    row.addWidget(mark, 0, Qt.AlignTop)
    row.addWidget(label, 1)
    return row


def _facts(facts: Sequence[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(4)
    grid.setColumnMinimumWidth(0, 76)
    grid.setColumnStretch(1, 1)
    for n, (name, value) in enumerate(facts):
        caption = QLabel(name)
        caption.setProperty("tone", "caption")
        grid.addWidget(caption, n, 0)
        grid.addWidget(ElidedLabel(value, middle=True), n, 1)
    return grid
