"""Words or phones that a hand moves, retimes, types, adds and deletes."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, QPoint, Qt, pyqtSignal
from PyQt5.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PyQt5.QtWidgets import QLineEdit, QWidget

from dubsync.desk.curves.axes.time_view import TimeView
from dubsync.desk.curves.lanes.spoken_lane import Spoken, SpokenLane

#: Pixels by which a hand may miss an edge, and that it goes before a drag begins.
NEAR, BEGINS = 4, 3
#: Narrowest field, and its height, pixels.
FIELD, TALL = 96, 24
_KEYS = (Qt.Key_Delete, Qt.Key_Return, Qt.Key_Enter)
_ARROWS = (Qt.Key_Left, Qt.Key_Right)


class EditedLane(SpokenLane):
    """Boxes by their numbers in the track; those with number 0 are only shown.

    taken_up  one of its boxes is chosen
    taken     a drag begins
    dragged   (number, "all", "first" or "last", frames from where it was taken)
    typing    the text in the field, letter by letter
    typed     (number, edge, text): another text for it, or with number 0 a new one at the edge
    nudged    (number, frames)
    deleted   number
    """

    taken_up = pyqtSignal()
    taken = pyqtSignal()
    dragged = pyqtSignal(int, str, float)
    typing = pyqtSignal(str)
    typed = pyqtSignal(int, float, str)
    nudged = pyqtSignal(int, int)
    deleted = pyqtSignal(int)

    def __init__(
        self, name: str, view: TimeView, height: int, *, words: bool,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, view, height, words=words, parent=parent)
        self.setMouseTracking(True)
        self.editable, self._by_keys = False, False
        self._grip: tuple[int, str, float] | None = None
        self._going = False
        self._typing = (0, 0.0)
        self.field = QLineEdit(self)
        self.field.setAccessibleName("Text of the word" if words else "Phone")
        self.field.setMaxLength(200 if words else 8)
        self.field.hide()
        self.field.returnPressed.connect(self._entered)
        self.field.editingFinished.connect(self._left)
        self.field.textEdited.connect(self.typing)
        view.changed.connect(self.field.hide)

    # -- what is chosen ----------------------------------------------------------------------

    def choose(self, number: int) -> None:
        """Choose a box by its number; 0: none."""
        if number != self.chosen:
            self.chosen = number
            box = self._box(number)
            if box is not None:
                self.setAccessibleDescription(self.described(box))
                self.taken_up.emit()
            self.renew()

    def let_go(self) -> None:
        """A drag under way ends here, and nothing is chosen or typed."""
        self._grip, self._going = None, False
        self.field.hide()
        self.choose(0)

    def _box(self, number: int) -> Spoken | None:
        return next((one for one in self.spoken if number and one.number == number), None)

    def _hit(self, x: float) -> tuple[Spoken | None, str]:
        """What is at `x`, and the part of it: an edge is hit from a little outside as well."""
        axis = self.view.axis
        over = next((s for s in self.spoken if axis.x(s.first) <= x < axis.x(s.last)), None)
        ends = [(abs(axis.x(edge) - x), one is not over, one, part)
                for one in self.spoken for part, edge in (("first", one.first), ("last", one.last))
                if axis.x(one.last) - axis.x(one.first) > 3 * NEAR or one is not over]  # fmt: skip
        near = min(ends, key=lambda end: end[:2], default=None)
        if near is not None and near[0] <= NEAR:
            return near[2], near[3]
        return over, "all"

    # -- the mouse ---------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() != Qt.LeftButton:
            return
        super().mousePressEvent(event)
        x = event.localPos().x()
        box, part = self._hit(x)
        self.choose(box.number if box and self.editable else 0)
        if self.editable:
            self.setFocus(Qt.MouseFocusReason)
        if box is not None and box.number and self.editable:
            self._grip, self._going = (box.number, part, x), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        x = event.localPos().x()
        if self._grip is None or not event.buttons() & Qt.LeftButton:
            box, part = self._hit(x)
            edge = self.editable and box is not None and box.number and part != "all"
            self.setCursor(Qt.SplitHCursor if edge else Qt.ArrowCursor)
            return
        number, part, begun = self._grip
        if not self._going and abs(x - begun) < BEGINS:
            return
        if not self._going:
            self._going = True
            self.taken.emit()
        self.dragged.emit(number, part, (x - begun) / self.view.axis.scale)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        self._grip, self._going = None, False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if not self.editable or event.button() != Qt.LeftButton:
            return
        x, axis = event.localPos().x(), self.view.axis
        box = next((s for s in self.spoken if axis.x(s.first) <= x < axis.x(s.last)), None)
        self._grip = None
        if box is None:
            self._type(0, self.view.axis.edge(x), "")
        elif box.number:
            self._type(box.number, box.first, box.text)

    # -- the keyboard ------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        if event.reason() in (Qt.TabFocusReason, Qt.BacktabFocusReason, Qt.MouseFocusReason):
            self._by_keys = event.reason() != Qt.MouseFocusReason
        super().focusInEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keys that are the lane's while it has the focus come to it and not to the menus."""
        if event.type() == QEvent.ShortcutOverride and self._mine(event):
            event.accept()
            return True
        return bool(super().event(event))

    def _mine(self, event: QKeyEvent) -> bool:
        if not self.editable:
            return False
        key, alt = event.key(), bool(event.modifiers() & Qt.AltModifier)
        if key in _ARROWS:
            return bool(self.chosen) if alt else self._by_keys and not event.modifiers()
        return key in _KEYS and bool(self.chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if not self._mine(event):
            super().keyPressEvent(event)
            return
        key, box = event.key(), self._box(self.chosen)
        way = 1 if key == Qt.Key_Right else -1
        if key in _ARROWS and event.modifiers() & Qt.AltModifier:
            self.nudged.emit(self.chosen, way)
        elif key in _ARROWS:
            self._step(way)
        elif key == Qt.Key_Delete:
            self.deleted.emit(self.chosen)
        elif box is not None:
            self._type(box.number, box.first, box.text)

    def _step(self, way: int) -> None:
        numbers = [one.number for one in self.spoken if one.number]
        if not numbers:
            return
        if self.chosen in numbers:
            place = min(max(numbers.index(self.chosen) + way, 0), len(numbers) - 1)
        else:
            place = 0 if way > 0 else len(numbers) - 1
        self.choose(numbers[place])
        box = self._box(self.chosen)
        if box is not None:
            self.stood.emit(round(box.first))

    # -- the field ---------------------------------------------------------------------------

    def _type(self, number: int, edge: float, text: str) -> None:
        """Open the field over a box, or where a new one is to be."""
        axis, box = self.view.axis, self._box(number)
        width = max(FIELD, round(axis.x(box.last) - axis.x(box.first)) if box else 0)
        left = min(max(round(axis.x(edge)), 0), max(self.width() - width, 0))
        self._typing = (number, edge)
        home = self.parentWidget() or self
        self.field.setParent(home)  # it is taller than the lane
        middle = self.mapTo(home, QPoint(left, self.height() // 2))
        self.field.setGeometry(middle.x(), max(middle.y() - TALL // 2, 0), width, TALL)
        self.field.setText(text)
        self.field.selectAll()
        self.field.show()
        self.field.raise_()
        self.field.setFocus(Qt.OtherFocusReason)

    def _entered(self) -> None:
        text, (number, edge) = self.field.text().strip(), self._typing
        self.field.hide()
        self.setFocus(Qt.OtherFocusReason)
        box = self._box(number)
        if text and not (box is not None and box.text == text):
            self.typed.emit(number, edge, text)

    def _left(self) -> None:
        """The focus went elsewhere: nothing is changed."""
        if not self.field.hasFocus():
            self.field.hide()
