"""The cut-outs of the current character in the hand: which is chosen, and what is done to it.

The inspector lists them and the viewer draws them; both work through this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from PyQt5.QtCore import QObject, pyqtSignal

from dubsync.core.errors import SettingsError
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.matte_edit import LEAST_POINTS, CutOut, Outline, Point
from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.session.edits import Edits


class ShownShot(Protocol):
    """What it asks of the session, which holds it."""

    edits: Edits
    frame: int
    character: str
    shot_changed: Any
    character_changed: Any
    message: Any

    @property
    def frames(self) -> FrameRange | None:
        """The plate frames of the current shot."""


class MatteHand(QObject):
    """Cut-outs of `session.character`; every change goes through `session.edits`.

    changed  another is chosen, a point was added, or it is shown now
    shown    whether they are shown and can be drawn: the tab Face is open
    chosen   name of the one in hand; "" for none
    point    which of its points is in hand; None for none
    drawing  the points so far of a new one; None while none is drawn
    """

    changed = pyqtSignal()

    def __init__(self, session: ShownShot) -> None:
        super().__init__(session)
        self._session = session
        self.shown, self.chosen = False, ""
        self.point: int | None = None
        self.drawing: Outline | None = None
        session.shot_changed.connect(self.leave)
        session.character_changed.connect(self.leave)

    # -- what there is -----------------------------------------------------------------------

    @property
    def cut_outs(self) -> tuple[CutOut, ...]:
        return self._tweak.cut_outs

    @property
    def in_hand(self) -> CutOut | None:
        return next((one for one in self.cut_outs if one.name == self.chosen), None)

    @property
    def _tweak(self) -> Tweak:
        return self._session.edits.tweak(self._session.character)

    # -- choosing ----------------------------------------------------------------------------

    def show(self, shown: bool) -> None:
        """Show them over the picture, or not."""
        if shown != self.shown:
            self.shown, self.drawing = shown, None
            self.changed.emit()

    def choose(self, name: str, point: int | None = None) -> None:
        """Take one in hand, and one of its points."""
        if (name, point) != (self.chosen, self.point) or self.drawing is not None:
            self.chosen, self.point, self.drawing = name, point, None
            self.changed.emit()

    def leave(self) -> None:
        """Nothing in hand."""
        self.choose("")

    # -- drawing a new one -------------------------------------------------------------------

    def begin(self) -> None:
        """Draw a new one: its points are clicked on the picture."""
        if self._session.frames is not None and self._session.character:
            self.chosen, self.point, self.drawing = "", None, ()
            self.changed.emit()

    def add(self, point: Point) -> None:
        """The next point of the new one, plate pixels."""
        if self.drawing is not None:
            self.drawing = (*self.drawing, _rounded(point))
            self.changed.emit()

    def take_back(self) -> None:
        """Without the newest point of the new one."""
        if self.drawing:
            self.drawing = self.drawing[:-1]
            self.changed.emit()

    def finish(self) -> None:
        """Close the new one; with too few points it is left."""
        drawn, self.drawing = self.drawing, None
        if drawn is None or len(drawn) < LEAST_POINTS:
            self.changed.emit()
            return
        names = {one.name for one in self.cut_outs}
        name = next(name for n in range(1, len(names) + 2)
                    if (name := f"cut-out {n}") not in names)  # fmt: skip
        self.chosen, self.point = name, None
        frame = self._session.frame
        self._set(lambda: CutOut(name, ((frame, drawn),)), f"cut {name}={frame}")
        self.changed.emit()

    # -- changing the one in hand ------------------------------------------------------------

    def move(self, to: Point) -> None:
        """The point in hand to a place: in the only key, else in a key on this frame."""
        one, point, frame = self.in_hand, self.point, self._session.frame
        if one is None or point is None:
            return
        # A shape with one key stands still: it is drawn better, not set in motion.
        at = one.keys[0][0] if len(one.keys) == 1 else frame
        outline = list(one.at(frame))
        outline[point] = _rounded(to)
        self._set(lambda: one.keyed(at, tuple(outline)), f"cut {one.name}={at}")

    def nudge(self, right: float, down: float) -> None:
        """The point in hand by plate pixels."""
        one, point = self.in_hand, self.point
        if one is not None and point is not None:
            x, y = one.at(self._session.frame)[point]
            self.move((x + right, y + down))

    def switch_key(self) -> None:
        """A key of the one in hand on this frame; without it where there is one."""
        one, frame = self.in_hand, self._session.frame
        if one is None:
            return
        if frame not in dict(one.keys):
            self._set(lambda: one.keyed(frame, one.at(frame)), f"cut {one.name}={frame}")
            return
        fewer = one.without_key(frame)
        if fewer is None:
            self._session.message.emit(f"{one.name} has this key alone: Del removes it", False)
            return
        self._set(lambda: fewer, f"cut {one.name} without key {frame}")

    def delete(self) -> None:
        """Without the point in hand; without a point in hand, or with three, all of it."""
        one, point = self.in_hand, self.point
        if one is None:
            return
        if point is None or len(one.keys[0][1]) <= LEAST_POINTS:
            self.remove(one.name)
            return
        keys = tuple((f, (*o[:point], *o[point + 1 :])) for f, o in one.keys)
        self.point = None
        self._set(lambda: replace(one, keys=keys), f"cut {one.name} with fewer points")
        self.changed.emit()

    def switch_shown(self, name: str) -> None:
        """Apply a cut-out, or keep it without applying it."""
        one = next((one for one in self.cut_outs if one.name == name), None)
        if one is not None:
            said = f"{'hide' if one.shown else 'show'} {name}"
            self._set(lambda: replace(one, shown=not one.shown), said)

    def remove(self, name: str) -> None:
        """Without a cut-out."""
        if any(one.name == name for one in self.cut_outs):
            self.choose("" if name == self.chosen else self.chosen)
            self._change(lambda: self._tweak.not_cutting(name), f"cut off {name}")
            self.changed.emit()

    def _set(self, make: Callable[[], CutOut], request: str) -> None:
        self._change(lambda: self._tweak.cutting(make()), request)

    def _change(self, make: Callable[[], Tweak], request: str) -> None:
        session = self._session
        try:
            session.edits.change(session.character, make(), request)
        except SettingsError as error:
            session.message.emit(f"{error}. {error.hint}" if error.hint else str(error), True)


def _rounded(point: Point) -> Point:
    return round(point[0], 2), round(point[1], 2)
