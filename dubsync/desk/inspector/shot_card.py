"""The shot's card: number, name, version, status, and the judgement of it."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAction, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from dubsync.core.errors import DubsyncError
from dubsync.core.note import Severity
from dubsync.core.tweak.tweak import Tweak
from dubsync.core.tweak.tweak_json import from_plain
from dubsync.desk.inspector.controls.change_at_frame import changed_since
from dubsync.desk.inspector.tweak_bar import fit
from dubsync.desk.inspector.words_field import WordsField
from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.look.icons import SMALL, USUAL, pixmap
from dubsync.desk.look.statuses import STATUSES, StatusLook
from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.buttons import icon_button, text_button
from dubsync.desk.parts.choice_field import ChoiceField
from dubsync.desk.parts.elided_label import ElidedLabel
from dubsync.desk.session.session import Session
from dubsync.service.overview import ShotRow

SEVERITIES = (
    ("1", "Must", "1: must be mended before delivery"),
    ("2", "Should", "2: should be mended"),
    ("3", "May", "3: may stay"),
)
#: States in which a change of the tweak makes the render stale.
_UP_TO_DATE = ("rendered", "pending review", "approved", "rejected")
_SEVERITY: dict[str, Severity] = {"1": 1, "2": 2, "3": 3}


class ShotCard(QWidget):
    """What is judged; a reason, a note or a name is typed into a line below the buttons."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self.number = QLabel(self)
        self.number.setFont(font(tokens.LARGER, medium=True))
        self.name = ElidedLabel("", self, middle=True)
        self.name.setFont(font(tokens.LARGER, medium=True))
        self.version = ChoiceField("The version that is judged")
        self.mark = QLabel(self)
        self.mark.setFixedSize(USUAL, USUAL)
        self.word = ElidedLabel("", self)
        self.facts = QLabel(self)
        self.facts.setProperty("tone", "caption")
        self.back = icon_button("arrow-u-up-left", "Take the last judgement back", size=SMALL,
                                hit=20)  # fmt: skip
        kept = self.back.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(kept)
        self.approve = text_button("Approve", "check-circle-fill", colour=tokens.APPROVED)
        self.reject = text_button("Reject", "x-circle-fill", colour=tokens.REJECTED)
        self.note = text_button("Note", "note-pencil", colour=tokens.STALE)
        self.words = WordsField(self)
        self._lay_out()
        self._connect()
        self.show_row()

    @property
    def buttons(self) -> dict[str, QWidget]:
        """Action -> its button."""
        return {"approve": self.approve, "reject": self.reject, "note": self.note}

    def _lay_out(self) -> None:
        first, second, third = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self.number)
        first.addWidget(self.name, 1)
        first.addWidget(self.version)
        second.setSpacing(8)
        second.addWidget(self.mark)
        second.addWidget(self.word, 1)
        second.addWidget(self.back)
        second.addWidget(self.facts)
        third.setSpacing(8)
        for button in self.buttons.values():
            third.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 8)
        column.setSpacing(2)
        for row in (first, second, third):
            column.addLayout(row)
        column.addWidget(self.words)
        column.setStretch(3, 0)

    def _connect(self) -> None:
        session, actions = self._session, self._actions
        for name, button in self.buttons.items():
            button.clicked.connect(actions[name].trigger)
        rename = QAction("Judge under another name...", self)
        rename.triggered.connect(lambda: self.ask_author())
        for button in self.buttons.values():
            button.setContextMenuPolicy(Qt.ActionsContextMenu)
            button.addAction(rename)
        actions.on("approve", self.ask_approve)
        actions.on("reject", self.ask_reject)
        actions.on("note", self.ask_note)
        self.back.clicked.connect(session.about.take_back)
        session.shot_changed.connect(self._another)
        session.rows_changed.connect(self.show_row)
        session.about.changed.connect(self.show_row)
        session.jobs.changed.connect(self.show_state)
        session.edits.changed.connect(self.show_state)

    # -- what is shown -----------------------------------------------------------------------

    def _another(self) -> None:
        self.words.fold()
        self.show_row()

    def show_row(self) -> None:
        """Show the session's current shot."""
        row = self._session.current
        self._allow(row)
        self.show_state()
        if row is None:
            for label in (self.number, self.name, self.facts):
                label.setText("")
            self._show_versions(())
            return
        self.number.setText(row.shown_number)
        self.name.setText(row.name)
        self.name.setToolTip(row.name)
        self.facts.setText(", ".join((f"{len(row.record)} frames", *row.characters)))
        about = self._session.about.now
        versions = about.versions if about is not None else ()
        self._show_versions(versions or ((row.version,) if row.version else ()))

    def show_state(self) -> None:
        """Show the state, as a mark and in a word; a job's comes first."""
        row = self._session.current
        self.back.hide()
        if row is None:
            self.mark.clear()
            self.word.setText("")
            return
        look, why = self._look(row)
        self.mark.setPixmap(pixmap(look.icon, USUAL, look.colour, self.devicePixelRatioF()))
        plain = look in (STATUSES["pending review"], STATUSES["blocked"])
        self.word.setText(look.word if plain else state_words(look.word, why))
        self.word.setToolTip("\n".join((look.word, *why)))
        about = self._session.about.now
        said = about.judgements[-1] if about is not None and about.judgements else None
        if said is not None:
            told = f"{said.judged.capitalize()} {said.version} by {said.by}"
            self.word.setToolTip("\n".join(filter(None, (told, said.reason, *why))))
            self.back.show()

    def _look(self, row: ShotRow) -> tuple[StatusLook, tuple[str, ...]]:
        """How the state is shown, and why it is so."""
        job = self._session.jobs.of(row.name)
        if job is not None:
            look = STATUSES["failed" if job.state == "failed" else "rendering"]
            why = (job.message, job.hint) if job.state == "failed" else ()
            return StatusLook(look.icon, look.colour, job.words), tuple(filter(None, why))
        withheld = self._withheld()
        if withheld and row.state not in ("blocked", "offline"):
            return STATUSES["blocked"], withheld
        why = (*row.reasons, *((row.hint,) if row.hint else ()))
        changed = self._changed() if row.state in _UP_TO_DATE else ""
        if changed:
            return STATUSES["stale"], (changed, *why)
        return STATUSES[row.state], why

    def _withheld(self) -> tuple[str, ...]:
        """Why nobody allows the shot now, and what would help; () where it is allowed."""
        about = self._session.about.now
        return tuple(filter(None, about.withheld)) if about is not None else ()

    def _changed(self) -> str:
        """What was changed since the newest render; "" for nothing."""
        about = self._session.about.now
        if about is None or "tweak" not in about.record:
            return ""
        try:
            then = {who: from_plain(one) for who, one in about.record["tweak"].items()}
        except DubsyncError:
            return ""
        now = self._session.edits.tweaks
        names = [
            name
            for who in sorted({*then, *now})
            for name in changed_since(then.get(who, Tweak()), now.get(who, Tweak()))
        ]
        changed = ", ".join(dict.fromkeys(names))
        return f"{changed} changed" if names else ""

    def _show_versions(self, versions: tuple[str, ...]) -> None:
        shown = tuple(self.version.itemText(n) for n in range(self.version.count()))
        if shown != versions:
            self.version.clear()
            self.version.addItems(versions)
            fit(self.version)
        self.version.setVisible(bool(versions))

    def _allow(self, row: ShotRow | None) -> None:
        for name, button in self.buttons.items():
            why = _refused(row, name)
            if not why and name != "note" and (withheld := self._withheld()):
                why = withheld[0]
            self._actions.allow(name, not why, why)
            button.setEnabled(not why)
            button.setToolTip(self._actions[name].toolTip())

    # -- what a person says ------------------------------------------------------------------

    def ask_approve(self) -> None:
        """Approve the version shown; who does is asked once."""
        version = self.version.currentText()
        self._by(lambda: self._session.about.approve(version))

    def ask_reject(self) -> None:
        """Reject the version shown; the reason is typed."""
        version = self.version.currentText()

        def said(reason: str, _choice: str) -> None:
            self._session.about.reject(reason, version)

        self._by(lambda: self.words.ask(f"Reject {version}: why?", said, button="Reject"))

    def ask_note(self, words: str = "") -> None:
        """Take a note on the frame shown; `words` to begin with."""
        frame, version = self._session.frame, self.version.currentText()

        def said(text: str, severity: str) -> None:
            self._session.about.note(frame, text, _SEVERITY[severity], version)

        self._by(
            lambda: self.words.ask(
                f"Note at {frame}",
                said,
                text=words,
                button="Note",
                choices=SEVERITIES,
                choice="2",
            )
        )

    def ask_author(self, then: Callable[[], None] = lambda: None) -> None:
        """Ask for the name under which one judges here; it is remembered."""
        about = self._session.about

        def named(name: str, _choice: str) -> None:
            try:
                about.keep_author(name)
            except DubsyncError as error:
                self._session.message.emit(f"{error}. {error.hint}", True)
                return
            then()

        self.words.ask("Your name, once", named, text=about.author or about.suggested_author,
                       button="Go on")  # fmt: skip

    def _by(self, then: Callable[[], None]) -> None:
        """Ask for the name under which one judges, once; then go on."""
        if self._session.about.author:
            then()
        else:
            self.ask_author(then)


def state_words(word: str, why: tuple[str, ...]) -> str:
    """ "Stale: jaw changed since v002"; "Rejected by Anna: late", where the reason says it."""
    if not why:
        return word
    first = why[0]
    if first.lower().startswith(word.lower()):
        return first[:1].upper() + first[1:]
    return f"{word}: {first}"


def _refused(row: ShotRow | None, name: str) -> str:
    """Why a shot cannot be judged so; "" where it can."""
    if row is None or row.shot is None:
        return "there is no shot"
    if name == "note":
        return ""
    if row.state == "blocked":
        return "the shot is blocked"
    return "" if row.version else "there is no render yet"
