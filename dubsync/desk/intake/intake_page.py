"""The first start, and a new reel step by step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PyQt5.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from dubsync.desk.intake.drop_zone import dropped
from dubsync.desk.intake.dub_step import DubStep
from dubsync.desk.intake.first_start import FirstStart
from dubsync.desk.intake.media_step import MediaStep
from dubsync.desk.intake.people_steps import CharactersStep, ConsentStep
from dubsync.desk.intake.reel_draft import STEPS, ReelDraft, drafted
from dubsync.desk.intake.step_form import StepForm
from dubsync.desk.intake.stepper import Stepper
from dubsync.desk.intake.takes_step import TakesStep
from dubsync.desk.look import tokens
from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.buttons import text_button
from dubsync.desk.session.background import Refusal
from dubsync.desk.session.session import Session
from dubsync.service.new_project import Dubs, new_project
from dubsync.service.survey.linked_plates import CutLook, look_at_cut
from dubsync.service.survey.surroundings import (
    CUT_SUFFIXES,
    MOVIE_SUFFIXES,
    Surroundings,
    survey,
)


class IntakePage(QWidget):
    """Led from a dropped cut through media, dub, takes and characters to consent.

    reel_made  the folder of the project that was made, or chosen
    """

    reel_made = pyqtSignal(object)

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self.draft = ReelDraft()
        self._at = 0
        self._looking = 0
        self.setAcceptDrops(True)
        self.stepper = Stepper(self)
        self.start = FirstStart("   ".join(CUT_SUFFIXES), self)
        self.steps: tuple[StepForm, ...] = (
            MediaStep(self), DubStep(self), TakesStep(self), CharactersStep(self),
            ConsentStep(self),
        )  # fmt: skip
        self.forms = QStackedWidget(self)
        for form in (self.start, *self.steps):
            self.forms.addWidget(form)
        self._lay_out()
        self._connect()
        self._show()

    # -- what a user gives -------------------------------------------------------------------

    def take(self, path: Path) -> None:
        """Take a dropped or chosen cut, movie or folder: what lies around it fills the draft."""
        self.start.trouble.say("")
        self.said.setText(f"Looking around {path.name}...")
        self._session.background.run(
            lambda: survey(path), lambda around: self._surveyed(path, around), self._refused
        )

    def fail(self, refusal: Refusal) -> None:
        """Say on the first page why a reel was not opened."""
        self._at = 0
        self._show()
        if "it has no dubsync.toml" in refusal.message:
            # The command line's hint names a verb; here the page itself is the way out.
            refusal = replace(refusal, hint="drop its cut below to make a reel of it")
        self._refused(refusal)

    def choose_file(self) -> None:
        """Ask for a cut or a movie."""
        kinds = " ".join(f"*{suffix}" for suffix in CUT_SUFFIXES)
        path, _ = QFileDialog.getOpenFileName(self, "A cut", "", f"Cuts ({kinds});;All files (*)")
        if path:
            self.take(Path(path))

    def choose_reel(self) -> None:
        """Ask for a project's folder."""
        folder = QFileDialog.getExistingDirectory(self, "A dubsync project")
        if folder:
            self.reel_made.emit(Path(folder))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if dropped(event.mimeData()):
            event.acceptProposedAction()
            self.start.zone.drag_over(True)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:  # noqa: N802
        self.start.zone.drag_over(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        self.start.zone.drag_over(False)
        for path in dropped(event.mimeData())[:1]:
            event.acceptProposedAction()
            self.take(path)

    # -- making ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.said = QLabel(self)
        self.said.setProperty("tone", "second")
        self.cancel = text_button("Cancel", tip="Back to the first page", flat=True)
        self.back = text_button("Back", tip="The step before")
        self.next = text_button("Next", tip="The next step", primary=True)
        self.bar = QWidget(self)
        self.bar.setProperty("dock", True)
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(24, 14, 24, 14)
        row.setSpacing(8)
        for button in (self.cancel, self.back, self.next):
            button.setFixedHeight(28)
        row.addWidget(self.cancel)
        row.addWidget(self.said, 1)
        row.addWidget(self.back)
        row.addWidget(self.next)
        right = QVBoxLayout()
        right.setSpacing(1)
        right.addWidget(self.forms, 1)
        right.addWidget(self.bar)
        self._promise = QLabel(
            "Nothing is copied or changed: the desk writes one folder beside the cut, and the "
            "plates stay where they are."
        )
        self._promise.setWordWrap(True)
        self._promise.setProperty("tone", "caption")
        self._promise.setContentsMargins(16, 8, 16, 16)
        left = QWidget(self)
        left.setProperty("dock", True)
        left.setStyleSheet(f"background: {tokens.BG2};")
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.stepper, 1)
        column.addWidget(self._promise)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(1)
        outer.addWidget(left)
        outer.addLayout(right, 1)

    def _connect(self) -> None:
        self.start.zone.choose.clicked.connect(self.choose_file)
        self.start.zone.open_reel.clicked.connect(self.choose_reel)
        self.start.reel_chosen.connect(self.reel_made)
        self.stepper.chosen.connect(self._go)
        self.cancel.clicked.connect(self._cancel)
        self.back.clicked.connect(lambda: self._go(self._at - 1))
        self.next.clicked.connect(self._on)
        for form in self.steps:
            form.changed.connect(self._changed)
        self.steps[0].look_again.connect(self._look)

    def _surveyed(self, path: Path, around: Surroundings) -> None:
        self.said.setText("")
        if around.project:
            self.reel_made.emit(around.folder)
            return
        self.draft = drafted(around)
        if self.draft.cut is None:
            self._refused(_no_cut(path, around))
            return
        self._at = 1
        self._show()
        self._look()

    def _look(self) -> None:
        cut, media, rate = self.draft.cut, self.draft.media, self.draft.rate
        if cut is None:
            return
        self._looking += 1
        asked = self._looking
        self._session.background.run(
            lambda: look_at_cut(cut, media, rate=rate),
            lambda look: self._looked(asked, look),
            self._refused,
        )

    def _looked(self, asked: int, look: CutLook) -> None:
        if asked == self._looking:
            self._changed(replace(self.draft, look=look))

    def _changed(self, draft: ReelDraft) -> None:
        again = draft.look is None and draft.media != self.draft.media
        self.draft = draft
        self._show()
        if again:
            self._look()

    def _go(self, step: int) -> None:
        self._at = min(max(step, 0), len(STEPS) - 1)
        self._show()

    def _on(self) -> None:
        if self._at < len(STEPS) - 1:
            self._go(self._at + 1)
        else:
            self._make()

    def _cancel(self) -> None:
        self.draft, self._at = ReelDraft(), 0
        self._show()

    def _make(self) -> None:
        draft = self.draft
        self.next.setEnabled(False)
        self.said.setText("Making the project...")
        self._session.background.run(lambda: _made(draft), self.reel_made.emit, self._refused)

    def _refused(self, refusal: Refusal) -> None:
        if self._at == 0:
            self.said.setText("")
            self.start.trouble.say(refusal.message, refusal.hint)
        else:
            self.said.setText(f"{refusal.message}. {refusal.hint}".rstrip(". ") + ".")
            self.next.setEnabled(True)

    def _show(self) -> None:
        step = STEPS[self._at]
        self.forms.setCurrentIndex(self._at)
        self.bar.setVisible(self._at > 0)
        self.stepper.show_draft(self.draft, self._at)
        if self._at:
            self.steps[self._at - 1].show_draft(self.draft)
        else:
            self.start.show_recent()
        lacking = self.draft.missing(step)
        last = self._at == len(STEPS) - 1
        self.next.setText("Make the reel" if last else f"Next: {STEPS[self._at + 1]}")
        self.next.setEnabled(not lacking)
        self.next.setToolTip(lacking or self.next.text())
        if lacking:
            self.said.setText(lacking)
        elif not self.said.text().startswith("Making"):
            self.said.setText("")


def _made(draft: ReelDraft) -> Path:
    """The folder of a new project of `draft`."""
    if draft.cut is None or draft.look is None:
        raise ValueError("a draft without a cut has no step that makes it")
    project = new_project(
        draft.folder,
        cut=draft.cut,
        media=draft.media,
        dubs=[Dubs(draft.language, draft.dubs, draft.takes, draft.script)],
        performers={
            name: draft.performer(name) for joined in draft.dubs for name in joined.split("+")
        },
        consent=draft.consents,
        rate=draft.look.cut.rate if draft.look.rate_from_plates else draft.rate,
    )
    return project.file.folder


def _no_cut(path: Path, around: Surroundings) -> Refusal:
    """What to do with a folder without a cut, or a movie, of which `clip` makes a project."""
    if path.suffix.lower() in MOVIE_SUFFIXES:
        return Refusal(
            f"{path.name} is one movie, and no cut lies beside it",
            f"make it a reel of one shot: dubsync clip {path.name} --dub DUB.wav --language TAG "
            "--consent RECORD.toml -o OUT.mov --project, then open the folder that this makes",
        )
    return Refusal(f"no cut was found in {around.folder}", "drop the cut itself")
