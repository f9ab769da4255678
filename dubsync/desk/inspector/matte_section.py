"""The matte in the Face tab: growth and feather, cut-outs with their keys, and a matte file."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from dubsync.core.plural import counted
from dubsync.core.tweak.controls import MATTE
from dubsync.core.tweak.matte_edit import CutOut
from dubsync.desk.inspector.controls.tweak_rows import TweakRows
from dubsync.desk.inspector.section import Section
from dubsync.desk.look import tokens
from dubsync.desk.look.icons import SMALL, icon
from dubsync.desk.parts.buttons import icon_button, text_button
from dubsync.desk.parts.elided_label import ElidedLabel
from dubsync.desk.session.session import Session
from dubsync.service.project import Project
from dubsync.service.shape.mattes import take_matte

MATTE_FILES = "Mattes (*.mov *.mp4 *.mxf *.exr *.png *.tif *.tiff *.dpx);;All files (*)"


class MatteSection(Section):
    """Growth and feather of the current character's matte."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Matte", parent)
        self._session = session
        self.rows_of = TweakRows(session, self.inside, MATTE)
        self.rows_of.mix.hide()
        for row in self.rows_of.rows.values():
            self.add(row)
        session.frame_changed.connect(lambda _frame: self.rows_of.show_frame())
        session.edits.changed.connect(self.show_matte)
        session.character_changed.connect(self.show_matte)

    def show_matte(self) -> None:
        """Show growth and feather as they are at the frame."""
        session = self._session
        there = session.frames is not None and bool(session.character)
        why = "" if there else "Nobody is drawn in this shot."
        if session.edits.looked_at is not None:
            why = "An older version is shown: press Y to go back."
        self.rows_of.allow(not why, why, {})
        self.rows_of.show_frame()


class CutOutSection(Section):
    """The cut-outs of the current character, one of them in hand."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Cut out of the matte", parent)
        self._session, self._hand = session, session.matte
        self._listed: object = None
        self.draw = icon_button("plus", "Draw a cut-out on the picture", size=SMALL, hit=20)
        self.draw.clicked.connect(self._hand.begin)
        self.on_head(self.draw)
        self.list = QWidget(self.inside)
        self._column = QVBoxLayout(self.list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.add(self.list)
        self.file = ElidedLabel("", self.inside)
        self.file.setContentsMargins(12, 0, 12, 0)
        self.file.setFixedHeight(24)
        self.add(self.file)
        self.from_file = text_button(
            "Matte from file...",
            "file-arrow-down",
            tip="A matte movie or stills of Nuke or Silhouette: white is in front of the faces",
        )
        self.detect = text_button("Detect again", tip="No file: what is in front is detected")
        self.from_file.clicked.connect(self._ask_file)
        self.detect.clicked.connect(lambda: self.take(""))
        line = QWidget(self.inside)
        row = QHBoxLayout(line)
        row.setContentsMargins(12, 4, 12, 4)
        row.setSpacing(8)
        row.addWidget(self.from_file)
        row.addWidget(self.detect)
        row.addStretch(1)
        self.add(line)
        self._hand.changed.connect(self.show_cut_outs)
        session.edits.changed.connect(self.show_cut_outs)
        session.shot_changed.connect(self.show_cut_outs)
        session.character_changed.connect(self.show_cut_outs)

    def show_cut_outs(self) -> None:
        """List what is cut out; nothing is made anew where nothing changed."""
        session, hand = self._session, self._hand
        there = session.frames is not None and bool(session.character)
        self.draw.setEnabled(there and session.edits.looked_at is None)
        self.from_file.setEnabled(there)
        row, project = session.current, session.project
        path = project.file.holdouts.get(row.name) if project is not None and row else None
        self.file.setText(f"In front of the faces: {path.name}" if path else "")
        self.file.setVisible(path is not None)
        self.detect.setVisible(path is not None)
        now = tuple((one.name, one.shown, one.first, one.last, len(one.keys), one.name ==
                     hand.chosen) for one in hand.cut_outs)  # fmt: skip
        if now == self._listed:
            return
        self._listed = now
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for one in hand.cut_outs:
            self._column.addWidget(self._row(one))
        if not hand.cut_outs:
            hint = QLabel("Draw round a hand, a microphone or a collar", self.list)
            hint.setProperty("tone", "caption")
            hint.setContentsMargins(12, 0, 12, 0)
            hint.setFixedHeight(24)
            self._column.addWidget(hint)

    def _row(self, one: CutOut) -> QWidget:
        hand, chosen = self._hand, one.name == self._hand.chosen
        row = QWidget(self.list)
        row.setObjectName("cut_out")
        back = tokens.ACCENT_BACK if chosen else "transparent"
        row.setStyleSheet(f"#cut_out {{ background: {back}; }}")
        row.setFixedHeight(24)
        line = QHBoxLayout(row)
        line.setContentsMargins(8, 0, 8, 0)
        line.setSpacing(8)
        eye = icon_button("eye" if one.shown else "eye-slash", (
            f"Keep {one.name} without applying it" if one.shown else f"Apply {one.name}"),
            size=SMALL, hit=20)  # fmt: skip
        eye.clicked.connect(lambda: hand.switch_shown(one.name))
        name = QPushButton(one.name, row)
        name.setCheckable(True)
        name.setChecked(chosen)
        name.setStyleSheet(
            "QPushButton { background: transparent; border: 1px solid transparent; padding: 0 2px;"
            f" text-align: left; color: {tokens.TX1}; }}"
            f" QPushButton:focus {{ border-color: {tokens.ACCENT}; }}"
        )
        name.setToolTip(f"Take {one.name} in hand: Shift+K keys it on the picture, Del removes it")
        name.setAccessibleName(f"Cut-out {one.name}, {_frames(one)}, {_keys(one)}")
        name.clicked.connect(lambda: hand.choose(one.name))
        frames, keys = QLabel(_frames(one), row), QLabel(_keys(one), row)
        for label in (frames, keys):
            label.setProperty("tone", "second")
        gone = QToolButton(row)
        gone.setIcon(icon("x"))
        gone.setFixedSize(20, 20)
        gone.setToolTip(f"Remove {one.name}")
        gone.setAccessibleName(f"Remove {one.name}")
        gone.clicked.connect(lambda: hand.remove(one.name))
        line.addWidget(eye)
        line.addWidget(name, 1)
        for widget in (frames, keys, gone):
            line.addWidget(widget)
        return row

    # -- a matte from a file -----------------------------------------------------------------

    def _ask_file(self) -> None:
        project = self._session.project
        folder = str(project.file.media[0]) if project is not None and project.file.media else ""
        path, _ = QFileDialog.getOpenFileName(self, "Matte of what is in front", folder,
                                              MATTE_FILES)  # fmt: skip
        if path:
            self.take(path)

    def take(self, path: str) -> None:
        """Let a file say what is in front in the current shot; "": it is detected again."""
        session, row = self._session, self._session.current
        project = session.project
        if project is None or row is None or row.shot is None:
            return
        name = row.name
        session.edits.save()
        session.ask(lambda: take_matte(project, name, path),
                    lambda _path: self._taken(project, name))  # fmt: skip

    def _taken(self, project: Project, name: str) -> None:
        """The project file is another now: open it again, on the same shot."""
        session = self._session

        def back() -> None:
            session.reel_opened.disconnect(back)
            session.show_shot(name)

        session.reel_opened.connect(back)
        session.open(Path(project.file.folder), project.language)


def _frames(one: CutOut) -> str:
    if one.first is None and one.last is None:
        return "whole shot"
    return f"{one.first or ''}..{one.last or ''}"


def _keys(one: CutOut) -> str:
    return counted(len(one.keys), "key")
