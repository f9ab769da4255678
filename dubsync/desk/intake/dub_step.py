"""The step of the dub: its language, and one stem for each character."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt5.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit, QWidget

from dubsync.desk.intake.reel_draft import ReelDraft, in_language, with_dub
from dubsync.desk.intake.step_form import StepForm, cell, make_table
from dubsync.desk.parts.buttons import text_button
from dubsync.service.survey.surroundings import SOUNDS

_FILTER = f"Sound ({' '.join(f'*{suffix}' for suffix in SOUNDS)})"


class DubStep(StepForm):
    """A row for each stem; the character's name is typed over the file's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Dub", parent)
        self.said.setText(
            "One sound file for each character, or one with several: join their names with +. "
            "Another language takes the stems that were found for it."
        )
        self.language = QLineEdit(self, placeholderText="fr-FR")
        self.language.setFixedWidth(120)
        self.language.setAccessibleName("Language of the dub")
        self.language.setToolTip("BCP-47 tag of the dub's language, as in fr-FR or de")
        self.language.editingFinished.connect(self._named)
        add = text_button("Add a stem...", "plus", tip="Add the dubbed sound of a character")
        add.clicked.connect(self._add)
        remove = text_button("Remove", flat=True, tip="Take the selected stem out")
        remove.clicked.connect(self._remove)
        row = QHBoxLayout()
        row.setSpacing(8)
        label = QLabel("Language")
        label.setProperty("tone", "caption")
        row.addWidget(label)
        row.addWidget(self.language)
        row.addStretch(1)
        row.addWidget(remove)
        row.addWidget(add)
        self.table = make_table(("Character", "Stem"), 1, "Stems of the dub")
        self.table.setEditTriggers(self.table.DoubleClicked | self.table.EditKeyPressed)
        self.table.itemChanged.connect(self._renamed)
        self._filling = False
        self.column.addLayout(row)
        self.column.addWidget(self.table, 1)

    def show_draft(self, draft: ReelDraft) -> None:
        super().show_draft(draft)
        self._filling = True
        if not self.language.hasFocus():
            self.language.setText(draft.language)
        self.table.setRowCount(len(draft.dubs))
        for n, (name, stem) in enumerate(draft.dubs.items()):
            self.table.setItem(n, 0, cell(name, tip="Double click to write another name"))
            path = cell(str(stem), tip=str(stem))
            path.setFlags(path.flags() & ~2)  # ItemIsEditable
            self.table.setItem(n, 1, path)
        self.table.resizeColumnToContents(0)
        self._filling = False

    def _named(self) -> None:
        language = self.language.text().strip()
        if language != self.draft.language:
            self.changed.emit(in_language(self.draft, language))

    def _add(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self, "Stems of the dub", "", _FILTER)
        draft = self.draft
        for path in map(Path, paths):
            draft = with_dub(draft, path.stem.partition("_")[0].upper(), path)
        if paths:
            self.changed.emit(draft)

    def _remove(self) -> None:
        names = list(self.draft.dubs)
        row = self.table.currentRow()
        if 0 <= row < len(names):
            self.changed.emit(with_dub(self.draft, names[row], None))

    def _renamed(self, item: object) -> None:
        if self._filling:
            return
        typed = [self.table.item(n, 0).text().strip() for n in range(self.table.rowCount())]
        stems = list(self.draft.dubs.values())
        dubs = {name: stem for name, stem in zip(typed, stems, strict=True) if name}
        self.changed.emit(replace(self.draft, dubs=dubs))
