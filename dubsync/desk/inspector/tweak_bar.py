"""The head of the Tweak tab: whose mouth, which version, A and B, presets, copy and paste."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from dubsync.desk.inspector.history_list import said
from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.choice_field import ChoiceField
from dubsync.desk.parts.segments import Segments
from dubsync.desk.session.session import Session
from dubsync.service.tweaks.tweak_store import TweakVersion

A, B = "a", "b"


class TweakBar(QWidget):
    """A is the draft; B is an older version to compare it with, chosen beside it."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._versions: tuple[TweakVersion, ...] = ()
        self._b: TweakVersion | None = None
        self._chosen = False  #: a hand chose B; else it is the version before the newest
        self.character = _field("Character", "Whose mouth is shaped")
        self.character.activated[str].connect(session.show_character)
        self.version = _field(
            "Version of the tweak for B", "B: the version of the tweak that A is compared with"
        )
        self.version.activated.connect(self._choose_b)
        tip = actions.tip("other version")
        self.sides = Segments(((A, "A now", tip), (B, "B", tip)), self)
        self.sides.chosen.connect(self.show_side)
        actions.on("other version", self.other_side)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.character)
        row.addWidget(self.version)
        row.addStretch(1)
        row.addWidget(self.sides)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 8, 12, 8)
        self._column.setSpacing(8)
        self._column.addLayout(row)

    def show_characters(self) -> None:
        """Offer the characters of the current shot."""
        row = self._session.current
        names = list(row.characters) if row is not None else []
        shown = [self.character.itemText(n) for n in range(self.character.count())]
        if names != shown:
            self.character.clear()
            self.character.addItems(names)
            fit(self.character)
        self.character.setCurrentText(self._session.character)
        self.character.setEnabled(bool(names))

    def show_versions(self, versions: Sequence[TweakVersion]) -> None:
        """Offer the versions of the shot's tweak, the newest first."""
        numbers = [one.number for one in self._versions]
        self._versions = tuple(versions)
        if [one.number for one in versions] != numbers:
            here = next((one for one in versions if one == self._b), None)
            self._chosen = self._chosen and here is not None
            if not self._chosen:
                self._b = versions[1] if len(versions) > 1 else None
        self.version.clear()
        for one in versions:
            self.version.addItem(f"Tweak v{one.number:03d}")
            self.version.setItemData(self.version.count() - 1, said(one), 3)
        self.version.setEnabled(len(versions) > 1)
        if not versions:
            self.version.addItem("No tweak")
        elif self._b is not None:
            self.version.setCurrentIndex(self._versions.index(self._b))
        fit(self.version)
        self.show_sides()

    def show_sides(self) -> None:
        """Show which of A and B is seen."""
        looked_at = self._session.edits.looked_at
        self.sides.choose(A if looked_at is None else B)
        self.sides.say(B, f"B v{self._b.number:03d}" if self._b else "B")
        self.sides.allow(B, self._b is not None, "" if self._b else "B: there is one version only")

    def show_side(self, side: str) -> None:
        """See A, the draft, or B."""
        self._session.edits.look_at(self._b if side == B else None)

    def other_side(self) -> None:
        self.show_side(A if self._session.edits.looked_at is not None else B)

    def _choose_b(self, index: int) -> None:
        if 0 <= index < len(self._versions):
            self._b, self._chosen = self._versions[index], True
            if self._session.edits.looked_at is not None:
                self._session.edits.look_at(self._b)
            self.show_sides()


def _field(name: str, tip: str) -> ChoiceField:
    field = ChoiceField(name)
    field.setToolTip(tip)
    return field


def fit(field: ChoiceField, most: int = 112) -> None:
    """As wide as its widest choice, at most `most` pixels."""
    metrics = field.fontMetrics()
    widest = max((metrics.horizontalAdvance(field.itemText(n)) for n in range(field.count())),
                 default=0)  # fmt: skip
    field.setFixedWidth(min(widest + 36, most))
