"""How much of the picture may change, and what the eyes look at: for the shot, and for spans."""

from __future__ import annotations

from PyQt5.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from dubsync.core.errors import SettingsError
from dubsync.core.tweak.choices import CAMERA, NOWHERE, Choice, looked_at
from dubsync.core.tweak.choices_at import (
    ChosenAt,
    chosen_at,
    chosen_over,
    span_moved,
    without_span,
)
from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.inspector.by_hand.span_row import AROUND, SpanRow
from dubsync.desk.inspector.section import Section
from dubsync.desk.look.icons import SMALL
from dubsync.desk.parts.buttons import icon_button
from dubsync.desk.parts.choice_field import ChoiceField
from dubsync.desk.parts.segments import Segments
from dubsync.desk.session.session import Session

REGIONS = (
    ("mouth", "Mouth", "The mouth alone may change"),
    ("face", "Face", "The whole face may change: eyes, brows, cheeks and mouth"),
    ("head", "Head", "Head, hair, neck and shoulders may change.  The first time the head is"
     " learnt, which takes about a minute"),
)  # fmt: skip
POINT = "point"
LOOKS = ((NOWHERE, "as filmed"), (CAMERA, "the camera"), (POINT, "a point..."))
SPAN_TIP = "Only over a span round this frame: its frames can be typed"


class RegionSection(Section):
    """Region and look at the session's frame, and the spans of both below."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Region and look", parent)
        self._session = session
        self._listed: object = None
        self._allowed = True
        self.region = Segments(REGIONS, self.inside)
        self.region.chosen.connect(lambda name: self._choose("region", name))
        self.region_span = icon_button("arrows-in-line-horizontal", SPAN_TIP, size=SMALL, hit=20)
        self.region_span.clicked.connect(lambda: self._over_span("region"))
        self.look = ChoiceField("What the eyes look at")
        for name, words in LOOKS:
            self.look.addItem(words, name)
        self.look.activated.connect(self._look_chosen)
        self.pick = icon_button("crosshair", "Click the point on the picture that the eyes look at",
                                size=SMALL, hit=20, checkable=True)  # fmt: skip
        self.pick.clicked.connect(self._pick)
        self.look_span = icon_button("arrows-in-line-horizontal", SPAN_TIP, size=SMALL, hit=20)
        self.look_span.clicked.connect(lambda: self._over_span("look_at"))
        self.add(self._line("May change", self.region, self.region_span))
        self.add(self._line("Look at", self.look, self.pick, self.look_span))
        self.list = QWidget(self.inside)
        self._column = QVBoxLayout(self.list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.add(self.list)
        session.look.changed.connect(self.show_frame)

    def _line(self, words: str, *widgets: QWidget) -> QWidget:
        line = QWidget(self.inside)
        line.setFixedHeight(28)
        row = QHBoxLayout(line)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(4)
        label = QLabel(words, line)
        label.setFixedWidth(78)
        label.setProperty("tone", "second")
        row.addWidget(label)
        row.addWidget(widgets[0], 0 if isinstance(widgets[0], Segments) else 1)
        if isinstance(widgets[0], Segments):
            row.addStretch(1)
        for widget in widgets[1:]:
            row.addWidget(widget)
        return line

    # -- what is shown -----------------------------------------------------------------------

    def allow(self, allowed: bool, why: str = "") -> None:
        """Let region and look be changed, or say why not."""
        self._allowed = allowed
        for widget in (self.region, self.region_span, self.look, self.pick, self.look_span,
                       self.list):  # fmt: skip
            widget.setEnabled(allowed)
        self.look.setToolTip(why or "What the eyes look at: as filmed, the camera, or a point")

    def show_frame(self) -> None:
        """Show both as they are at the session's frame, and their spans."""
        tweak, frame = self._tweak, self._session.frame
        self.region.choose(tweak.region.at_frame(frame))
        look = tweak.look_at.at_frame(frame)
        point = looked_at(look)
        self.look.setCurrentIndex(2 if point else (NOWHERE, CAMERA).index(look))
        self.look.show_text("point {:.0f}, {:.0f}".format(*point) if point else "")
        self.pick.setChecked(self._session.look.picking)
        self.say(_told(tweak))
        now = (tweak.region.spans, tweak.look_at.spans)
        if now != self._listed:
            self._listed = now
            self._list_spans(tweak)

    def _list_spans(self, tweak: Tweak) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for name, words in (("region", ""), ("look_at", "look at ")):
            choice: Choice = getattr(tweak, name)
            for span in choice.spans:
                said = {NOWHERE: "look as filmed", CAMERA: "look at the camera"}.get(span.value)
                row = SpanRow(said or words + span.value, span.first, span.last, self.list)
                row.moved.connect(lambda a, b, name=name, span=span: self._change(
                    lambda tweak: span_moved(tweak, name, span, *self._inside(a, b))))  # fmt: skip
                row.ended.connect(lambda name=name, span=span: self._change(
                    lambda tweak: without_span(tweak, name, span)))  # fmt: skip
                row.go_to.connect(self._session.show_frame)
                row.refused.connect(lambda text: self._session.message.emit(text, True))
                self._column.addWidget(row)

    @property
    def _tweak(self) -> Tweak:
        return self._session.edits.tweak(self._session.character)

    # -- what a hand asks for ----------------------------------------------------------------

    def _choose(self, name: str, value: str) -> None:
        self._change(lambda tweak: chosen_at(tweak, name, self._session.frame, value))

    def _look_chosen(self, index: int) -> None:
        value = str(self.look.itemData(index))
        if value == POINT:
            self._session.look.begin()
            self._session.message.emit("Click the point on the picture; Esc leaves it", False)
        else:
            self._choose("look_at", value)
        self.show_frame()

    def _pick(self, on: bool) -> None:
        hand = self._session.look
        (hand.begin if on else hand.leave)()
        self.show_frame()

    def _over_span(self, name: str) -> None:
        """What holds at this frame holds over a span round it alone; elsewhere it is as usual."""
        session, tweak = self._session, self._tweak
        choice: Choice = getattr(tweak, name)
        if choice.span_at(session.frame) is not None:
            session.message.emit("A span lies over this frame: its frames can be typed", False)
            return
        usual = Choice("mouth" if name == "region" else NOWHERE)
        value = choice.value
        if value == usual.value:
            value = "head" if name == "region" else CAMERA
        first, last = self._inside(session.frame - AROUND, session.frame + AROUND)

        def made(tweak: Tweak) -> ChosenAt:
            base = chosen_at(tweak, name, first, usual.value).tweak
            return chosen_over(base, name, first, last, value)

        self._change(made)

    def _inside(self, first: int, last: int) -> tuple[int, int]:
        """Frames of the shot.  Raises SettingsError where none of them is in it."""
        frames, session = self._session.frames, self._session
        if frames is None:
            return first, last
        if first > frames.stop - 1 or last < frames.start:
            name = session.current.name if session.current is not None else "the shot"
            raise SettingsError(
                f"frames {first}..{last} are not in {name}",
                hint=f"it has plate frames {frames.start} to {frames.stop - 1}",
            )
        return max(first, frames.start), min(last, frames.stop - 1)

    def _change(self, make: object) -> None:
        session = self._session
        if not self._allowed or not session.character:
            return
        try:
            changed: ChosenAt = make(self._tweak)  # type: ignore[operator]
        except SettingsError as error:
            session.message.emit(f"{error}. {error.hint}" if error.hint else str(error), True)
            self._listed = None
            self.show_frame()
            return
        session.edits.change(session.character, changed.tweak, changed.request)


def _told(tweak: Tweak) -> str:
    """What the folded head says: "head over 1 span"."""
    parts = [] if tweak.region.value == "mouth" else [tweak.region.value]
    spans = len(tweak.region.spans) + len(tweak.look_at.spans)
    if tweak.look_at.value != NOWHERE:
        parts.append("look at " + tweak.look_at.value)
    if spans:
        parts.append(f"{spans} span" + ("s" if spans > 1 else ""))
    return ", ".join(parts)
