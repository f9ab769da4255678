"""What a delivery wrote: its files, what they could not hold, and the shots that are not in it."""

from __future__ import annotations

from PyQt5.QtCore import Qt, QUrl
from PyQt5.QtGui import QDesktopServices
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from dubsync.core.plural import counted
from dubsync.desk.deliver.deliver_job import Delivered
from dubsync.desk.look import tokens
from dubsync.desk.look.icons import USUAL, pixmap
from dubsync.desk.parts.buttons import text_button
from dubsync.desk.parts.elided_label import ElidedLabel

#: Sentences of one kind that are shown; the rest is counted.
MOST = 12


class ResultCard(QScrollArea):
    """Shows a Delivered; empty before there is one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.setStyleSheet(f"QScrollArea, #inside {{ background: {tokens.BG2}; border: none; }}")
        self.shown: Delivered | None = None
        self.open_folder = text_button(
            "Open folder", "folder-open", tip="Open the delivery's folder"
        )
        self.clear()

    def clear(self) -> None:
        self._inside()

    def show_result(self, result: Delivered) -> None:
        """Show what was written, or why nothing was."""
        self.shown = result
        column = self._inside()
        self._head(column, result)
        if result.files:
            folder = result.folder
            for kind, path in result.files.items():
                self._pair(column, kind, path.rpartition("/")[2], path)
            self.open_folder = text_button("Open folder", "folder-open",
                                           tip=f"Open {folder}")  # fmt: skip
            self.open_folder.clicked.connect(
                lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
            )
            row = QHBoxLayout()
            row.addWidget(self.open_folder)
            row.addStretch(1)
            column.addLayout(row)
        hosts = [f"{key}: {', '.join(names) or 'no host'}" for key, names in result.opens.items()]
        self._sentences(column, "Opens in, by published lists", hosts)
        self._sentences(column, "Not in it", [f"{shot}: {why}" for shot, why in result.left])
        self._sentences(column, "What the files could not hold", list(result.losses))
        column.addStretch(1)

    # -- making ------------------------------------------------------------------------------

    def _inside(self) -> QVBoxLayout:
        inside = QWidget(self)
        inside.setObjectName("inside")
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(4)
        self.setWidget(inside)
        return column

    def _head(self, column: QVBoxLayout, result: Delivered) -> None:
        failed = bool(result.error)
        row, mark = QHBoxLayout(), QLabel()
        mark.setPixmap(
            pixmap("warning-octagon-fill", USUAL, tokens.REJECTED, self.devicePixelRatioF())
            if failed
            else pixmap("check-circle-fill", USUAL, tokens.APPROVED, self.devicePixelRatioF())
        )
        count = len(result.versions)
        words = "Nothing was written" if failed else f"Delivered {counted(count, 'shot')}"
        head = QLabel(words)
        head.setProperty("tone", "head")
        row.addWidget(mark)
        row.addWidget(head, 1)
        column.addLayout(row)
        for text, tone in ((result.error, ""), (result.hint, "second")):
            if text:
                column.addWidget(_wrapped(text, tone))

    def _pair(self, column: QVBoxLayout, kind: str, name: str, path: str) -> None:
        row, label, value = QHBoxLayout(), QLabel(kind), ElidedLabel(name, middle=True)
        label.setProperty("tone", "caption")
        label.setFixedWidth(96)
        value.setToolTip(path)
        value.setTextInteractionFlags(Qt.TextSelectableByMouse)
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(value, 1)
        column.addLayout(row)

    def _sentences(self, column: QVBoxLayout, title: str, sentences: list[str]) -> None:
        if not sentences:
            return
        head = QLabel(f"{title}: {len(sentences)}")
        head.setProperty("tone", "second")
        column.addSpacing(8)
        column.addWidget(head)
        for sentence in sentences[:MOST]:
            column.addWidget(_wrapped(sentence, "caption"))
        if len(sentences) > MOST:
            column.addWidget(_wrapped(f"and {len(sentences) - MOST} more", "caption"))


def _wrapped(text: str, tone: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.PlainText)
    label.setProperty("tone", tone)
    label.setTextInteractionFlags(Qt.TextSelectableByMouse)
    label.setMinimumWidth(1)
    return label
