"""What is said and known of the current shot, read in the background; and what a person says now.

Judgements and notes go through service; after each the shot and the rows are read again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Protocol

from PyQt5.QtCore import QObject, QSettings, pyqtSignal

from dubsync.core.errors import DubsyncError
from dubsync.core.note import Answer, Severity
from dubsync.service.about_shot import AboutShot, about_shot
from dubsync.service.judge import Judging
from dubsync.service.judging.author import AUTHOR, author, login
from dubsync.service.overview import ShotRow
from dubsync.service.project import Project

_AUTHOR = "judging/author"


class OpenReel(Protocol):
    """What it asks of the session, which holds it."""

    project: Project | None
    current: ShotRow | None
    shot_changed: Any
    rows_changed: Any
    message: Any

    def ask(self, work: Callable[[], Any], done: Callable[[Any], None] | None = None) -> None:
        """Run a call of service in the background."""

    def reread(self) -> None:
        """Read the rows again."""


class ShotAbout(QObject):
    """`now` is of the current shot; None while it is read, or where there is no shot.

    changed   `now` is another
    """

    changed = pyqtSignal()

    def __init__(self, session: OpenReel) -> None:
        super().__init__(session)
        self._session = session
        self._shot = ""
        self.now: AboutShot | None = None
        session.shot_changed.connect(self._shot_changed)
        session.rows_changed.connect(self.read)

    def read(self) -> None:
        """Read the current shot again; what is shown stays until then."""
        project, row = self._session.project, self._session.current
        if project is None or row is None or row.shot is None:
            self._show("", None)
            return
        name = row.name
        self._session.ask(
            lambda: about_shot(project, name),
            lambda found: self._show(name, found) if self._is_current(name) else None,
        )

    # -- who speaks --------------------------------------------------------------------------

    @property
    def author(self) -> str:
        """The name under which this desk judges; "" before it was asked for."""
        return str(QSettings().value(_AUTHOR, ""))

    @property
    def suggested_author(self) -> str:
        """The system's user, to be confirmed; "" where there is none."""
        try:
            return author(os.environ.get(AUTHOR, "") or login())
        except DubsyncError:
            return ""

    def keep_author(self, name: str) -> None:
        """Remember who judges here.  Raises SettingsError where it is not a name."""
        QSettings().setValue(_AUTHOR, author(name))

    # -- what is said ------------------------------------------------------------------------

    def approve(self, version: str = "") -> None:
        """Approve a version of the current shot; "": the newest."""
        by = self.author
        self._say(
            lambda judging, shot: judging.approve(shot, version, by=by),
            lambda said: f"Approved {said.version} of {said.shot}",
        )

    def reject(self, reason: str, version: str = "") -> None:
        by = self.author
        self._say(
            lambda judging, shot: judging.reject(shot, version, why=reason, by=by),
            lambda said: f"Rejected {said.version} of {said.shot}",
        )

    def take_back(self) -> None:
        """Undo the last judgement of the current shot."""
        by = self.author
        self._say(
            lambda judging, shot: judging.take_back(shot, by=by),
            lambda said: f"Took back: {said.judged} {said.version} of {said.shot}",
        )

    def note(self, frame: int, text: str, severity: Severity = 2, version: str = "") -> None:
        """Take a note on a plate frame of the current shot."""
        by = self.author
        self._say(
            lambda judging, shot: judging.note(
                shot, frame, text, by=by, severity=severity, version=version
            ),
            lambda note: f"Note {note.name} at frame {note.frame}",
        )

    def answer(self, name: str, answer: Answer, reply: str = "") -> None:
        """Answer the note called `name`."""
        by = self.author
        self._say(
            lambda judging, _shot: judging.answer(name, answer, reply, by=by),
            lambda note: f"Note {note.name}: {note.answer}",
        )

    def withdraw_note(self, name: str) -> None:
        by = self.author
        self._say(
            lambda judging, _shot: judging.withdraw_note(name, by=by),
            lambda note: f"Took back note {note.name}",
        )

    # -- internal ----------------------------------------------------------------------------

    def _say(self, say: Callable[[Judging, str], Any], words: Callable[[Any], str]) -> None:
        project, row = self._session.project, self._session.current
        if project is None or row is None or row.shot is None:
            return
        name = row.name

        def said(answer: Any) -> None:
            self._session.message.emit(words(answer), False)
            self.read()
            self._session.reread()

        self._session.ask(lambda: say(Judging(project, with_engine=False), name), said)

    def _shot_changed(self) -> None:
        row = self._session.current
        if row is None or row.name != self._shot:
            self._show("", None)
        self.read()

    def _is_current(self, name: str) -> bool:
        row = self._session.current
        return row is not None and row.name == name

    def _show(self, shot: str, found: AboutShot | None) -> None:
        if found is None and self.now is None:
            return
        self._shot, self.now = shot, found
        self.changed.emit()
