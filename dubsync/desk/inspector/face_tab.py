"""Tab Face: who is drawn over which face, and how sure the tracker is along the shot.

Below the face track stand the matte's growth and feather, and its cut-outs.
"""

from __future__ import annotations

from PyQt5.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from dubsync.desk.inspector.held_shapes import frame_button
from dubsync.desk.inspector.landmark_section import LandmarkSection
from dubsync.desk.inspector.matte_section import CutOutSection, MatteSection
from dubsync.desk.inspector.section import Section
from dubsync.desk.inspector.told.confidence_curve import ConfidenceCurve, worst_stretch
from dubsync.desk.look import tokens
from dubsync.desk.look.icons import SMALL, pixmap
from dubsync.desk.session.session import Session
from dubsync.service.about_shot import FaceSeen


class FaceTab(QWidget):
    """One section for each face of the plate, those that are drawn first."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.faces: list[_FaceSection] = []
        self.none = QLabel(self)
        self.none.setWordWrap(True)
        self.none.setProperty("tone", "caption")
        self.none.setContentsMargins(12, 12, 12, 12)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.none)
        self.matte, self.cut_outs = MatteSection(session, self), CutOutSection(session, self)
        self.landmarks = LandmarkSection(session, self)
        self._column.addWidget(self.landmarks)
        self._column.addWidget(self.matte)
        self._column.addWidget(self.cut_outs)
        self._column.addStretch(1)
        session.about.changed.connect(self.show_faces)
        session.frame_changed.connect(self._show_frame)
        self.show_faces()
        self.matte.show_matte()
        self.cut_outs.show_cut_outs()

    def show_faces(self) -> None:
        """Show the faces of the current shot."""
        about = self._session.about.now
        faces = sorted(about.faces, key=lambda one: (not one.character, one.face)) if about else []
        while len(self.faces) > len(faces):
            section = self.faces.pop()
            section.hide()
            section.deleteLater()
        for n, face in enumerate(faces):
            if n == len(self.faces):
                section = _FaceSection(self._session, self)
                self._column.insertWidget(1 + n, section)
                self.faces.append(section)
            self.faces[n].show_face(face)
        self.none.setVisible(not faces)
        rendered = about is not None and bool(about.versions)
        self.none.setText(
            "The faces of this render's plate are not kept any more: render it again."
            if rendered
            else "Faces are found when the shot is rendered first."
        )
        self._show_frame(self._session.frame)

    def _show_frame(self, frame: int) -> None:
        for section in self.faces:
            section.curve.show_frame(frame)


class _FaceSection(Section):
    """Who a face is, and the confidence in it."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Face track", parent)
        self._session = session
        self.curve = ConfidenceCurve(self)
        self.curve.go_to.connect(session.show_frame)
        self._line = QWidget(self)
        self._row = QHBoxLayout(self._line)
        self._row.setContentsMargins(12, 4, 12, 4)
        self._row.setSpacing(8)
        self.add(self.curve)
        self.add(self._line)

    def show_face(self, face: FaceSeen) -> None:
        self.call(f"Face {face.face}")
        self.say(face.character or "nobody is drawn")
        self.curve.show_face(face)
        while (item := self._row.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        bad = worst_stretch(face)
        words = QLabel("Confidence", self._line)
        words.setProperty("tone", "second")
        self._row.addWidget(words)
        self._row.addStretch(1)
        if bad is None:
            least = QLabel(f"at least {face.confidence.min():.2f}", self._line)
            self._row.addWidget(least)
            return
        mark = QLabel(self._line)
        mark.setPixmap(pixmap("warning-fill", SMALL, tokens.STALE, self.devicePixelRatioF()))
        least = QLabel(f"{bad.least:.2f} at", self._line)
        go = frame_button(bad.first, f"{bad.first}..{bad.last}")
        go.clicked.connect(lambda: self._session.show_frame(bad.first))
        for widget in (mark, least, go):
            self._row.addWidget(widget)
