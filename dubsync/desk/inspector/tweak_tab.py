"""Tab Tweak: whose mouth, which version of the tweak, and every control of it."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from dubsync.core.tweak.controls import MIX
from dubsync.desk.inspector.by_hand.expression_section import ExpressionSection
from dubsync.desk.inspector.by_hand.reach_list import ReachList
from dubsync.desk.inspector.by_hand.region_section import RegionSection
from dubsync.desk.inspector.carrying import Carrying
from dubsync.desk.inspector.controls.control_values import BEYOND, BY_HAND, MOUTH
from dubsync.desk.inspector.controls.tweak_rows import TweakRows
from dubsync.desk.inspector.held_shapes import HeldShape, HeldShapes, held_shapes, without
from dubsync.desk.inspector.history_list import HistoryList
from dubsync.desk.inspector.preset_row import PresetRow
from dubsync.desk.inspector.section import Section
from dubsync.desk.inspector.tweak_bar import TweakBar
from dubsync.desk.look import tokens
from dubsync.desk.look.icons import SMALL, icon
from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.buttons import icon_button
from dubsync.desk.session.session import Session
from dubsync.service.tweaks.commands import OF_TAKES
from dubsync.service.tweaks.tweak_store import TweakVersion

NO_FACE = "Nobody is dubbed in this shot."


class TweakTab(QWidget):
    """Shows the session's draft at its frame; every change goes through `session.edits`."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.bar = TweakBar(session, actions, self)
        self.carrying = Carrying(session, self)
        self.presets = PresetRow(session, actions, self.carrying, self)
        self.rows = TweakRows(session, self)
        self.held = HeldShapes(self)
        self.region = RegionSection(session, self)
        self.reach = ReachList(session, self.region.inside)
        self.region.add(self.reach)
        self.expressions = ExpressionSection(session, self)
        self.history = HistoryList(self)
        self._make(actions)
        self._connect()
        self._show_shot()
        self._show_character()

    def _make(self, actions: Actions) -> None:
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for section in (self._mouth(), self._mix(), self._beyond(), self.region, *self._by_hand(),
                        self.expressions, self._shapes(), self._past(actions)):  # fmt: skip
            column.addWidget(section)
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.NoFocus)
        for widget in (inside, scroll.viewport()):
            widget.setAutoFillBackground(False)
        scroll.setStyleSheet(f"QScrollArea {{ background: {tokens.BG2}; }}")
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addWidget(self.bar)
        page.addWidget(self.presets)
        page.addWidget(scroll, 1)

    def _mouth(self) -> Section:
        section = Section("Mouth", self)
        for name in MOUTH:
            section.add(self.rows.rows[name])
        return section

    def _mix(self) -> Section:
        section = Section("Mix of the three mouths", self)
        self.mix_key = icon_button("diamond", "Key of the mix (Shift+K)", size=SMALL, hit=20)
        self.mix_back = icon_button("arrow-counter-clockwise", "Reset the mix (Backspace)",
                                    size=SMALL, hit=20)  # fmt: skip
        kept = self.mix_back.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.mix_back.setSizePolicy(kept)
        section.on_head(self.mix_key)
        section.on_head(self.mix_back)
        section.add(self.rows.mix)
        return section

    def _beyond(self) -> Section:
        section = Section("From the take", self)
        for name in BEYOND:
            section.add(self.rows.rows[name])
        return section

    def _by_hand(self) -> list[Section]:
        """What a hand adds to the plate, without a take."""
        sections = []
        for title, names in BY_HAND.items():
            section = Section(title, self, opened=False)
            for name in names:
                section.add(self.rows.rows[name])
            sections.append(section)
        return sections

    def _shapes(self) -> Section:
        self.shapes = Section("Visemes and contacts", self, opened=False)
        self.shapes.add(self.held)
        return self.shapes

    def _past(self, actions: Actions) -> Section:
        section = Section("History", self)
        self.undo = icon_button("arrow-u-up-left", actions.tip("undo"), hit=20)
        self.redo = icon_button("arrow-u-up-right", actions.tip("redo"), hit=20)
        self.undo.clicked.connect(actions["undo"].trigger)
        self.redo.clicked.connect(actions["redo"].trigger)
        section.on_head(self.undo)
        section.on_head(self.redo)
        section.add(self.history)
        return section

    def _connect(self) -> None:
        session = self._session
        session.shot_changed.connect(self._show_shot)
        session.rows_changed.connect(self._allow)
        session.jobs.changed.connect(self._allow)
        session.character_changed.connect(self._show_character)
        session.frame_changed.connect(lambda _frame: self._show_frame())
        session.edits.changed.connect(self._show_tweak)
        session.edits.saved.connect(self._read_history)
        self.mix_key.clicked.connect(self.rows.key_mix)
        self.mix_back.clicked.connect(self.rows.reset_mix)
        self.held.go_to.connect(session.show_frame)
        self.held.ended.connect(self._end)
        self.history.chosen.connect(self.go_to)
        self.reach.go_to.connect(session.show_frame)
        session.reach.changed.connect(self._allow)

    # -- what is shown -----------------------------------------------------------------------

    def _show_shot(self) -> None:
        self.history.show_versions(())
        self.bar.show_versions(())

    def _show_character(self) -> None:
        self.bar.show_characters()
        self._allow()
        self._show_tweak()

    def _why(self) -> str:
        """Why nothing can be changed here; "" where it can.

        A shot that is blocked by what its own tweak asks can be changed: that is the way out.
        """
        row, looked_at = self._session.current, self._session.edits.looked_at
        if row is None or row.shot is None or not self._session.character:
            return NO_FACE
        reach = self._session.reach.now
        if row.state == "blocked" and not (reach is not None and reach.refused):
            return "The shot is blocked: " + "; ".join(row.reasons)
        job = self._session.jobs.of(row.name)
        if job is not None and job.state == "running" and job.kind == "repair":
            return "A repair is setting contacts here: it is done in a moment."
        if looked_at is not None:
            return f"This is B, v{looked_at.number:03d}: press Y to go back to A."
        return ""

    def _allow(self) -> None:
        row, character, why = self._session.current, self._session.character, self._why()
        takes = row.shot.takes if row is not None and row.shot is not None else ()
        idle = {}
        if not any(take.character == character for take in takes):
            idle = dict.fromkeys(
                (name for name in OF_TAKES if name not in MIX),
                f"{character or 'Nobody'} has no take in this shot.",
            )
        self.rows.allow(not why, why, idle)
        self.region.allow(not why, why)
        self.expressions.allow(not why, why)
        self.mix_key.setEnabled(not why)

    def _show_tweak(self) -> None:
        self._allow()
        self._show_frame()
        tweak = self._session.edits.tweak(self._session.character)
        shapes = held_shapes(tweak)
        self.held.show_shapes(shapes)
        self.shapes.say(f"{len(shapes)} held" if shapes else "none held")
        version = self._session.edits.version
        unsaved = self._session.edits.unsaved
        self.undo.setEnabled(unsaved or version.state > 0)
        self.redo.setEnabled(not unsaved and bool(version.undone))
        self.mix_back.setVisible(any(name in dict(tweak.curves) for name in MIX))
        self.bar.show_sides()
        self.presets.allow(not self._why(), tweak.neutral)

    def _show_frame(self) -> None:
        self.rows.show_frame()
        self.region.show_frame()
        self.expressions.show_likes()
        self.reach.show_reach()
        keyed = self.rows.mix_keyed()
        colour = tokens.TX4 if keyed == "none" else tokens.ACCENT
        self.mix_key.setIcon(icon("diamond-fill" if keyed == "here" else "diamond", colour))

    def _read_history(self) -> None:
        self._session.edits.versions(self._show_history)

    def _show_history(self, versions: tuple[TweakVersion, ...]) -> None:
        self.history.show_versions(versions)
        self.bar.show_versions(versions)
        self._show_tweak()

    # -- what a hand asks for ----------------------------------------------------------------

    def go_to(self, version: TweakVersion) -> None:
        """Take an older version's tweaks as the newest."""
        edits = self._session.edits
        edits.look_at(None)
        edits.change_all(version.tweaks, f"back to v{version.number:03d}")
        edits.save()

    def _end(self, shape: HeldShape) -> None:
        edits, character = self._session.edits, self._session.character
        tweak = without(edits.tweak(character), shape)
        edits.change(character, tweak, f"clear {shape.shape} @{shape.frames}")
