"""A picked expression: its name, its strength, its frames, and a way to end it."""

from __future__ import annotations

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from dubsync.core.tweak.like_key import MOST_STRENGTH, LikeKey
from dubsync.desk.inspector.by_hand.span_row import SpanRow
from dubsync.desk.look.icons import SMALL
from dubsync.desk.parts.buttons import icon_button
from dubsync.desk.parts.elided_label import ElidedLabel
from dubsync.desk.parts.value_field import Number, ValueField

STRENGTH = Number("x", 1.0, 0.0, MOST_STRENGTH, 0.05, 2,
                  "Strength: drag, wheel or arrows; 1 is as in the footage")  # fmt: skip


class LikeRow(QWidget):
    """One picked expression.

    strength  a value that a hand asks for
    span      only round the frame that is looked at
    moved, ended, go_to, refused  as `SpanRow` has them
    """

    strength = pyqtSignal(float)
    span = pyqtSignal()
    moved = pyqtSignal(int, int)
    ended = pyqtSignal()
    go_to = pyqtSignal(int)
    refused = pyqtSignal(str)

    def __init__(self, key: LikeKey, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        line = QWidget(self)
        line.setFixedHeight(24)
        row = QHBoxLayout(line)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(4)
        row.addWidget(ElidedLabel(key.source, line), 1)
        self.field = ValueField(STRENGTH, line)
        self.field.set_value(key.strength)
        self.field.changed.connect(self.strength)
        row.addWidget(self.field)
        self.over = icon_button("arrows-in-line-horizontal", "Only over a span round this frame",
                                size=SMALL, hit=20)  # fmt: skip
        self.over.clicked.connect(self.span)
        self.over.setVisible(key.first is None)
        self.end = icon_button("x", f"No longer like {key.source}", size=SMALL, hit=20)
        self.end.clicked.connect(self.ended)
        row.addWidget(self.over)
        row.addWidget(self.end)
        column.addWidget(line)
        if key.first is not None and key.last is not None:
            frames = SpanRow("over", key.first, key.last, self)
            frames.end.hide()
            for name in ("moved", "go_to", "refused"):
                getattr(frames, name).connect(getattr(self, name))
            column.addWidget(frames)

    def show_key(self, key: LikeKey) -> None:
        """Show the same expression at another strength."""
        self.key = key
        self.field.set_value(key.strength)
