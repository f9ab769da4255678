"""The tweaks of the shot being worked on: a draft that shows at once and is saved by itself.

A change is kept in two steps.  The draft goes to a journal within a second, so that a crash costs
at most that; when the hand rests, it becomes a version of service's tweak store, which is what
undo, redo and the history go through.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QObject, QTimer, pyqtSignal

from dubsync.core.documents import read_json
from dubsync.core.errors import DubsyncError
from dubsync.core.tweak.tweak import Tweak
from dubsync.core.tweak.tweak_json import from_plain
from dubsync.desk.session.background import Background, Refusal
from dubsync.service.project import Project
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.tweaks.tweak_store import Tweaks, TweakStore, TweakVersion, tweaks_plain

REST_MS = 600  #: without a change for so long, the draft becomes a version
JOURNAL_MS = 800  #: the journal is never older than this while a hand moves
JOURNAL = "desk_draft.json"  #: in the project's .dubsync
SCHEMA = "desk draft, 1"


class Edits(QObject):
    """The draft of one shot at a time.

    changed   the draft is another: show it
    saved     a version was written, or read: the history is another
    refused   it could not be written; the draft and its journal stay
    """

    changed = pyqtSignal()
    saved = pyqtSignal()
    refused = pyqtSignal(object)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._store: TweakStore | None = None
        self._journal: Path | None = None
        self._shot = ""
        self._draft: dict[str, Tweak] = {}
        self._requests: list[str] = []
        self._turn = 0  # another shot or a save begins a new one: what was read before it is stale
        self._reads = 0  # asked for in this turn, not answered yet
        self._unread: Refusal | None = None
        self.version = TweakVersion()
        self.looked_at: TweakVersion | None = None  #: an older version that is shown, not edited
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.save)
        self._write = QTimer(self, singleShot=True, interval=JOURNAL_MS)
        self._write.timeout.connect(self._write_journal)

    # -- what is shown -----------------------------------------------------------------------

    @property
    def tweaks(self) -> Tweaks:
        """Character -> Tweak as it stands on the screen."""
        return self._draft if self.looked_at is None else self.looked_at.tweaks

    def tweak(self, character: str) -> Tweak:
        return self.tweaks.get(character, Tweak())

    def look_at(self, version: TweakVersion | None) -> None:
        """Show an older version beside the draft, which waits; None: the draft again.

        While one is shown, nothing can be changed.
        """
        if version != self.looked_at:
            self.looked_at = version
            self.changed.emit()

    def versions(self, done: Callable[[tuple[TweakVersion, ...]], None]) -> None:
        """Read every version of the shot, the newest first; `done` is called on the Qt thread."""
        store, shot = self._store, self._shot
        if store is not None and shot:
            self._background.run(
                lambda: store.versions(shot),
                lambda found: done(found) if shot == self._shot else None,
                self.refused.emit,
            )

    @property
    def unsaved(self) -> bool:
        return bool(self._requests)

    @property
    def reading(self) -> bool:
        """The draft is not known yet: nothing can be changed."""
        return self._reads > 0

    # -- where it is kept --------------------------------------------------------------------

    def open(self, project: Project) -> None:
        """Work on this project's tweaks; a draft that a crash left is saved as a version.

        What was not saved of another project is saved there first.
        """
        self._leave("")
        self._store = TweakStore(project.file.folder, project.store.layout)
        self._journal = project.store.derived / JOURNAL
        store, journal = self._store, self._journal
        self._background.run(lambda: _recover(store, journal), None, self.refused.emit)

    def show(self, shot: str) -> None:
        """Read the shot's newest version; what was not saved of another shot is saved first.

        Nothing can be changed until it is read: a change is made on what stands.
        """
        self._leave(shot)
        if self._store is not None and shot:
            self._read(self._store.latest, self._cannot_be_read)

    def read_again(self) -> None:
        """Take what another desk, a repair or a terminal wrote meanwhile; what is unsaved stays."""
        store, shot, turn = self._store, self._shot, self._turn
        if store is None or not shot or self._requests:
            return

        def found(version: TweakVersion) -> None:
            news = version.number != self.version.number or self._unread is not None
            if news and turn == self._turn and not self._requests:
                self._take(version)

        self._background.run(lambda: store.latest(shot), found, self.refused.emit)

    # -- changes -----------------------------------------------------------------------------

    def change(self, character: str, tweak: Tweak, request: str) -> None:
        """Show `tweak` now and save it when the hand rests.

        Args:
            request: the change as `dubsync tweak --set` would be asked for it; the history shows
                it.  The same control changed again before a rest replaces it.
        """
        self.change_all({**self._draft, character: tweak}, request)

    def change_all(self, tweaks: Mapping[str, Tweak], request: str) -> None:
        """The same for several characters at once: one step of undo."""
        if self._unread is not None:
            self.refused.emit(self._unread)
            self.changed.emit()  # what shows the change goes back
            return
        held = self.reading or self.looked_at is not None
        if not self._shot or held or dict(tweaks) == self._draft:
            return
        self._draft = dict(tweaks)
        subject = request.partition("=")[0]
        self._requests = [r for r in self._requests if r.partition("=")[0] != subject]
        self._requests.append(request)
        self._rest.start()
        if not self._write.isActive():
            self._write.start()
        self.changed.emit()

    def save(self) -> None:
        """Write the draft as a version now."""
        self._rest.stop()
        self._write.stop()
        store, shot, journal = self._store, self._shot, self._journal
        if store is None or not self._requests:
            return
        draft, requests = dict(self._draft), tuple(self._requests)
        self._requests = []
        self._turn += 1
        self._background.run(
            lambda: _save(store, journal, shot, draft, requests),
            lambda version: self._kept(shot, version),
            lambda refusal: self._not_kept(shot, requests, refusal),
        )

    def undo(self) -> None:
        """Back to the tweaks before the last change, in this sitting or an earlier one."""
        self._step("undo")

    def redo(self) -> None:
        self._step("redo")

    # -- in the background -------------------------------------------------------------------

    def _leave(self, shot: str) -> None:
        """Save what is unsaved; the next shot's draft is not known yet."""
        self.save()
        self._shot, self._draft, self.version = shot, {}, TweakVersion()
        self._turn += 1
        self._reads, self._unread, self.looked_at = 0, None, None

    def _step(self, name: str) -> None:
        self.looked_at = None
        self.save()
        if self._store is not None and self._shot and self._unread is None:
            step = self._store.undo if name == "undo" else self._store.redo
            self._read(step, self.refused.emit)

    def _read(
        self, read: Callable[[str], TweakVersion], refused: Callable[[Refusal], None]
    ) -> None:
        """Take what `read(shot)` answers, unless another shot is shown by then."""
        shot, turn = self._shot, self._turn
        self._reads += 1

        def answered(answer: TweakVersion | Refusal) -> None:
            if turn == self._turn:
                self._reads -= 1
                refused(answer) if isinstance(answer, Refusal) else self._take(answer)

        self._background.run(lambda: read(shot), answered, answered)

    def _take(self, version: TweakVersion) -> None:
        self._unread = None
        self.version, self._draft = version, dict(version.tweaks)
        self.changed.emit()
        self.saved.emit()

    def _cannot_be_read(self, refusal: Refusal) -> None:
        """Nothing is changed on tweaks that are not known."""
        self._unread = refusal
        self.refused.emit(refusal)

    def _kept(self, shot: str, version: TweakVersion) -> None:
        if shot == self._shot:
            self.version = version
        self.saved.emit()

    def _not_kept(self, shot: str, requests: tuple[str, ...], refusal: Refusal) -> None:
        """The draft is still unsaved: the next save tries again."""
        if shot == self._shot:
            self._requests = [*requests, *self._requests]
        self.refused.emit(refusal)

    def _write_journal(self) -> None:
        journal, shot, draft = self._journal, self._shot, dict(self._draft)
        requests = tuple(self._requests)
        if journal is None or not requests:
            return
        document = {
            "schema": SCHEMA, "shot": shot, "request": requests, "characters": tweaks_plain(draft),
        }  # fmt: skip
        self._background.run(
            lambda: write_whole(journal, json.dumps(document) + "\n"), None, self.refused.emit
        )
        if self._rest.isActive():  # the hand may go on moving
            self._write.start()


def _save(
    store: TweakStore, journal: Path | None, shot: str, draft: Tweaks, requests: tuple[str, ...]
) -> TweakVersion:
    version = store.change(shot, draft, requests)
    if journal is not None:
        journal.unlink(missing_ok=True)
    return version


def _recover(store: TweakStore, journal: Path) -> None:
    if not journal.is_file():
        return
    shot, draft, requests = _read_journal(journal)
    if shot:
        store.change(shot, draft, requests)
    journal.unlink(missing_ok=True)


def _read_journal(journal: Path) -> tuple[str, Tweaks, tuple[str, ...]]:
    """What a crash left; an unreadable journal holds nothing that could be trusted."""
    try:
        document: Any = read_json(journal)
        if document["schema"] != SCHEMA:
            return "", {}, ()
        tweaks = {str(name): from_plain(one) for name, one in document["characters"].items()}
        return str(document["shot"]), tweaks, tuple(map(str, document["request"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, DubsyncError):
        return "", {}, ()
