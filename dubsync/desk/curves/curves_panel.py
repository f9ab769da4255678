"""The lanes of the current shot under one bar of tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PyQt5.QtCore import QEvent, QObject, Qt, QTimer
from PyQt5.QtGui import QKeyEvent, QResizeEvent
from PyQt5.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from dubsync.desk.curves.axes.time_view import TimeView
from dubsync.desk.curves.comp_stack import CompStack
from dubsync.desk.curves.curve_bar import MEASURES, CurveBar
from dubsync.desk.curves.lanes.control_lane import ControlLane
from dubsync.desk.curves.lanes.edited_lane import EditedLane
from dubsync.desk.curves.lanes.lane_labels import Label, LaneLabels
from dubsync.desk.curves.lanes.mouth_lane import MouthLane
from dubsync.desk.curves.lanes.overview_lane import OverviewLane
from dubsync.desk.curves.lanes.playhead import Playhead
from dubsync.desk.curves.lanes.ruler_lane import RulerLane
from dubsync.desk.curves.lanes.sound_lane import SoundLane
from dubsync.desk.curves.shaping import TOOLS, Shaping
from dubsync.desk.curves.word_boxes import hold_words, spoken_boxes
from dubsync.desk.curves.word_hand import WordHand
from dubsync.desk.look import tokens
from dubsync.desk.parts.actions import Actions
from dubsync.desk.session.session import Session
from dubsync.service.tweaks.word_settings import take_names

WORDS, PHONES = 22, 20
#: Heights of the window below which takes, and the control, fold away.
FOLD_TAKES, FOLD_CONTROL = 860, 760
#: Milliseconds that a hand may go on before curves are asked for again.
ASK_MS = 60


class CurvesPanel(QWidget):
    """Words, phones, waveform, mouths, controls and takes over time."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self.view, self.shaping = TimeView(self), Shaping(session, self)
        self.hand = WordHand(self.shaping, self)
        self.curves: Any = None
        self._measure = "opening"
        self._made = ("", "", "")
        self._slip_from, self._unfolded = 0.0, False
        self._ask = QTimer(self, singleShot=True, interval=ASK_MS)
        self._ask.timeout.connect(self._ask_curves)
        self._make()
        self._connect()
        self._act()
        self._shown_shot()

    # -- making ------------------------------------------------------------------------------

    def _make(self) -> None:
        view, self.bar = self.view, CurveBar(self.shaping, self._actions, self)
        self.labels, self.stack = LaneLabels(self), QWidget(self)
        self.ruler = RulerLane(self._session, view)
        self.words = EditedLane("Words", view, WORDS, words=True)
        self.phones = EditedLane("Phones", view, PHONES, words=False)
        self.sound, self.mouth = SoundLane(view), MouthLane(view)
        self.control, self.overview = ControlLane(self.shaping, view), OverviewLane(view)
        self.mouth.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)
        self.control.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)
        column = QVBoxLayout(self.stack)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.comp = CompStack(self.shaping, view)
        for lane in (self.ruler, self.words, self.phones, self.sound):
            column.addWidget(lane)
        column.addWidget(self.mouth, 3)
        column.addWidget(self.control, 1)
        column.addWidget(self.comp)
        column.addWidget(self.overview)
        self.playhead = Playhead(view, self.stack)
        self.playhead.bottom = self.overview.height()
        across = QHBoxLayout()
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self.labels)
        across.addWidget(self.stack, 1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.bar)
        rows.addLayout(across, 1)
        self.stack.installEventFilter(self)

    @property
    def lanes(self) -> tuple[Any, ...]:
        """From top to bottom."""
        return (self.ruler, self.words, self.phones, self.sound, self.mouth, self.control,
                self.comp.comp, *self.comp.takes, self.overview)  # fmt: skip

    def _connect(self) -> None:
        session, shaping = self._session, self.shaping
        session.shot_changed.connect(self._shown_shot)
        session.rows_changed.connect(self._blocked)
        session.frame_changed.connect(self._shown_frame)
        session.character_changed.connect(self._shown_character)
        session.control_changed.connect(self._let_go)
        session.control_changed.connect(self._shown_control)
        session.edits.changed.connect(self._edited)
        session.preview.curves.connect(self._arrived)
        session.preview.working.connect(self._working)
        session.preview.failed.connect(self._failed)
        shaping.selected_changed.connect(self._shown_selection)
        shaping.word_at = self._word_at
        for lane in (self.ruler, self.words, self.phones, self.mouth, self.control, self.comp.comp):
            lane.stood.connect(session.show_frame)
        for slipping in (self.sound, self.control):
            slipping.slip_begun.connect(self._slip_begun)
            slipping.slipped.connect(self._slipped)
        self.mouth.swept.connect(shaping.add_span)
        self.mouth.contact_hit.connect(lambda key: shaping.select(contact=key))
        self.mouth.marks_changed.connect(self.labels.update)
        self.control.marks_changed.connect(self.labels.update)
        self.labels.control_chosen.connect(session.show_control)
        self.labels.comp_pressed.connect(self._unfold)
        self.comp.made.connect(self._other_takes)
        self.bar.measured.connect(self._measured)
        hold_words(self.hand, self.words, "word")
        hold_words(self.hand, self.phones, "phone")
        self.words.taken_up.connect(lambda: self.phones.choose(0))
        self.phones.taken_up.connect(lambda: self.words.choose(0))
        self.hand.changed.connect(self._fill_words)

    def _act(self) -> None:
        """What keys and menus do here."""
        on, shaping = self._actions.on, self.shaping
        for tool in TOOLS:
            on(f"tool {tool}", lambda name=tool: shaping.use(name))
        slots: dict[str, Callable[..., Any]] = {
            "close lips": shaping.close_lips, "set key": shaping.set_key,
            "set span": shaping.set_span, "more": lambda: shaping.change_value(1),
            "less": lambda: shaping.change_value(-1), "reset control": shaping.reset,
            "delete": shaping.delete, "nudge earlier": lambda: shaping.nudge(-1),
            "nudge later": lambda: shaping.nudge(1), "key before": lambda: shaping.step_key(-1),
            "key after": lambda: shaping.step_key(1), "word before": lambda: self._step_word(-1),
            "word after": lambda: self._step_word(1), "whole shot": self.view.whole,
            "zoom selection": self._zoom_selection, "snap": shaping.set_snap,
            "take of word": self.comp.ask,
        }  # fmt: skip
        for name, slot in slots.items():
            on(name, slot)

    # -- what is shown -----------------------------------------------------------------------

    def _shown_shot(self) -> None:
        row = self._session.current
        shot = row.shot if row else None
        self.curves, self._made = None, ("", "", "")
        self._let_go()
        self.mouth.show_note(self._why_none())
        self.view.open(shot)
        self.overview.show_cut(shot.source if shot else None)
        self._fill()
        self._blocked()
        self._shown_frame(self._session.frame)
        self._edited()

    def _blocked(self) -> None:
        faint = self.shaping.locked
        self.words.editable = self.phones.editable = self.hand.ready
        for lane in self.lanes:
            lane.set_faint(faint)

    def _shown_frame(self, frame: int) -> None:
        self.playhead.show_frame(frame, self._session.record_text(frame))
        self.ruler.show_frame(frame)
        self.words.show_frame(frame)
        self.overview.show_frame(frame)
        if self._session.frames is not None:
            self.view.follow(frame)
        if not self.shaping.keys and self.shaping.span is None:
            self.bar.refresh()

    def _let_go(self) -> None:
        """What a mouse holds is of another shot, character or control now."""
        self.hand.let_go()
        for lane in (self.control, self.mouth, self.sound, self.words, self.phones):
            lane.let_go()

    def _shown_character(self) -> None:
        self._let_go()
        self._fill()
        self._edited()

    def _shown_control(self) -> None:
        self.labels.show_control(self._session.control)
        self.control.show_control()
        self.mouth.show_spans(self.shaping.curve.spans)
        self.bar.refresh()

    def _shown_selection(self) -> None:
        self.control.renew()
        self._contacts()

    def _measured(self, measure: str) -> None:
        self._measure = measure
        self._fill()

    def _edited(self) -> None:
        """The draft is another: what can be shown at once is, and the mouth is asked for."""
        shaping, curve = self.shaping, self.shaping.curve
        if shaping.keys - {frame for frame, _ in curve.keys}:
            shaping.select(shaping.keys & {frame for frame, _ in curve.keys})
        if shaping.span is not None and shaping.span >= len(curve.spans):
            shaping.select()
        self._shown_control()
        self._contacts()
        self._fill_words()
        if not self._ask.isActive():
            self._ask.start()

    def _ask_curves(self) -> None:
        row = self._session.current
        if row is not None and row.shot is not None and row.characters:
            if self.curves is None:
                self.mouth.show_note(f"Reading {row.name}")
            self._session.preview.ask_curves(row.name, dict(self._session.edits.tweaks))

    def _arrived(self, curves: Any) -> None:
        if self._session.current is not None and curves.shot == self._session.current.name:
            self.curves = curves
            self.mouth.show_note("")
            self.hand.read()
            self._fill()

    def _why_none(self) -> str:
        row = self._session.current
        if row is None:
            return ""
        if row.shot is None:
            return "; ".join(row.reasons) or "This event has no shot"
        return "" if row.characters else "Nobody is dubbed in this shot"

    def _working(self, shot: str, step: str, done: int, total: int) -> None:
        """The first time that a shot is looked at its plate is analysed: say so."""
        current = self._session.current
        if self.curves is None and current is not None and shot == current.name:
            self.mouth.show_note(f"{step}, {done} of {total}" if total else step)

    def _failed(self, kind: str, shot: str, message: str, hint: str) -> None:
        current = self._session.current
        if kind == "curves" and current is not None and shot == current.name:
            self.mouth.show_note(f"{message}. {hint}" if hint else message)

    # -- the values of a shot ----------------------------------------------------------------

    def _mine(self) -> Any:
        """The curves of the character in hand; None while they are not there."""
        return self.curves.characters.get(self._session.character) if self.curves else None

    def _fill(self) -> None:
        mine, frames = self._mine(), self._session.frames
        start = frames.start if frames else 0
        self._fill_words()
        each = self.curves.sound.levels_per_frame if self.curves else 1
        self.sound.show_levels(mine.sound.levels if mine else None, each, start)
        self.overview.show_levels(mine.sound.levels if mine else None, each, start)
        current = self._session.current
        made = (current.name if current else "", self._session.character, self._measure)
        curves = mine.curves.get(self._measure, {}) if mine else {}
        self.mouth.show_curves(
            {name: np.asarray(one, np.float64) for name, one in curves.items()}, start,
            anew=made != self._made,
        )  # fmt: skip
        self._made = made if mine else ("", "", "")
        self._contacts()
        shot = current.shot if current else None
        takes = take_names(shot, self._session.character) if shot else ()
        self.comp.show_comp(mine.comp if mine else None, mine.drivers if mine else (), takes)
        self._label()

    def _fill_words(self) -> None:
        """Words and phones: those that can be changed, else those that are heard."""
        mine = self._mine()
        words, phones = spoken_boxes(self.hand.track, mine.sound if mine else None)
        self.words.show_spoken(words)
        self.phones.show_spoken(phones)
        self.words.editable = self.phones.editable = self.hand.ready
        edges = {edge for one in (*words, *phones) for edge in (one.first, one.last)}
        self.shaping.edges = sorted(edges)
        self.words.show_frame(self._session.frame)

    def _contacts(self) -> None:
        mine, shaping = self._mine(), self.shaping
        shown = mine.contacts if mine else ()
        self.mouth.show_contacts(shown, shaping.tweak.contacts, shaping.contact)

    def _label(self) -> None:
        language = self._session.project.language if self._session.project else ""
        who = f"{self._session.character} {language.partition('-')[0]}".strip()
        self.labels.show_labels((
            Label(self.ruler, "Record"), Label(self.words, "Words"), Label(self.phones, "Phones"),
            Label(self.sound, who),
            Label(self.mouth, self._measure, MEASURES[self._measure], tall=True),
            Label(self.control, "", tall=True),
            Label(self.comp.comp, "Comp", tone=tokens.TX1),
            *(Label(lane, f"{self._session.character} {lane.row.name}", size=tokens.SMALL)
              for lane in self.comp.takes),
            Label(self.overview, "Shot", tone=tokens.TX3, size=tokens.SMALL),
        ), self.control)  # fmt: skip
        self.labels.show_control(self._session.control)

    # -- keys of the keyboard ----------------------------------------------------------------

    def _word_at(self, frame: int) -> tuple[int, int] | None:
        word = self.words.at(frame)
        return (round(word.first), max(round(word.last) - 1, round(word.first))) if word else None

    def _step_word(self, way: int) -> None:
        frame = self._session.frame
        starts = [round(word.first) for word in self.words.spoken]
        beyond = [at for at in starts if (at > frame if way > 0 else at < frame)]
        if beyond:
            self._session.show_frame(min(beyond, key=lambda at: abs(at - frame)))

    def _zoom_selection(self) -> None:
        """The selected keys or span, else the word under the playhead."""
        shaping = self.shaping
        ends: tuple[int, int] | None
        if shaping.span is not None and shaping.span < len(shaping.curve.spans):
            span = shaping.curve.spans[shaping.span]
            ends = span.first, span.last
        elif shaping.keys:
            ends = min(shaping.keys), max(shaping.keys)
        else:
            ends = self._word_at(self._session.frame)
        if ends is not None:
            room = max((ends[1] - ends[0]) * 0.15, 4)
            self.view.show(ends[0] - room, ends[1] + 1 + room)

    # -- slipping ----------------------------------------------------------------------------

    def _slip_begun(self) -> None:
        self._slip_from = self.shaping.tweak.curve("slip_ms").value

    def _slipped(self, frames: float) -> None:
        whole = self._session.frames
        if whole is None:
            return
        if self.shaping.snap:
            frames = float(round(frames))
        self.shaping.set_slip(self._slip_from + 1000 * frames / float(whole.rate))
        slip = self.shaping.tweak.curve("slip_ms").value
        self.sound.show_slip(slip, slip * float(whole.rate) / 1000)

    # -- layout ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape lets go of what is selected."""
        if event.key() == Qt.Key_Escape:
            self.shaping.select()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if watched is self.stack and event.type() in (QEvent.Resize, QEvent.LayoutRequest):
            self._laid_out()
        return bool(super().eventFilter(watched, event))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fold()
        self._laid_out()

    def _other_takes(self) -> None:
        """Fold them like the others, and let Tab come to them before the whole shot."""
        last = self.comp.takes[-1] if self.comp.takes else self.comp.comp
        self.setTabOrder(last, self.overview)
        self._fold()

    def _unfold(self) -> None:
        """Take lanes that a low window folds away are opened, or folded again."""
        self._unfolded = not self._unfolded
        self._fold()

    def _fold(self) -> None:
        """Lanes by the size of the window: taller on a wide one, fewer in a low one."""
        window = self.window()
        wide, low = window.width() >= tokens.WIDE_FROM, window.height()
        self.sound.setFixedHeight(48 if wide else 36)
        self.mouth.setMinimumHeight(136 if wide else 96)
        self.control.setMinimumHeight(64 if wide else 48)
        self.control.setVisible(low >= FOLD_CONTROL)
        self.comp.fold(low < FOLD_TAKES and not self._unfolded)

    def _laid_out(self) -> None:
        self.view.resize(self.stack.width())
        self.playhead.setGeometry(self.stack.rect())
        self.playhead.raise_()
        self.labels.place()
