"""The cards that say why the current shot cannot go on: blocked, or its plate is offline."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QFileDialog, QPushButton, QWidget

from dubsync.desk.look.statuses import STATUSES
from dubsync.desk.parts.buttons import text_button
from dubsync.desk.parts.state_card import StateCard
from dubsync.desk.session.session import Session
from dubsync.desk.viewer.viewer_panel import ViewerPanel
from dubsync.service.consent.add_record import add_record
from dubsync.service.consent.operations import OPERATIONS
from dubsync.service.overview import ShotRow

#: Words of a reason that is about consent.
_CONSENT = "consent"


class ShotCards(QObject):
    """Lays the right card over the viewer whenever the shot or its state is another."""

    def __init__(self, session: Session, viewer: ViewerPanel, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._viewer, self._window = session, viewer, window
        self._shown: tuple[str, str, tuple[str, ...]] = ("", "", ())
        self._folded: set[str] = set()
        session.shot_changed.connect(self._show)
        session.rows_changed.connect(self._show)

    def _show(self) -> None:
        row = self._session.current
        now = (row.name, row.state, row.reasons) if row else ("", "", ())
        if now == self._shown:
            return
        self._shown = now
        card = None
        if row is not None and row.name not in self._folded:
            if row.state == "blocked":
                card = self._blocked(row)
            elif row.state == "offline":
                card = self._offline(row)
        if card is not None and row is not None:
            card.folded.connect(lambda name=row.name: self._fold(name))
        self._viewer.card(card)
        self._viewer.dim(card is not None and now[1] == "blocked")

    def _fold(self, name: str) -> None:
        """Esc: the card goes, and its first sentence stays in the status bar."""
        self._folded.add(name)
        self._viewer.card(None)
        self._viewer.dim(False)
        row = self._session.row(name)
        if row is not None:
            self._session.message.emit(in_words("; ".join(row.reasons[:1]) or row.state), False)

    def _blocked(self, row: ShotRow) -> StateCard:
        about_consent = any(_CONSENT in reason for reason in row.reasons)
        head = "Blocked: consent is missing" if about_consent else "Blocked: it waits for you"
        alone = text_button(
            "Leave this shot alone", tip="Hand the plate back as it is; the other shots go on"
        )
        alone.clicked.connect(lambda: self._leave_alone(row.name))
        buttons: list[QPushButton] = [alone]
        if about_consent:
            add = text_button(
                "Add a consent record...", "folder-open", tip="Copy a record into the project",
                primary=True,
            )  # fmt: skip
            add.clicked.connect(self._add_record)
            buttons.insert(0, add)
        sentences = [in_words(words) for words in (*row.reasons, row.hint) if words]
        return StateCard(STATUSES["blocked"], head, sentences, (), buttons)

    def _offline(self, row: ShotRow) -> StateCard:
        facts = [("Plate", row.shot.plate.name)] if row.shot else []
        if row.shot is not None:
            facts.append(("Looked for", row.shot.plate.path))
        again = text_button("Look again", tip="Look for the plate again", primary=True)
        again.clicked.connect(self._session.reread)
        sentences = [*row.reasons, row.hint or "Notes, curves and sound go on without it."]
        return StateCard(STATUSES["offline"], "Offline: the plate is not there", sentences, facts,
                         [again])  # fmt: skip

    def _leave_alone(self, name: str) -> None:
        project = self._session.project
        if project is not None:
            self._session.ask(
                lambda: project.draw_with(name, "plate"), lambda _: self._session.reread()
            )

    def _add_record(self) -> None:
        project = self._session.project
        path, _ = QFileDialog.getOpenFileName(
            self._window, "A consent record", "", "Records (*.toml)"
        )
        if path and project is not None:
            self._session.ask(
                lambda: add_record(project.file.folder, Path(path)),
                lambda _: self._session.reread(),
            )


def in_words(reason: str) -> str:
    """A reason as a sentence: a capital, a full stop, and operations of consent in plain words."""
    for name, operation in OPERATIONS.items():
        if "_" in name:  # "portrait" and "live" are plain words already
            reason = reason.replace(name, operation.noun)
    return reason[:1].upper() + reason[1:] + ("" if reason.endswith(".") else ".")
