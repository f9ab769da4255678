"""The shot's card: number, name, version, status, and the judgement of it."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.look.icons import USUAL, pixmap
from dubsync.desk.look.statuses import STATUSES
from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.buttons import text_button
from dubsync.desk.parts.elided_label import ElidedLabel
from dubsync.desk.session.session import Session


class ShotCard(QWidget):
    """What is judged, in three lines of 88 pixels."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self.number = QLabel(self)
        self.number.setFont(font(tokens.LARGER, medium=True))
        self.name = ElidedLabel("", self, middle=True)
        self.name.setFont(font(tokens.LARGER, medium=True))
        self.version = QLabel(self)
        self.mark = QLabel(self)
        self.mark.setFixedSize(USUAL, USUAL)
        self.word = QLabel(self)
        self.facts = QLabel(self)
        self.facts.setProperty("tone", "caption")
        self.approve = text_button("Approve", "check-circle-fill", colour=tokens.APPROVED)
        self.reject = text_button("Reject", "x-circle-fill", colour=tokens.REJECTED)
        self.note = text_button("Note", "note-pencil", colour=tokens.STALE)
        self._lay_out()
        for name, button in self.buttons.items():
            button.clicked.connect(actions[name].trigger)
        session.shot_changed.connect(self.show_row)
        session.rows_changed.connect(self.show_row)
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
        second.setSpacing(6)
        second.addWidget(self.mark)
        second.addWidget(self.word, 1)
        second.addWidget(self.facts)
        third.setSpacing(8)
        for button in self.buttons.values():
            third.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        for row in (first, second, third):
            column.addLayout(row)

    def show_row(self) -> None:
        """Show the session's current shot."""
        row = self._session.current
        no_shot = row is None or row.shot is None
        for name in self.buttons:
            unmade = name != "note" and row is not None and not row.version
            why = "there is no shot" if no_shot else "there is no render yet" if unmade else ""
            self._allow(name, why)
        if row is None:
            for label in (self.number, self.name, self.version, self.word, self.facts):
                label.setText("")
            self.mark.clear()
            return
        look = STATUSES[row.state]
        self.number.setText(row.number)
        self.name.setText(row.name)
        self.version.setText(row.version)
        self.mark.setPixmap(pixmap(look.icon, USUAL, look.colour, self.devicePixelRatioF()))
        self.word.setText(look.word)
        self.word.setToolTip("\n".join(row.reasons))
        frames = self._session.frames
        length = f"{frames.stop - frames.start} frames" if frames else ""
        self.facts.setText(", ".join(filter(None, (length, *row.characters))))

    def _allow(self, name: str, why: str) -> None:
        self._actions.allow(name, not why, why)
        button = self.buttons[name]
        button.setEnabled(not why)
        button.setToolTip(self._actions[name].toolTip())
        button.setCursor(Qt.ArrowCursor)
