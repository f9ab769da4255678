"""The hand on one control: what is selected, with which tool, and every change it makes.

Each change goes through the session's edits, so that undo, history and autosave are for free.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from PyQt5.QtCore import QObject, pyqtSignal

from dubsync.core.contact import ContactKey
from dubsync.core.errors import SettingsError
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak import curve_edits
from dubsync.core.tweak.controls import MIX, control
from dubsync.core.tweak.curve import MOST_EASE, Curve
from dubsync.core.tweak.take_comp import ShotWord, with_word, without_word
from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.curves import requests
from dubsync.desk.curves.axes import value_axis
from dubsync.desk.session.session import Session
from dubsync.service.reel.comp_list import CompWord

TOOLS = ("select", "draw", "smooth", "ease", "slip")
#: Frames on either side of the playhead of a span where no word is heard.
AROUND = 6


class Shaping(QObject):
    """`selected_changed` when tool, snap or selection are others.

    keys     frames of the selected keys
    span     place of the selected span in the curve's spans; None
    contact  the selected contact set by hand; None
    edges    of words and phones, to which drags are drawn
    """

    selected_changed = pyqtSignal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.tool = "select"
        self.snap = True
        self.keys: frozenset[int] = frozenset()
        self.span: int | None = None
        self.contact: ContactKey | None = None
        self.edges: Sequence[float] = ()
        self.word_at: Callable[[int], tuple[int, int] | None] = lambda frame: None
        session.control_changed.connect(self.select)
        session.shot_changed.connect(self.select)
        session.character_changed.connect(self.select)

    # -- what is in hand ---------------------------------------------------------------------

    @property
    def control(self) -> str:
        return self.session.control

    @property
    def tweak(self) -> Tweak:
        return self.session.edits.tweak(self.session.character)

    @property
    def curve(self) -> Curve:
        return self.tweak.curve(self.control)

    @property
    def frames(self) -> FrameRange | None:
        return self.session.frames

    @property
    def locked(self) -> bool:
        """Whether the shot is blocked, or has nobody to shape."""
        row = self.session.current
        return row is None or row.shot is None or row.state == "blocked" or not row.characters

    def value_at(self, frame: int) -> float:
        """The control in hand at a frame."""
        frames = self.frames
        rate = frames.rate if frames else 24
        one = FrameRange(frame, frame + 1, rate)  # type: ignore[arg-type]
        return float(self.tweak.at(self.control, one)[0])

    # -- selecting ---------------------------------------------------------------------------

    def use(self, tool: str) -> None:
        self.tool = tool
        self.selected_changed.emit()

    def set_snap(self, snap: bool) -> None:
        self.snap = snap
        self.selected_changed.emit()

    def select(
        self, keys: Collection[int] = (), span: int | None = None, contact: ContactKey | None = None
    ) -> None:
        """Select these and nothing else."""
        self.keys, self.span, self.contact = frozenset(keys), span, contact
        self.selected_changed.emit()

    # -- changing ----------------------------------------------------------------------------

    def put(self, curve: Curve, request: str) -> None:
        """Make `curve` the control's, unless the shot is locked."""
        self._change(lambda: self.tweak.curved(self.control, curve), request)

    def put_tweak(self, tweak: Tweak, request: str) -> None:
        self._change(lambda: tweak, request)

    def _change(self, make: Callable[[], Tweak], request: str) -> None:
        frames = self.frames
        if self.locked or frames is None:
            return
        try:
            tweak = make()
            tweak.shares(frames)  # raises where take, sound and original are all 0
        except SettingsError as error:
            self.session.message.emit(f"{error}. {error.hint}", False)
            return
        self.session.edits.change(self.session.character, tweak, request)

    def move_keys(self, curve: Curve, chosen: Collection[int], by: int, rise: float) -> None:
        """Move keys of `curve` as it was when the hand took them; the selection follows."""
        known, frames = control(self.control), self.frames
        if frames is None or not chosen:
            return
        by = min(max(by, frames.start - min(chosen)), frames.stop - 1 - max(chosen))
        moved = curve_edits.moved_keys(curve, chosen, by, rise, known.low, known.high)
        others = {frame for frame, _ in curve.keys} - set(chosen)
        at = {frame for frame, _ in moved.keys} - others
        values = tuple(
            (f, value_axis.rounded(self.control, v) if f in at else v) for f, v in moved.keys
        )
        moved = replace(moved, keys=values)
        self.put(moved, requests.of_keys(self.control, moved, at))
        self.select(at)

    def move_span(self, curve: Curve, index: int, first: int, last: int, value: float) -> None:
        known, frames = control(self.control), self.frames
        if frames is None or index >= len(curve.spans):
            return
        first = min(max(first, frames.start), frames.stop - 1)
        last = min(max(last, frames.start), frames.stop - 1)
        value = value_axis.rounded(self.control, min(max(value, known.low), known.high))
        moved = curve_edits.moved_span(curve, index, first, last, value)
        self.put(moved, requests.of_span(self.control, moved.spans[index]))

    def add_key(self, frame: int, value: float | None = None) -> None:
        """A key at a frame, by default where the curve passes it."""
        value = self.value_at(frame) if value is None else value
        value = value_axis.rounded(self.control, value)
        curve = curve_edits.with_key(self.curve, frame, value)
        self.put(curve, requests.of_keys(self.control, curve, (frame,)))
        self.select((frame,))

    def add_span(self, first: int, last: int, value: float | None = None) -> None:
        """A span, by default at the value in its middle."""
        value = self.value_at((first + last) // 2) if value is None else value
        value = value_axis.rounded(self.control, value)
        tweak = self.tweak.spanned(self.control, first, last, value)
        spans = tweak.curve(self.control).spans
        self.put_tweak(tweak, requests.of_span(self.control, spans[-1]))
        self.select(span=len(spans) - 1)

    def set_ease(self, ease: int) -> None:
        ease = min(max(ease, 0), MOST_EASE)
        if ease != self.tweak.ease:
            self.put_tweak(self.tweak.held("ease", ease), f"ease={ease}")

    def set_slip(self, slip_ms: float) -> None:
        """The slip of the whole shot; where it has keys or spans, all of them go along."""
        known, curve = control("slip_ms"), self.tweak.curve("slip_ms")
        slip = min(max(float(round(slip_ms)), known.low), known.high)
        if curve.constant:
            self.put_tweak(self.tweak.held("slip_ms", slip), requests.of_held("slip_ms", slip))
        else:
            self.session.message.emit("The slip has keys: move those in its own lane", False)

    def set_source(self, word: CompWord, source: str) -> None:
        """A take, the sound or the plate says a word; "": whatever the automatic list takes."""
        spoken = ShotWord(
            word.index, word.text, word.line, word.place, word.first, word.last
        )  # fmt: skip
        comp = self.tweak.comp
        comp = with_word(comp, spoken, source) if source else without_word(comp, spoken)
        said = f'take:"word {word.index}"'
        request = f"{said}={source}" if source else f"clear {said}"
        self.put_tweak(replace(self.tweak, comp=comp), request)

    # -- keys of the keyboard ----------------------------------------------------------------

    def close_lips(self) -> None:
        """The lips meet on this frame, as `contact=closed@FRAME`."""
        frame = self.session.frame
        tweak = self.tweak.touching("closed lips", frame, frame)
        self.put_tweak(tweak, f"contact=closed@{frame}")
        if not self.locked:
            self.select(contact=ContactKey(frame, frame, "closed lips"))

    def set_key(self) -> None:
        self.add_key(self.session.frame)

    def set_span(self) -> None:
        """Over the selected keys, else the word under the playhead, else the frames around it."""
        frame, frames = self.session.frame, self.frames
        if frames is None:
            return
        if len(self.keys) > 1:
            first, last = min(self.keys), max(self.keys)
        else:
            first, last = self.word_at(frame) or (frame - AROUND, frame + AROUND)
        self.add_span(max(first, frames.start), min(last, frames.stop - 1))

    def change_value(self, way: int) -> None:
        """One step more (1) or less (-1) of what is selected, else of the playhead's key, else of
        the whole shot; a keyed control gets a key here."""
        rise, curve = way * value_axis.step(self.control), self.curve
        frame = self.session.frame
        if self.span is not None and self.span < len(curve.spans):
            span = curve.spans[self.span]
            self.move_span(curve, self.span, span.first, span.last, span.value + rise)
        elif self.keys:
            self.move_keys(curve, self.keys, 0, rise)
        elif curve.keys:
            known = control(self.control)
            self.add_key(frame, min(max(self.value_at(frame) + rise, known.low), known.high))
        else:
            self._hold(curve, curve.value + rise)

    def _hold(self, curve: Curve, value: float) -> None:
        known = control(self.control)
        value = value_axis.rounded(self.control, min(max(value, known.low), known.high))
        self.put(replace(curve, value=value), requests.of_held(self.control, value))

    def reset(self) -> None:
        self.put_tweak(self.tweak.cleared(self.control), f"clear {self.control}")
        self.select()

    def delete(self) -> None:
        """What is selected goes."""
        curve = self.curve
        if self.contact is not None:
            gone = self.contact
            left = tuple(key for key in self.tweak.contacts if key != gone)
            request = requests.of_removed("contact", (gone.first, gone.last))
            self.put_tweak(replace(self.tweak, contacts=left), request)
        elif self.span is not None and self.span < len(curve.spans):
            span = curve.spans[self.span]
            request = requests.of_removed(self.control, (span.first, span.last))
            self.put(curve_edits.without_span(curve, self.span), request)
        elif self.keys:
            request = requests.of_removed(self.control, sorted(self.keys))
            self.put(curve_edits.without_keys(curve, self.keys), request)
        self.select()

    def nudge(self, by: int) -> None:
        """What is selected, `by` frames later."""
        curve = self.curve
        if self.contact is not None:
            self._nudge_contact(self.contact, by)
        elif self.span is not None and self.span < len(curve.spans):
            span = curve.spans[self.span]
            self.move_span(curve, self.span, span.first + by, span.last + by, span.value)
        elif self.keys:
            self.move_keys(curve, self.keys, by, 0)

    def _nudge_contact(self, old: ContactKey, by: int) -> None:
        frames = self.frames
        new = replace(old, first=old.first + by, last=old.last + by)
        if frames is None or new.first not in frames or new.last not in frames:
            return
        moved = tuple(new if key == old else key for key in self.tweak.contacts)
        if old in self.tweak.contacts:
            self.put_tweak(replace(self.tweak, contacts=moved), f"contact=closed@{new.first}")
            self.select(contact=new)

    def step_key(self, way: int) -> None:
        """To the next (1) or previous (-1) key, span or contact; it becomes the selection."""
        frame, curve, tweak = self.session.frame, self.curve, self.tweak
        stops: dict[int, dict[str, object]] = {
            key.first: {"contact": key} for key in tweak.contacts
        }
        stops.update({span.first: {"span": n} for n, span in enumerate(curve.spans)})
        stops.update({at: {"keys": (at,)} for at, _ in curve.keys})
        beyond = [at for at in stops if (at > frame if way > 0 else at < frame)]
        if beyond:
            to = min(beyond, key=lambda at: abs(at - frame))
            self.session.show_frame(to)
            self.select(**stops[to])  # type: ignore[arg-type]

    @property
    def takes_share(self) -> bool:
        """Whether the control in hand is one of the mix."""
        return self.control in MIX
