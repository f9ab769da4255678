"""Tab Notes: what was said of the shot, by frame; each is answered in place."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from dubsync.core.note import ANSWERS, Answer, Note
from dubsync.desk.inspector.told.told_list import ToldList, ToldRow
from dubsync.desk.look import tokens
from dubsync.desk.parts.buttons import icon_button, text_button
from dubsync.desk.parts.segments import Segments
from dubsync.desk.session.session import Session

_SEVERITY = {
    1: ("warning-octagon-fill", tokens.REJECTED, "must be mended"),
    2: ("warning-fill", tokens.STALE, "should be mended"),
    3: ("chat-text", tokens.TX2, "may stay"),
}
_ANSWERED = ("check", tokens.APPROVED)
_CHOICES = (
    ("fix", "Fix", "It is to be mended, or was"),
    ("creative intent", "Intent", "It is meant so: creative intent"),
    ("best possible", "Best", "It cannot be better: best possible"),
    ("open", "Open", "It is not answered yet"),
)


class NotesTab(QWidget):
    """A click goes to the note's frame; Shift N goes to the next one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.list = ToldList("Notes", self)
        self.none = QLabel("No notes on this shot. N takes one at the frame shown.", self)
        self.none.setWordWrap(True)
        self.none.setProperty("tone", "caption")
        self.none.setContentsMargins(12, 12, 12, 12)
        self.answer = _AnswerForm(self)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addWidget(self.none)
        page.addWidget(self.list, 1)
        page.addWidget(self.answer)
        page.addStretch(0)
        self.list.go_to.connect(session.show_frame)
        self.list.picked.connect(lambda _row: self._show_answer())
        self.answer.yes.clicked.connect(self._answered)
        self.answer.reply.returnPressed.connect(self._answered)
        self.answer.back.clicked.connect(self._withdraw)
        session.about.changed.connect(self.show_notes)
        self.show_notes()

    @property
    def notes(self) -> tuple[Note, ...]:
        about = self._session.about.now
        return tuple(sorted(about.notes, key=lambda n: (n.frame, n.name))) if about else ()

    @property
    def picked(self) -> Note | None:
        """The note on which the keys stand."""
        row = self.list.current
        return next((n for n in self.notes if row is not None and n.name == row.key), None)

    def show_notes(self) -> None:
        """Show the notes of the current shot."""
        notes = self.notes
        self.list.show_rows(note_rows(notes))
        self.none.setVisible(not notes)
        self.list.setVisible(bool(notes))
        self._show_answer()

    def next_note(self) -> None:
        """Go to the next note's frame."""
        self.list.step()

    def _show_answer(self) -> None:
        note = self.picked
        self.answer.setVisible(note is not None)
        if note is not None:
            self.answer.show_note(note)

    def _answered(self) -> None:
        note, answer = self.picked, self.answer.answer
        if note is not None and answer is not None:
            self._session.about.answer(note.name, answer, self.answer.reply.text().strip())

    def _withdraw(self) -> None:
        note = self.picked
        if note is not None:
            self._session.about.withdraw_note(note.name)


class _AnswerForm(QWidget):
    """The answer to the note that is picked."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._of: Note | None = None
        head = QLabel("Answer", self)
        head.setProperty("tone", "second")
        self.choices = Segments(_CHOICES, self)
        self.back = icon_button("x", "Take the note back: it is listed no more")
        self.reply = QLineEdit(self)
        self.reply.setFixedHeight(24)
        self.reply.setPlaceholderText("Reply")
        self.reply.setAccessibleName("Reply to the note")
        self.yes = text_button("Answer", tip="Answer the note (Enter)")
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(8)
        first.addWidget(head)
        first.addStretch(1)
        first.addWidget(self.choices)
        first.addWidget(self.back)
        second.addWidget(self.reply, 1)
        second.addWidget(self.yes)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        column.addLayout(first)
        column.addLayout(second)

    @property
    def answer(self) -> Answer | None:
        return next((one for one in ANSWERS if one == self.choices.choice), None)

    def show_note(self, note: Note) -> None:
        if note == self._of:
            return
        self._of = note
        self.choices.choose(note.answer if note.answer != "open" else "fix")
        self.reply.setText(note.reply)
        self.yes.setText("Answer" if note.answer == "open" else "Answer again")


def note_rows(notes: Sequence[Note]) -> tuple[ToldRow, ...]:
    """A row for each note; answered ones have a check and say how."""
    return tuple(_row(note) for note in notes)


def _row(note: Note) -> ToldRow:
    icon, colour, words = _SEVERITY[note.severity]
    said = note.answer != "open"
    head = ", ".join(filter(None, (note.author, note.version)))
    lines = [(note.text, tokens.TX1)]
    if said:
        by = f" ({note.answered_by})" if note.answered_by else ""
        lines.append((f"{note.answer}{by}: {note.reply}".rstrip(": "), tokens.TX2))
    value = note.answer if said else words
    return ToldRow(_ANSWERED if said else (icon, colour), head, value, tuple(lines),
                   note.frame, "", note.name)  # fmt: skip
