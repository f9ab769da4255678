"""The expressions that the footage shows, as pictures to pick from, and those that are picked."""

from __future__ import annotations

from dataclasses import replace

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QImage, QPixmap
from PyQt5.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from dubsync.core.errors import SettingsError
from dubsync.core.tweak.like_key import MOST_STRENGTH, LikeKey
from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.inspector.by_hand.expression_face import FACE, ExpressionFace
from dubsync.desk.inspector.by_hand.like_row import LikeRow
from dubsync.desk.inspector.by_hand.span_row import AROUND
from dubsync.desk.inspector.section import Section
from dubsync.desk.parts.buttons import text_button
from dubsync.desk.session.session import Session
from dubsync.service.preview.shown_expressions import ShotExpressions, ShownExpression
from dubsync.service.reel.heads.seen_expressions import with_expression

ACROSS = 3
#: Pixels of a picture that is asked for: enough for 200 %.
PICTURE = 2 * FACE
ASK = "Show what the footage has"
WAITS = "Looking through the footage..."


class ExpressionSection(Section):
    """A picture sheet; a click gives the current character's face that expression.

    It is asked for once a reel: finding it reads every plate that shows somebody of the shot.
    """

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Expressions", parent, opened=False)
        self._session = session
        self._known: dict[str, tuple[ShownExpression, ...]] = {}
        self._listed: object = None
        self._shown: object = None
        self._rows: list[LikeRow] = []
        self.faces: dict[str, ExpressionFace] = {}
        self.ask = text_button(ASK, "magnifying-glass", tip="Find the expressions of the plates")
        self.ask.clicked.connect(self.look)
        self.told = QLabel("", self.inside)
        self.told.setWordWrap(True)
        self.told.setProperty("tone", "caption")
        top = QWidget(self.inside)
        column = QVBoxLayout(top)
        column.setContentsMargins(12, 4, 12, 4)
        column.setSpacing(4)
        column.addWidget(self.ask, 0, Qt.AlignLeft)
        column.addWidget(self.told)
        self.add(top)
        self.sheet = QWidget(self.inside)
        self._grid = QGridLayout(self.sheet)
        self._grid.setContentsMargins(12, 0, 12, 4)
        self._grid.setSpacing(4)
        self.add(self.sheet)
        self.list = QWidget(self.inside)
        self._column = QVBoxLayout(self.list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.add(self.list)
        session.reel_opened.connect(self._forget)
        session.character_changed.connect(self.show_sheet)
        session.preview.expressions.connect(self._arrived)
        session.preview.failed.connect(self._failed)
        self.show_sheet()

    @property
    def _tweak(self) -> Tweak:
        return self._session.edits.tweak(self._session.character)

    # -- what is shown -----------------------------------------------------------------------

    def allow(self, allowed: bool, why: str = "") -> None:
        """Let an expression be picked, or say why not."""
        for widget in (self.ask, self.sheet, self.list):
            widget.setEnabled(allowed)
        self.sheet.setToolTip(why)

    def show_sheet(self) -> None:
        """Show the expressions of the current character, once they are known."""
        character = self._session.character
        found = self._known.get(character)
        self.ask.setVisible(found is None)
        self.ask.setText(f"Show what {character} shows" if character else ASK)
        self.told.setVisible(found is not None and not found)
        if found is not None and not found:
            self.told.setText(f"No plate shows {character} with an expression that has a name.")
        if found is self._shown and found is not None:
            return
        self._shown = found
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.faces = {}
        for n, one in enumerate(found or ()):
            face = ExpressionFace(one.one.name, _pixmap(one), one.where, self.sheet)
            face.clicked.connect(lambda _on=False, one=one: self.pick(one))
            self.faces[one.one.name] = face
            self._grid.addWidget(face, n // ACROSS, n % ACROSS)
        self.sheet.setVisible(bool(found))
        self._listed = None
        self.show_likes()

    def show_likes(self) -> None:
        """List what is picked, and mark it on the sheet."""
        likes, character = self._tweak.likes, self._session.character
        now = (character, tuple((key.source, key.span) for key in likes))
        if now == self._listed:  # a hand may be on one of them
            for row, key in zip(self._rows, likes, strict=True):
                row.show_key(key)
            return
        self._listed = now
        self.say(", ".join(key.source.partition(":")[2] for key in likes) if likes else "none")
        for name, face in self.faces.items():
            face.setChecked(any(key.source == f"{character}:{name}" for key in likes))
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._rows = [LikeRow(key, self.list) for key in likes]
        for row in self._rows:
            row.strength.connect(lambda value, row=row: self._put(row.key, value))
            row.moved.connect(lambda a, b, row=row: self._move(row.key, a, b))
            row.ended.connect(lambda row=row: self._end(row.key))
            row.span.connect(lambda row=row: self._move(
                row.key, self._session.frame - AROUND, self._session.frame + AROUND))  # fmt: skip
            row.go_to.connect(self._session.show_frame)
            row.refused.connect(lambda text: self._session.message.emit(text, True))
            self._column.addWidget(row)

    # -- what is found -----------------------------------------------------------------------

    def look(self) -> None:
        """Have the footage looked through."""
        row = self._session.current
        if row is None or not self._session.character:
            return
        self.ask.hide()
        self.told.setText(WAITS)
        self.told.show()
        self._session.preview.ask_expressions(row.name, PICTURE)

    def _arrived(self, found: ShotExpressions) -> None:
        self._known.update(found.characters)
        for name in self._session.current.characters if self._session.current else ():
            self._known.setdefault(name, ())
        self.show_sheet()

    def _failed(self, kind: str, _shot: str, message: str, hint: str) -> None:
        if kind == "expressions":
            self.show_sheet()
            self.told.setText(f"{message}. {hint}" if hint else message)
            self.told.show()

    def _forget(self) -> None:
        self._known = {}
        self.show_sheet()

    # -- what a hand asks for ----------------------------------------------------------------

    def pick(self, one: ShownExpression) -> None:
        """Give the face that expression, in place of the one at this frame; again: none of it."""
        session, tweak = self._session, self._tweak
        source = f"{session.character}:{one.one.name}"
        here = _at(tweak, session.frame)
        if here is not None and here.source == source:
            self._end(here)
            return
        first, last = (here.first, here.last) if here is not None else (None, None)
        key = LikeKey(source, one.one.scores, 1.0, first, last)
        where = "" if first is None else f"@{first}..{last}"
        session.edits.change(
            session.character, with_expression(tweak, key, one.one), f"like {source}{where}"
        )

    def _put(self, key: LikeKey, strength: float) -> None:
        value = min(max(strength, 0.0), MOST_STRENGTH)
        self._replace(key, replace(key, strength=value), f"like {key.source}={value:g}")

    def _move(self, key: LikeKey, first: int, last: int) -> None:
        frames, session = self._session.frames, self._session
        if frames is not None:
            first, last = max(first, frames.start), min(last, frames.stop - 1)
        try:
            moved = replace(key, first=first, last=last)
        except SettingsError as error:
            session.message.emit(f"{error}. {error.hint}", True)
            self._listed = None
            self.show_likes()
            return
        self._replace(key, moved, f"like {key.source}@{first}..{last}")

    def _end(self, key: LikeKey) -> None:
        likes = tuple(one for one in self._tweak.likes if one != key)
        tweak = replace(self._tweak, likes=likes)
        if key.source.partition(":")[2].startswith("look "):  # it turned the eyes too
            for name in ("gaze_x", "gaze_y"):
                tweak = tweak.cleared(name)
        self._session.edits.change(self._session.character, tweak, f"clear like {key.source}")

    def _replace(self, old: LikeKey, new: LikeKey, request: str) -> None:
        likes = tuple(new if one == old else one for one in self._tweak.likes)
        tweak = replace(self._tweak, likes=likes)
        self._session.edits.change(self._session.character, tweak, request)


def _at(tweak: Tweak, frame: int) -> LikeKey | None:
    """The picked expression over a frame, a span before one of the whole shot."""
    over = [
        key
        for key in tweak.likes
        if key.first is not None and key.last is not None and key.first <= frame <= key.last
    ]
    whole = [key for key in tweak.likes if key.first is None]
    return next(iter((*reversed(over), *whole)), None)


def _pixmap(one: ShownExpression) -> QPixmap:
    high, wide = one.picture.shape[:2]
    samples = one.picture.tobytes()  # a QImage does not hold what it is made of
    image = QImage(samples, wide, high, 3 * wide, QImage.Format_RGB888)
    return QPixmap.fromImage(image)
