"""The steps about people: who plays each character, and whose consent there is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QTableWidgetItem, QWidget

from dubsync.core.errors import DubsyncError
from dubsync.desk.intake.reel_draft import ReelDraft
from dubsync.desk.intake.step_form import StepForm, cell, make_table
from dubsync.desk.look import tokens
from dubsync.desk.look.icons import icon
from dubsync.desk.parts.buttons import text_button
from dubsync.service.consent.records import read_consent
from dubsync.service.consent.scope import spoken


class CharactersStep(StepForm):
    """Each character's performer: the person whose face is changed, and who consents to it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Characters", parent)
        self.said.setText(
            "Who plays whom on screen. The performer's name stands in their consent record."
        )
        self.table = make_table(("Character", "Played by"), 1, "Characters")
        self.table.setEditTriggers(self.table.AllEditTriggers)
        self.table.itemChanged.connect(self._named)
        self._filling = False
        self.column.addWidget(self.table, 1)

    def show_draft(self, draft: ReelDraft) -> None:
        super().show_draft(draft)
        self._filling = True
        names = [name for joined in draft.dubs for name in joined.split("+")]
        self.table.setRowCount(len(names))
        for n, name in enumerate(names):
            character = cell(name)
            character.setFlags(character.flags() & ~Qt.ItemIsEditable)
            self.table.setItem(n, 0, character)
            self.table.setItem(n, 1, cell(draft.performer(name), tip="Type the performer's name"))
        self._filling = False

    def _named(self, item: QTableWidgetItem) -> None:
        if self._filling:
            return
        name = self.table.item(item.row(), 0).text()
        performers = {**self.draft.performers, name: item.text().strip()}
        self.changed.emit(replace(self.draft, performers=performers))


@dataclass(frozen=True, slots=True)
class _Record:
    """A consent record as the step shows it; `why`: what is wrong with it."""

    path: Path
    performer: str = ""
    said: str = ""
    why: str = ""


class ConsentStep(StepForm):
    """Nobody is learnt from or rendered without a record; a form is written for who has none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Consent", parent)
        self.said.setText(
            "Nobody's face is learnt or rendered without their consent. Add the records that you "
            "have; for everybody else the new reel holds a form to fill in, and their shots wait."
        )
        add = text_button("Add a consent record...", "folder-open", tip="Add .toml records")
        add.clicked.connect(self._add)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(add)
        self.table = make_table(("Performer", "Plays", "Record", "State"), 2, "Consent")
        self.where = QLabel(self)
        self.where.setProperty("tone", "caption")
        self.column.addLayout(row)
        self.column.addWidget(self.table, 1)
        self.column.addWidget(self.where)

    def show_draft(self, draft: ReelDraft) -> None:
        super().show_draft(draft)
        records = [_read(path) for path in draft.consents]
        plays: dict[str, list[str]] = {}
        for name in (name for joined in draft.dubs for name in joined.split("+")):
            plays.setdefault(draft.performer(name), []).append(name)
        rows = [(performer, ", ".join(names)) for performer, names in plays.items()]
        rows += [(r.performer or r.path.name, "") for r in records if r.performer not in plays]
        self.table.setRowCount(len(rows))
        for n, (performer, names) in enumerate(rows):
            self._fill(n, performer, names, [r for r in records if r.performer == performer])
        self.where.setText(f"The new reel's folder: {draft.folder}")

    def _fill(self, n: int, performer: str, names: str, theirs: list[_Record]) -> None:
        held = theirs[0] if theirs else None
        state = cell(held.why or "held" if held else "a form will be written")
        good = held is not None and not held.why
        mark = ("check-circle-fill", tokens.APPROVED) if good else ("prohibit-fill", tokens.BLOCKED)
        state.setIcon(icon(*mark))
        said = held.said if held else "-"
        for column, item in enumerate((cell(performer), cell(names), cell(said), state)):
            self.table.setItem(n, column, item)

    def _add(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self, "Consent records", "", "Records (*.toml)")
        if paths:
            consents = tuple(dict.fromkeys((*self.draft.consents, *map(Path, paths))))
            self.changed.emit(replace(self.draft, consents=consents))


def _read(path: Path) -> _Record:
    try:
        record = read_consent(path)
    except DubsyncError as error:
        return _Record(path, said=path.name, why=str(error))
    limits = "".join(f"; {limit}" for limit in spoken(record.scope, record.used))
    covers = f"{', '.join(record.operations)}; {', '.join(record.languages)}{limits}"
    why = f"it {record.fault}" if record.fault else ""
    return _Record(path, record.performer, f"{path.name}: {covers}", why)
