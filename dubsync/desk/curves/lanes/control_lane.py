"""The control in hand over time: its eased curve, keys and spans, and the hand on them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PyQt5.QtCore import QPointF, Qt, pyqtSignal
from PyQt5.QtGui import QMouseEvent, QPainter
from PyQt5.QtWidgets import QWidget

from dubsync.core.tweak import curve_edits
from dubsync.core.tweak.controls import MIX, control
from dubsync.core.tweak.curve import Curve
from dubsync.desk.curves import requests
from dubsync.desk.curves.axes.time_view import TimeView
from dubsync.desk.curves.axes.value_axis import ROOM, ValueAxis, axis_text, shown_range, value_text
from dubsync.desk.curves.handles import Handle, pulled, under
from dubsync.desk.curves.lanes import control_paint
from dubsync.desk.curves.lanes.plot_lane import FrameLine, PlotLane
from dubsync.desk.curves.shaping import Shaping
from dubsync.desk.look import tokens

HEIGHT = 48
#: Pixels that a mouse moves before it drags; of a value with Shift held, this share.
STILL, FINE = 3, 0.1
#: Part of the values shown by which a drawn stroke may be missed: a hand is no finer.
TOLERANCE = 0.025


@dataclass(slots=True)
class Drag:
    """What the mouse holds since it was pressed at (x, y): `curve` and `ease` as they were then."""

    handle: Handle
    x: float
    y: float
    curve: Curve
    ease: int
    unit: float
    keys: frozenset[int]
    moved: bool = False
    stroke: dict[int, float] = field(default_factory=dict)
    at: tuple[int, float] | None = None


class ControlLane(PlotLane):
    """Drags keys and spans, draws, smooths and eases, by the tool in hand.

    stood    a frame that was pressed
    slipped  frames by which a drag with the slip tool is from its press
    """

    stood = pyqtSignal(int)
    slip_begun = pyqtSignal()
    slipped = pyqtSignal(float)
    dropped = pyqtSignal()
    marks_changed = pyqtSignal()

    def __init__(self, shaping: Shaping, view: TimeView, parent: QWidget | None = None) -> None:
        super().__init__("Control over time", view, HEIGHT, parent)
        self._shaping = shaping
        self._line = FrameLine(self, tokens.ACCENT, 1.5)
        self.drawn = [self._line]
        self.values = ValueAxis(0.5, 1.5, HEIGHT)
        self.drag: Drag | None = None
        self.over = Handle()
        self.sweep: tuple[int, int] | None = None
        self.viewport().setMouseTracking(True)
        shaping.selected_changed.connect(self._tool)
        self.show_control()

    # -- what it shows -----------------------------------------------------------------------

    @property
    def shaping(self) -> Shaping:
        return self._shaping

    def show_control(self) -> None:
        """The control, or its values, are others."""
        shaping, frames = self._shaping, self._shaping.frames
        if frames is not None:
            self._line.show(shaping.tweak.at(shaping.control, frames), frames.start)
        else:
            self._line.show(np.zeros(0), 0)
        self.resized()

    def resized(self) -> None:
        if not hasattr(self, "values"):
            return
        shaping = self._shaping
        shown = shown_range(shaping.control, shaping.curve.values())
        if self.drag is not None:  # while a hand holds it the range may only grow
            shown = min(shown[0], self.values.low), max(shown[1], self.values.high)
        self.values = ValueAxis(*shown, self.height())
        unit = self.values.unit
        self.set_values(shown[0] - ROOM * unit, shown[1] + ROOM * unit)
        self.marks_changed.emit()

    def marks(self) -> list[tuple[float, str]]:
        """(y, text) of the lane's ends and its default."""
        known, values = control(self._shaping.control), self.values
        marked = dict.fromkeys((values.high, known.default, values.low))
        return [(values.y(value), axis_text(value)) for value in marked]

    def said(self) -> list[str]:
        shaping = self._shaping
        name = shaping.control
        keys = [f"key at {frame}, {value_text(name, v)}" for frame, v in shaping.curve.keys]
        return keys + [
            f"span {span.first} to {span.last}, {value_text(name, span.value)}"
            for span in shaping.curve.spans
        ]

    def behind(self, painter: QPainter) -> None:
        if self._shaping.control in MIX:
            control_paint.paint_mix(painter, self)
        control_paint.paint_behind(painter, self)

    def before(self, painter: QPainter) -> None:
        control_paint.paint_handles(painter, self)

    def _tool(self) -> None:
        cursors = {"draw": Qt.CrossCursor, "slip": Qt.SizeHorCursor, "ease": Qt.SplitHCursor}
        self.viewport().setCursor(cursors.get(self._shaping.tool, Qt.ArrowCursor))
        self.renew()

    # -- the hand ----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() != Qt.LeftButton:
            return
        shaping, place = self._shaping, event.localPos()
        if self.faint or shaping.locked:
            self.stood.emit(self.time.axis.frame(place.x()))
            return
        handle = self._under(place)
        if shaping.tool == "select":
            self._take(handle, bool(event.modifiers() & Qt.ControlModifier))
        self.drag = Drag(
            handle, place.x(), place.y(), shaping.curve, shaping.tweak.ease, self.values.unit,
            shaping.keys,
        )  # fmt: skip
        if shaping.tool == "slip":
            self.slip_begun.emit()
        elif shaping.tool in ("draw", "smooth"):
            self._drag_to(place, event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        place = event.localPos()
        if self.drag is None:
            over = self._under(place)
            if over != self.over:
                self.over = over
                self._hint(over)
            return
        if not self.drag.moved:
            far = max(abs(place.x() - self.drag.x), abs(place.y() - self.drag.y))
            if far < STILL:
                return
            self.drag.moved = True
        self._drag_to(place, event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        drag, self.drag = self.drag, None
        if drag is None:
            return
        shaping = self._shaping
        if shaping.tool == "slip":
            self.dropped.emit()
        elif self.sweep is not None:
            self._swept(bool(event.modifiers() & Qt.ControlModifier))
        elif not drag.moved and not drag.handle.part and shaping.tool == "select":
            shaping.select()
            self.stood.emit(self.time.axis.frame(drag.x))
        self.resized()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        shaping, place = self._shaping, event.localPos()
        if shaping.tool == "select" and not self._under(place).part and not self.faint:
            known = control(shaping.control)
            value = min(max(self.values.value(place.y()), known.low), known.high)
            shaping.add_key(self.time.axis.frame(place.x()), value)
        self.drag = None

    def let_go(self) -> None:
        """A drag under way ends here, and changes nothing more."""
        self.drag, self.sweep = None, None

    def _under(self, place: QPointF) -> Handle:
        return under(
            self._shaping.curve, place.x(), place.y(), self.time.axis, self.values
        )  # fmt: skip

    def _hint(self, over: Handle) -> None:
        edge = over.part in ("span first", "span last")
        if self._shaping.tool == "select":
            self.viewport().setCursor(Qt.SizeHorCursor if edge else Qt.ArrowCursor)
        self.renew()

    def _take(self, handle: Handle, more: bool) -> None:
        shaping = self._shaping
        if handle.part == "key":
            if more:
                shaping.select(shaping.keys ^ {handle.at})
            elif handle.at not in shaping.keys:
                shaping.select((handle.at,))
        elif handle.part:
            shaping.select(span=handle.at)

    def _drag_to(self, place: QPointF, event: QMouseEvent) -> None:
        drag, tool = self.drag, self._shaping.tool
        if drag is None:
            return
        if tool == "slip":
            self.slipped.emit((place.x() - drag.x) / self.time.axis.scale)
        elif tool == "draw":
            self._draw(drag, place)
        elif tool == "smooth":
            self._smooth(drag, place)
        elif tool == "ease":
            self._ease(drag, place)
        elif drag.handle.part == "key":
            self._move_key(drag, place, bool(event.modifiers() & Qt.ShiftModifier))
        elif drag.handle.part:
            self._move_span(drag, place, bool(event.modifiers() & Qt.ShiftModifier))
        else:
            axis = self.time.axis
            self.sweep = axis.frame(drag.x), axis.frame(place.x())
            self.renew()

    # -- each tool ---------------------------------------------------------------------------

    def _move_key(self, drag: Drag, place: QPointF, fine: bool) -> None:
        shaping, axis = self._shaping, self.time.axis
        to = axis.edge(axis.middle(drag.handle.at) + place.x() - drag.x) - 0.5
        frame = pulled(to, shaping.edges, axis) if shaping.snap else round(to)
        rise = (drag.y - place.y()) * drag.unit * (FINE if fine else 1)
        chosen = drag.keys if drag.handle.at in drag.keys else frozenset({drag.handle.at})
        shaping.move_keys(drag.curve, chosen, frame - drag.handle.at, rise)

    def _move_span(self, drag: Drag, place: QPointF, fine: bool) -> None:
        shaping, axis = self._shaping, self.time.axis
        span, far = drag.curve.spans[drag.handle.at], place.x() - drag.x
        part = drag.handle.part
        edge = span.last + 1 if part == "span last" else span.first
        to = axis.edge(axis.x(edge) + far)
        to = pulled(to, shaping.edges, axis) if shaping.snap else round(to)
        first, last, value = span.first, span.last, span.value
        if part == "span first":
            first = min(to, last)
        elif part == "span last":
            last = max(to - 1, first)
        else:
            length = last - first
            first = to
            last = first + length
            value += (drag.y - place.y()) * drag.unit * (FINE if fine else 1)
        shaping.move_span(drag.curve, drag.handle.at, first, last, value)

    def _draw(self, drag: Drag, place: QPointF) -> None:
        shaping, frames = self._shaping, self._shaping.frames
        known = control(shaping.control)
        here = self.time.axis.frame(place.x())
        value = min(max(self.values.value(place.y()), known.low), known.high)
        before = drag.at or (here, value)
        ends = sorted([before, (here, value)])
        for frame in range(ends[0][0], ends[1][0] + 1):
            drag.stroke[frame] = float(
                np.interp(frame, [at for at, _ in ends], [to for _, to in ends])
            )
        drag.stroke[here], drag.at = value, (here, value)
        if frames is not None:
            curve = curve_edits.drawn(
                drag.curve,
                drag.stroke,
                TOLERANCE * (self.values.high - self.values.low),
                drag.ease,
                frames,
            )
            fresh = [frame for frame, _ in curve.keys if frame in drag.stroke]
            shaping.put(curve, requests.of_keys(shaping.control, curve, fresh))

    def _smooth(self, drag: Drag, place: QPointF) -> None:
        shaping, axis = self._shaping, self.time.axis
        ends = sorted((drag.x, place.x()))
        first, last = axis.frame(ends[0] - 8), axis.frame(ends[1] + 8)
        curve = curve_edits.smoothed(drag.curve, first, last)
        changed = [new[0] for new, old in zip(curve.keys, drag.curve.keys, strict=True)
                   if new != old]  # fmt: skip
        if changed:
            shaping.put(curve, requests.of_keys(shaping.control, curve, changed))

    def _ease(self, drag: Drag, place: QPointF) -> None:
        shaping, frames = self._shaping, self._shaping.frames
        by = round((place.x() - drag.x) / self.time.axis.scale)
        if drag.handle.part == "key" and frames is not None:
            curve = curve_edits.spread(drag.curve, drag.handle.at, by, frames)
            at = {frame for frame, _ in curve.keys} - {frame for frame, _ in drag.curve.keys}
            if at:
                shaping.put(curve, requests.of_keys(shaping.control, curve, at))
        else:
            shaping.set_ease(drag.ease + by)

    def _swept(self, keys_only: bool) -> None:
        first, last = sorted(self.sweep or (0, 0))
        self.sweep = None
        shaping = self._shaping
        if keys_only:
            shaping.select([frame for frame, _ in shaping.curve.keys if first <= frame <= last])
        else:
            shaping.add_span(first, last)
