"""Who is who: one question at a time, with pictures."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QKeyEvent, QPixmap, QShowEvent
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from dubsync.desk.faces.face_rows import FaceRow, FaceRows
from dubsync.desk.faces.faces_reader import FacesReader
from dubsync.desk.faces.frame_view import FrameView
from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.buttons import text_button
from dubsync.desk.session.session import Session
from dubsync.service.seen_faces import OpenQuestion, SeenFace, SeenFaces
from dubsync.service.settings import answers

SIDE = 260


class FacesPage(QWidget):
    """Faces that wait for an answer, and those that are known.

    An answer holds in every language: the face it names is looked for in every shot.
    """

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self.reader = FacesReader(self)
        self.shown = SeenFaces()
        self._shot, self._number, self._wanted = "", 0, ""
        self._stale = True
        self.waiting = FaceRows("To be answered", self)
        self.known = FaceRows("Known", self)
        self.frame = FrameView(self)
        self.head = QLabel(self)
        self.said = QLabel(self)
        self.others = QHBoxLayout()
        self.choices = FaceRows("It is", self)
        self.take = text_button("Take it", tip="Take this answer (Enter)", primary=True)
        self.take.setEnabled(False)
        self.same = QLabel(self)
        self.same.setFont(font(medium=True))
        self._lay_out()
        self._connect()

    def close_view(self) -> None:
        """Stop the process that reads the faces."""
        self.reader.close()

    # -- Qt ----------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if self._stale:
            self._read()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        number = event.key() - Qt.Key_1
        if 0 <= number < self.choices.count():
            self.choices.setCurrentRow(number)
        elif event.key() in (Qt.Key_Return, Qt.Key_Enter):
            self._answer()
        else:
            super().keyPressEvent(event)

    # -- making ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(1)
        left = _side([("To be answered", self.waiting, 1), ("Known", self.known, 2)], (
            "An answer holds in every shot of the reel and in every language. It can be changed "
            "at any time."
        ))  # fmt: skip
        right = _side([("It is", self.choices, 1)], "")
        self.take.setFixedHeight(28)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 12, 12, 12)
        foot.addStretch(1)
        foot.addWidget(self.take)
        right.layout().addLayout(foot)
        right.setFixedWidth(tokens.INSPECTOR)
        middle = QWidget(self)
        column = QVBoxLayout(middle)
        column.setContentsMargins(28, 16, 28, 16)
        column.setSpacing(8)
        self.head.setFont(font(tokens.QUESTION))
        self.said.setProperty("tone", "second")
        self.said.setWordWrap(True)
        column.addWidget(self.head)
        column.addWidget(self.said)
        column.addWidget(self.frame)
        column.addSpacing(8)
        column.addWidget(self.same)
        column.addLayout(self.others)
        column.addStretch(1)
        outer.addWidget(left)
        outer.addWidget(middle, 1)
        outer.addWidget(right)

    def _connect(self) -> None:
        self._session.reel_opened.connect(self._forget)
        self._session.rows_changed.connect(self._maybe_stale)
        self.reader.read.connect(self._show_all)
        self.reader.progress.connect(self.said.setText)
        self.reader.failed.connect(lambda message, hint: self.said.setText(f"{message}. {hint}"))
        self.waiting.currentItemChanged.connect(lambda *_: self._chosen(self.waiting))
        self.known.currentItemChanged.connect(lambda *_: self._chosen(self.known))
        self.choices.currentItemChanged.connect(lambda *_: self._enable())
        self.choices.itemDoubleClicked.connect(lambda _: self._answer())
        self.frame.picked.connect(self._pick)
        self.take.clicked.connect(self._answer)

    # -- reading -----------------------------------------------------------------------------

    def _forget(self) -> None:
        self.shown, self._stale = SeenFaces(), True
        self._shot, self._number, self._wanted = "", 0, ""
        if self.isVisible():
            self._read()

    def _maybe_stale(self) -> None:
        self._stale = self._stale or not self.shown.faces

    def _read(self) -> None:
        project = self._session.project
        if project is not None:
            self._stale = False
            self.head.setText("Looking at the faces")
            self.said.setText("Plates that were looked at before take a moment, new ones longer.")
            self.reader.ask(project.file.folder, project.language)

    def _show_all(self, shown: SeenFaces) -> None:
        self.shown = shown
        self.waiting.empty = "No question is open." if shown.faces else ""
        self.waiting.show_rows([_question_row(shown, one) for one in shown.questions])
        characters = dict.fromkeys(face.character for face in shown.faces if face.character)
        self.known.show_rows([_known_row(shown, name) for name in characters])
        if shown.questions:
            self.waiting.setCurrentRow(0)
            self._chosen(self.waiting)
        elif shown.faces:
            self.known.setCurrentRow(0)
            self._chosen(self.known)
        else:
            self.head.setText("No face yet")
            self.said.setText("No shot of this reel may be looked at: see the Reel page for why.")

    # -- choosing ----------------------------------------------------------------------------

    def _chosen(self, rows: FaceRows) -> None:
        row = rows.chosen()
        if row is None:
            return
        other = self.known if rows is self.waiting else self.waiting
        other.blockSignals(True)
        other.setCurrentItem(None)
        other.blockSignals(False)
        if isinstance(row.key, OpenQuestion):
            self._wanted = row.key.character
            numbers = row.key.candidates or (0,)
            self._stand(row.key.shot, numbers[0], row.key.message)
        elif isinstance(row.key, str):
            self._wanted = row.key
            face = self.shown.of(row.key)[0]
            self._stand(
                face.shot,
                face.number,
                f"{row.key} is known in {len(self.shown.of(row.key))} shots.",
            )

    def _pick(self, number: int) -> None:
        self._stand(self._shot, number, self.said.text())

    def _stand(self, shot: str, number: int, said: str) -> None:
        self._shot, self._number = shot, number
        face = self.shown.face(shot, number)
        row = self._session.row(shot)
        where = f"Shot {row.shown_number}, {shot}" if row is not None else shot
        owner = face.character if face is not None else ""
        self.head.setText(
            f"Face {number} is {owner}" if owner else f"Which face is number {number}?"
        )
        self.said.setText(f"{where}. {said}" if where not in said else said)
        here = [one for one in self.shown.faces if one.shot == shot]
        path = face.frame_picture if face is not None else ""
        same = [one for one in here if face is None or one.at[2] == face.at[2]]
        self.frame.show_faces(QPixmap(path), same, number)
        self._show_choices(face, row.characters if row is not None else ())
        self._show_others(face)

    def _show_choices(self, face: SeenFace | None, characters: tuple[str, ...]) -> None:
        names = dict.fromkeys((*characters, *(face.likeness if face is not None else ())))
        rows = []
        for n, name in enumerate(names, 1):
            like = face.likeness.get(name) if face is not None else None
            theirs = self.shown.of(name)
            picture = theirs[0].picture if theirs else ""
            seen = f"as in {len(theirs)} shots" if theirs else "not seen anywhere yet"
            share = "" if like is None else f"{100 * like:.0f} % alike"
            rows.append(FaceRow(name, picture, name, seen, share, share=like, keycap=str(n)))
        self.choices.show_rows(rows)
        self.choices.choose(face.character if face is not None and face.character else self._wanted)
        self._enable()

    def _show_others(self, face: SeenFace | None) -> None:
        """The same person in other shots, nearest first."""
        while (item := self.others.takeAt(0)) is not None:
            if item.widget() is not None:
                item.widget().deleteLater()
        name = face.character if face is not None else ""
        known = self.shown.of(name) if name else ()
        self.same.setText(f"The same face in {len(known)} shots" if known else "")
        for other in known[:6]:
            self.others.addWidget(self._other(other))
        self.others.addStretch(1)

    def _other(self, face: SeenFace) -> QWidget:
        """A picture of the face, the number of its shot, and how long it is there."""
        row = self._session.row(face.shot)
        number = row.shown_number if row is not None else face.shot
        other = QWidget(self)
        other.setToolTip(face.shot)
        picture, said = QLabel(other), QLabel(f"{number}, {face.frames} frames", other)
        seen = QPixmap(face.picture)
        if not seen.isNull():
            picture.setPixmap(
                seen.scaled(112, 112, Qt.KeepAspectRatioByExpanding, Qt.SmoothTransformation)
            )
        picture.setFixedSize(112, 112)
        said.setProperty("tone", "second")
        column = QVBoxLayout(other)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(picture)
        column.addWidget(said)
        return other

    def _enable(self) -> None:
        row, face = self.choices.chosen(), self.shown.face(self._shot, self._number)
        same = row is not None and face is not None and row.key == face.character
        self.take.setEnabled(row is not None and face is not None and not same)
        if row is not None:
            self.take.setText("It is so already" if same else f"It is {row.name}")
        self.take.setToolTip(f"{self.take.text()} (Enter)")

    def _answer(self) -> None:
        row, face = self.choices.chosen(), self.shown.face(self._shot, self._number)
        project = self._session.project
        if row is None or face is None or project is None or not self.take.isEnabled():
            return
        folder, name, shot, at = project.file.folder, str(row.key), face.shot, face.at
        self._session.ask(
            lambda: answers.save_points(folder, shot, name, (at,)), lambda _: self._answered()
        )
        self.take.setEnabled(False)
        self.said.setText(f"{name}'s face is looked for in every shot...")

    def _answered(self) -> None:
        self._session.reread()
        self._read()


def _side(parts: list[tuple[str, QWidget, int]], promise: str) -> QWidget:
    side = QWidget()
    side.setProperty("dock", True)
    side.setAttribute(Qt.WA_StyledBackground)
    side.setFixedWidth(SIDE)
    column = QVBoxLayout(side)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for name, inside, weight in parts:
        label = QLabel(name)
        label.setFont(font(tokens.LARGER, medium=True))
        label.setContentsMargins(12, 8, 12, 8)
        column.addWidget(label)
        column.addWidget(inside, weight)
    if promise:
        words = QLabel(promise)
        words.setWordWrap(True)
        words.setProperty("tone", "caption")
        words.setContentsMargins(12, 12, 12, 12)
        column.addWidget(words)
    return side


def _question_row(shown: SeenFaces, asked: OpenQuestion) -> FaceRow:
    face = shown.face(asked.shot, asked.candidates[0]) if asked.candidates else None
    return FaceRow(
        asked, face.picture if face else "", f"{asked.character}?", asked.shot, asked.message,
        ("question", tokens.STALE),
    )  # fmt: skip


def _known_row(shown: SeenFaces, character: str) -> FaceRow:
    faces = shown.of(character)
    return FaceRow(
        character, faces[0].picture, character,
        f"{len({face.shot for face in faces})} shots",
        f"{sum(face.frames for face in faces)} frames on screen",
        ("check-circle-fill", tokens.APPROVED),
    )  # fmt: skip
