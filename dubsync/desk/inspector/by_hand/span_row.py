"""Something that holds over a span of the shot: what it is, its frames to type, a way to end it."""

from __future__ import annotations

import re

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from dubsync.desk.look.icons import SMALL
from dubsync.desk.parts.buttons import icon_button
from dubsync.desk.parts.elided_label import ElidedLabel

#: Frames on either side of the playhead of a new span, where the loop is not marked.
AROUND = 12
_FRAMES = re.compile(r"\s*(\d+)\s*(?:\.\.|-|\N{EN DASH})\s*(\d+)\s*")


class SpanRow(QWidget):
    """One span.

    moved    (first, last) that were typed
    ended    it is to go
    go_to    a plate frame
    refused  a sentence: what was typed are no frames
    """

    moved = pyqtSignal(int, int)
    ended = pyqtSignal()
    go_to = pyqtSignal(int)
    refused = pyqtSignal(str)

    def __init__(self, what: str, first: int, last: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ends = (first, last)
        self.setFixedHeight(24)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(4)
        self.what = ElidedLabel(what, self)
        self.what.setProperty("tone", "second")
        self.field = QLineEdit(f"{first}..{last}", self)
        self.field.setFixedSize(126, 22)
        self.field.setStyleSheet("min-height: 18px; padding: 0 5px;")
        self.field.setAlignment(Qt.AlignRight | Qt.AlignVCenter)
        self.field.setAccessibleName(f"frames of {what}")
        self.field.setToolTip("First and last plate frame: type others, as in 1012..1040")
        self.field.editingFinished.connect(self._typed)
        self.to = icon_button("caret-right", f"Go to frame {first}", size=SMALL, hit=20)
        self.to.clicked.connect(lambda: self.go_to.emit(first))
        self.end = icon_button("x", f"No longer {what} over {first}..{last}", size=SMALL, hit=20)
        self.end.clicked.connect(self.ended)
        row.addWidget(self.what, 1)
        row.addWidget(self.field)
        row.addWidget(self.to)
        row.addWidget(self.end)

    def _typed(self) -> None:
        if not self.field.isModified():
            return
        self.field.setModified(False)
        found = _FRAMES.fullmatch(self.field.text())
        if found is None:
            self.field.setText("{}..{}".format(*self._ends))
            self.refused.emit("Frames are written as in 1012..1040: the first, two dots, the last")
            return
        ends = int(found[1]), int(found[2])
        if ends != self._ends:
            self.moved.emit(*ends)
