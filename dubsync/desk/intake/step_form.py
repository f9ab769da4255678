"""What the steps of a new reel have in common: a head, a sentence, and fields below."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from dubsync.desk.intake.reel_draft import ReelDraft
from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font

COLUMN = 960  #: width of the text and the tables


class StepForm(QWidget):
    """One step; `changed` tells a new draft."""

    changed = pyqtSignal(object)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.draft = ReelDraft()
        inside = QWidget(self)
        inside.setMaximumWidth(COLUMN)
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(0, 40, 0, 16)
        self.column.setSpacing(12)
        head = QLabel(title, self)
        head.setFont(font(tokens.STEP_HEAD))
        self.said = QLabel(self)
        self.said.setProperty("tone", "second")
        self.said.setWordWrap(True)
        self.column.addWidget(head)
        self.column.addWidget(self.said)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(40, 0, 40, 0)
        outer.addWidget(inside, 1, Qt.AlignHCenter)
        inside.setMinimumWidth(min(COLUMN, 720))

    def show_draft(self, draft: ReelDraft) -> None:
        """Show `draft`; subclasses fill their fields."""
        self.draft = draft


def make_table(columns: Sequence[str], wide: int, name: str) -> QTableWidget:
    """A quiet table whose column `wide` takes the width that is left."""
    table = QTableWidget(0, len(columns))
    table.setHorizontalHeaderLabels(list(columns))
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(40)
    table.setShowGrid(False)
    table.setFocusPolicy(Qt.StrongFocus)
    table.setEditTriggers(QAbstractItemView.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectRows)
    table.setAccessibleName(name)
    table.setStyleSheet(
        f"QTableView::item {{ padding: 0 8px; border-bottom: 1px solid {tokens.LINE}; }}"
        f"QTableView::item:selected {{ background: {tokens.ACCENT_BACK}; }}"
    )
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignLeft | Qt.AlignVCenter)
    for column in range(len(columns)):
        stretch = column == wide
        header.setSectionResizeMode(
            column, QHeaderView.Stretch if stretch else QHeaderView.ResizeToContents
        )
    return table


def cell(text: str, *, right: bool = False, tip: str = "") -> QTableWidgetItem:
    """A cell that is read, not written in."""
    item = QTableWidgetItem(text)
    item.setTextAlignment((Qt.AlignRight if right else Qt.AlignLeft) | Qt.AlignVCenter)
    item.setToolTip(tip)
    return item
