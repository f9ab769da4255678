"""The step of the takes: folders with the voice actors' films."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt5.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from dubsync.desk.intake.reel_draft import ReelDraft
from dubsync.desk.intake.step_form import StepForm, cell, make_table
from dubsync.desk.parts.buttons import text_button


class TakesStep(StepForm):
    """Takes are not needed: without them the dub's sound drives the mouths."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Takes", parent)
        self.said.setText(
            "Films of the voice actors, if there are any: their mouths drive the lines they say. "
            "Name them CHARACTER_LINE_TAKE, as MARC_L002_t01.mov. Without takes the dub's sound "
            "drives every mouth."
        )
        add = text_button("Add a folder...", "plus", tip="Add a folder of takes")
        add.clicked.connect(self._add)
        remove = text_button("Remove", flat=True, tip="Take the selected folder out")
        remove.clicked.connect(self._remove)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(remove)
        row.addWidget(add)
        self.table = make_table(("Folder",), 0, "Folders of takes")
        self.column.addLayout(row)
        self.column.addWidget(self.table, 1)

    def show_draft(self, draft: ReelDraft) -> None:
        super().show_draft(draft)
        self.table.setRowCount(len(draft.takes))
        for n, folder in enumerate(draft.takes):
            self.table.setItem(n, 0, cell(str(folder), tip=str(folder)))

    def _add(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "A folder of takes")
        if folder:
            takes = tuple(dict.fromkeys((*self.draft.takes, Path(folder))))
            self.changed.emit(replace(self.draft, takes=takes))

    def _remove(self) -> None:
        row = self.table.currentRow()
        if 0 <= row < len(self.draft.takes):
            takes = tuple(t for n, t in enumerate(self.draft.takes) if n != row)
            self.changed.emit(replace(self.draft, takes=takes))
