"""Landmarks in the Face tab: which can be dragged, and what is set by hand."""

from __future__ import annotations

from PyQt5.QtWidgets import QHBoxLayout, QLabel, QWidget

from dubsync.core.plural import counted
from dubsync.desk.inspector.section import Section
from dubsync.desk.parts.buttons import text_button
from dubsync.desk.parts.segments import Segments
from dubsync.desk.session.session import Session

REACHES = (("9", 9.0), ("18", 18.0), ("40", 40.0), ("80", 80.0))


class LandmarkSection(Section):
    """The landmarks of the current character in the hand."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Landmarks", parent)
        self._session, self._hand = session, session.landmarks
        self.which = Segments([
            ("lips", "Lips", "Drag landmarks of the lips; G shows them on the picture"),
            ("eyes", "Eyes", "Drag landmarks of the eyes; G shows them on the picture"),
            ("all", "All 478", "Drag any landmark; G shows them on the picture"),
        ], self)  # fmt: skip
        self.which.choose(self._hand.which)
        self.which.chosen.connect(self._hand.choose)
        self.reach = Segments([(n, n, f"Neighbours within {n} plate pixels come along")
                               for n, _ in REACHES], self)  # fmt: skip
        self.reach.choose("18")
        self.reach.chosen.connect(self._choose_reach)
        self.back = text_button("Take back here", tip="Nothing by hand on this frame any more")
        self.back.clicked.connect(self._hand.take_back)
        self.keys = QLabel(self)
        self.keys.setProperty("tone", "second")
        reach = QLabel("drag reach, px", self)
        reach.setProperty("tone", "second")
        for left, right in ((QLabel("drag", self), self.which), (reach, self.reach),
                            (self.back, self.keys)):  # fmt: skip
            self.add(self._line(left, right))
        session.frame_changed.connect(lambda _frame: self.show_keys())
        session.edits.changed.connect(self.show_keys)
        session.character_changed.connect(self.show_keys)
        self.show_keys()

    def _line(self, left: QWidget, right: QWidget) -> QWidget:
        line = QWidget(self.inside)
        row = QHBoxLayout(line)
        row.setContentsMargins(12, 2, 12, 2)
        row.setSpacing(8)
        row.addWidget(left)
        row.addStretch(1)
        row.addWidget(right)
        return line

    def show_keys(self) -> None:
        """Say how many key frames there are, and whether this is one."""
        frames = {key.frame for key in self._hand.keys}
        self.keys.setText(counted(len(frames), "key frame"))
        self.back.setEnabled(bool(self._hand.here) and self._session.edits.looked_at is None)

    def _choose_reach(self, name: str) -> None:
        self._hand.reach = dict(REACHES)[name]
