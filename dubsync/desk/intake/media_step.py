"""The step of the plates: which of them the cut finds, and where they were looked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit, QWidget

from dubsync.core.timeline.timecode import Clock
from dubsync.desk.intake.reel_draft import ReelDraft
from dubsync.desk.intake.step_form import StepForm, cell, make_table
from dubsync.desk.look import tokens
from dubsync.desk.look.icons import icon
from dubsync.desk.parts.buttons import text_button
from dubsync.service.survey.linked_plates import WantedPlate

_COLUMNS = ("Plate", "Starts at", "Frames", "Used by events", "Picture", "Found")


class MediaStep(StepForm):
    """`look_again` asks for the cut's plates to be looked for once more."""

    look_again = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Media", parent)
        row = QHBoxLayout()
        row.setSpacing(8)
        label = QLabel("Looked in")
        label.setProperty("tone", "caption")
        self.folders = QLineEdit(self, readOnly=True)
        self.folders.setAccessibleName("Folders of plates")
        self.folders.addAction(icon("folder-open"), QLineEdit.LeadingPosition)
        self.add = text_button("Add a folder...", tip="Look for plates in another folder too")
        self.add.clicked.connect(self._add)
        again = text_button("Look again", flat=True)
        again.clicked.connect(self.look_again)
        row.addWidget(label)
        row.addWidget(self.folders, 1)
        row.addWidget(self.add)
        row.addWidget(again)
        self.table = make_table(_COLUMNS, 0, "Plates of the cut")
        self.column.addLayout(row)
        self.column.addWidget(self.table, 1)
        self.doubts = QLabel(self)
        self.doubts.setProperty("tone", "second")
        self.doubts.setWordWrap(True)
        self.column.addWidget(self.doubts)

    def show_draft(self, draft: ReelDraft) -> None:
        super().show_draft(draft)
        self.folders.setText("; ".join(map(str, draft.media)))
        look = draft.look
        if look is None:
            self.said.setText("The cut's plates are being looked for...")
            self.table.setRowCount(0)
            return
        lacking = len(look.plates) - look.found
        later = "its shot waits" if lacking == 1 else "their shots wait"
        self.said.setText(
            f"{look.found} of the {len(look.plates)} plates that the cut uses are found."
            + (f" You can go on with {lacking} missing; {later}." if lacking else "")
        )
        self.table.setRowCount(len(look.plates))
        for n, wanted in enumerate(look.plates):
            for column, item in enumerate(_row(wanted)):
                self.table.setItem(n, column, item)
        notes = [w.message for w in look.warnings]
        if look.rate_from_plates:
            rate = float(look.cut.rate)
            notes.insert(0, f"The cut states no rate: {rate:.6g} fps is taken from the plates.")
        self.doubts.setText("\n".join(notes[:6]))

    def _add(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "A folder of plates")
        if folder:
            media = tuple(dict.fromkeys((*self.draft.media, Path(folder))))
            self.changed.emit(replace(self.draft, media=media, look=None))


def _row(wanted: WantedPlate) -> list[object]:
    plate = wanted.plate
    used = str(len(wanted.events))
    slowed = [event for event in wanted.events if event.speed != 1]
    if slowed:
        used += f", {len(slowed)} at another speed"
    why = "; ".join(warning.message for warning in wanted.warnings)
    if plate is None:
        items = [cell(wanted.name), cell("-"), cell("-", right=True), cell(used), cell("-")]
        found = cell("not found", tip=why)
        found.setIcon(icon("link-break", tokens.STALE))
        return [*items, found]
    starts = Clock(plate.frames.rate, plate.drop).timecode(plate.frames.start / plate.frames.rate)
    picture = "{} x {}, {} bit".format(*plate.format.shown_size, plate.format.bits)
    found = cell("found", tip=why or plate.path)
    found.setIcon(icon("warning-fill", tokens.STALE) if why else icon("check", tokens.APPROVED))
    return [
        cell(plate.name), cell(starts), cell(str(len(plate.frames)), right=True), cell(used),
        cell(picture), found,
    ]  # fmt: skip
