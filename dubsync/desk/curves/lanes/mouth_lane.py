"""The mouth over time: of plate, take, sound, and what will be rendered; contacts met or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from PyQt5.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PyQt5.QtWidgets import QToolTip, QWidget

from dubsync.core.contact import Contact, ContactKey
from dubsync.core.tweak.curve import Span
from dubsync.desk.curves.axes.time_view import TimeView
from dubsync.desk.curves.lanes.plot_lane import FrameLine, PlotLane, rule
from dubsync.desk.look import tokens

HEIGHT = 96
#: Pixels above the highest and below the lowest value, where contacts stand.
TOP, BOTTOM = 10, 7
#: Percent of the eyes' distance between two marks, and the least that a lane spans.
MARK, LEAST = 10, 20
#: Pixels of a contact's triangle, and on either side of it that take a press.
HALF, TALL, NEAR = 5, 8, 8
#: Of contacts that C does not make, rounded lips and near teeth, the same smaller.
SMALLER = 0.6
MANY = 200  #: visible contacts from which each is a mark alone
LARGE_KINDS = ("closed lips", "lip to teeth")

#: Source -> colour, width, dashes in widths; the result last, over the others.
LINES: Mapping[str, tuple[str, float, tuple[float, ...]]] = {
    "plate": (tokens.CURVE_PLATE, 1, (5, 3)),
    "sound": (tokens.CURVE_SOUND, 1.25, (1.2, 2.2)),
    "take": (tokens.CURVE_TAKE, 1.25, ()),
    "result": (tokens.CURVE_RESULT, 2, ()),
}


class MouthLane(PlotLane):
    """One measure of the mouth; a press goes to its frame, a contact's to the contact.

    stood         a frame that was pressed
    swept         (first, last) frames over which Shift and a drag went
    contact_hit   a contact set by hand that was pressed
    """

    stood = pyqtSignal(int)
    swept = pyqtSignal(int, int)
    contact_hit = pyqtSignal(object)
    marks_changed = pyqtSignal()

    def __init__(self, view: TimeView, parent: QWidget | None = None) -> None:
        super().__init__("Mouth over time", view, HEIGHT, parent)
        self._lines = {name: FrameLine(self, *look) for name, look in LINES.items()}
        self.drawn = list(self._lines.values())
        self._bottom, self._top = 0.0, 40.0
        self.contacts: tuple[Contact, ...] = ()
        self.own: tuple[ContactKey, ...] = ()
        self.chosen: ContactKey | None = None
        self.spans: tuple[Span, ...] = ()
        self._sweep: tuple[int, int] | None = None
        self._note = ""
        self.resized()

    # -- what it shows -----------------------------------------------------------------------

    def show_curves(
        self, curves: Mapping[str, NDArray[np.float64]], start: int, *, anew: bool
    ) -> None:
        """Source -> (T,) values from frame `start`.

        Args:
            anew: another shot or measure, so that the range may shrink; else it only grows.
        """
        found = [c[np.isfinite(c)] for c in curves.values()]
        values = np.concatenate(found) if found else np.zeros(0)
        low = float(floor(values.min() / MARK) * MARK) if len(values) else 0.0
        high = float(ceil(values.max() / MARK) * MARK) if len(values) else 40.0
        low, high = min(low, high - LEAST), max(high, low + LEAST)
        low = 0.0 if 0 <= low <= LEAST else low
        if not anew:
            low, high = min(low, self._bottom), max(high, self._top)
        self._bottom, self._top = low, high
        for name, line in self._lines.items():
            line.show(curves.get(name, np.zeros(0)), start)
        self.resized()
        self.marks_changed.emit()

    def show_note(self, note: str) -> None:
        """Why there are no lines yet, or none at all; "" where there are."""
        if note != self._note:
            self._note = note
            self.setAccessibleDescription(note)
            self.renew()

    def show_contacts(
        self, contacts: Sequence[Contact], own: Sequence[ContactKey], chosen: ContactKey | None
    ) -> None:
        """Contacts that the dub asks for, and those set by hand."""
        self.contacts, self.own, self.chosen = tuple(contacts), tuple(own), chosen
        self.renew()

    def show_spans(self, spans: Sequence[Span]) -> None:
        """Spans of the control in hand, as bands behind."""
        self.spans = tuple(spans)
        self.renew()

    def y(self, value: float) -> float:
        unit = (self._top - self._bottom) / max(self.height() - TOP - BOTTOM, 1)
        return TOP + (self._top - value) / unit

    def marks(self) -> list[tuple[float, str]]:
        """(y, text) of each mark of value that has room."""
        return [(self.y(value), f"{value:.0f}") for value in self._marked()]

    def said(self) -> list[str]:
        return [_said(one) for one in self.contacts]

    def _marked(self) -> list[float]:
        each = MARK
        while (self._top - self._bottom) / each > max(self.height() / 24, 1):
            each *= 2
        first = ceil(self._bottom / each) * each
        return [float(v) for v in range(first, int(self._top) + 1, each)]

    def resized(self) -> None:
        unit = (self._top - self._bottom) / max(self.height() - TOP - BOTTOM, 1)
        self.set_values(self._bottom - BOTTOM * unit, self._top + TOP * unit)
        self.marks_changed.emit()

    # -- painting ----------------------------------------------------------------------------

    def behind(self, painter: QPainter) -> None:
        for value in self._marked():
            rule(painter, self.y(value), self.width(), tokens.LANE_GRID)
        bands = [(span.first, span.last) for span in self.spans]
        for first, last in bands + ([self._sweep] if self._sweep else []):
            paint_band(painter, self.time, first, last, self.height())

    def before(self, painter: QPainter) -> None:
        if self._note:
            place = QRectF(12, 0, self.width() - 24, self.height())
            text = painter.fontMetrics().elidedText(self._note, Qt.ElideRight, int(place.width()))
            painter.setPen(QColor(tokens.TX2))
            painter.drawText(place, Qt.AlignCenter, text)
        axis, base = self.time.axis, self.height() - 1
        for key in self.own:
            left, right = axis.x(key.first), axis.x(key.last + 1)
            bar = QRectF(left, base - 2, max(right - left, 3), 2)
            painter.fillRect(bar, QColor(tokens.KEY_RIM if key == self.chosen else tokens.ACCENT))
        seen = [one for one in self.contacts if axis.left - 1 <= one.frame <= axis.right + 1]
        for contact in sorted(seen, key=lambda one: one.kind in LARGE_KINDS):
            x, large = axis.middle(contact.frame), contact.kind in LARGE_KINDS
            if len(seen) > MANY:  # a mark each: triangles would hide one another
                tall = 6 if large else 3
                painter.fillRect(QRectF(x, base - tall, 1, tall), QColor(_colour(contact.met)))
            else:
                _triangle(painter, x, base - 1.5, contact.met, 1 if large else SMALLER)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802
        """The tooltip of a contact: its kind, and whether the picture shows it."""
        if event.type() == QEvent.ToolTip and isinstance(event, QHelpEvent):
            hit = self._contact(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), _said(hit) if hit else "", self)
            return True
        return bool(super().viewportEvent(event))

    def _contact(self, x: float, y: float) -> Contact | None:
        """The contact whose triangle is at a point: of several the nearest."""
        axis = self.time.axis
        near = [c for c in self.contacts if abs(axis.middle(c.frame) - x) <= NEAR]
        if y <= self.height() - TALL - 4:
            return None
        return min(near, key=lambda c: abs(axis.middle(c.frame) - x), default=None)

    # -- the hand ----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() != Qt.LeftButton:
            return
        x, axis = event.localPos().x(), self.time.axis
        frame = axis.frame(x)
        if event.modifiers() & Qt.ShiftModifier and not self.faint:
            self._sweep = (frame, frame)
            return
        contact = self._contact(x, event.localPos().y())
        frame = contact.frame if contact is not None else frame
        self.stood.emit(frame)
        own = next((k for k in self.own if k.first <= frame <= k.last), None)
        self.contact_hit.emit(own)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if not event.buttons() & Qt.LeftButton:
            return
        frame = self.time.axis.frame(event.localPos().x())
        if self._sweep is None:
            self.stood.emit(frame)
        else:
            self._sweep = (self._sweep[0], frame)
            self.renew()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        if self._sweep is not None:
            first, last = sorted(self._sweep)
            self._sweep = None
            self.swept.emit(first, last)

    def let_go(self) -> None:
        """A drag under way ends here, and changes nothing more."""
        self._sweep = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.mousePressEvent(event)


def paint_band(painter: QPainter, view: TimeView, first: int, last: int, height: int) -> None:
    """Frames `first` to `last` tinted with the accent."""
    colour = QColor(tokens.ACCENT)
    colour.setAlphaF(0.1)
    axis = view.axis
    painter.fillRect(QRectF(axis.x(first), 0, (last + 1 - first) * axis.scale, height), colour)


def _said(contact: Contact) -> str:
    met = {True: "met", False: "not met", None: "not judged"}[contact.met]
    why = f", {contact.why}" if contact.why else ""
    return f"{contact.kind} at {contact.frame}, {met}{why}"


def _colour(met: bool | None) -> str:
    return tokens.APPROVED if met else tokens.REJECTED if met is False else tokens.TX3


def _triangle(painter: QPainter, x: float, base: float, met: bool | None, size: float) -> None:
    half, tall = HALF * size, TALL * size
    shape = QPolygonF([QPointF(x - half, base), QPointF(x + half, base), QPointF(x, base - tall)])
    colour = _colour(met)
    painter.setPen(QPen(QColor(colour), 1.5))
    painter.setBrush(QColor(colour if met else tokens.BG1))
    painter.drawPolygon(shape)
