"""Cut-outs over the picture: drawn by clicks, their points dragged, keyed, nudged and deleted."""

from __future__ import annotations

from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPolygonF

from dubsync.core.tweak.matte_edit import LEAST_POINTS, CutOut, Outline, Point
from dubsync.desk.look import tokens
from dubsync.desk.session.session import Session
from dubsync.desk.viewer.picture.landmark_drag import Faces, LandmarkDrag
from dubsync.desk.viewer.picture.look_point import LookPoint
from dubsync.desk.viewer.picture.picture_painting import hairline, paint_label
from dubsync.desk.viewer.picture.picture_state import Label

#: Half the side of a point's hit area, and of the square that is painted, logical pixels.
HIT, MARK = 8.0, 3.0
#: Plate pixels of an arrow key, and with Shift.
STEP, COARSE = 1.0, 10.0
_WAYS = {Qt.Key_Left: (-1, 0), Qt.Key_Right: (1, 0), Qt.Key_Up: (0, -1), Qt.Key_Down: (0, 1)}


class EditLayer:
    """Paints the cut-outs of the session's character, and takes the hands on them.

    Places come and go in logical pixels of the widget; `rect` is the picture there, `size` its
    width and height in plate pixels.
    """

    def __init__(self, session: Session) -> None:
        self._session, self._hand = session, session.matte
        self._held = False
        self._landmarks = LandmarkDrag(session)
        self._look = LookPoint(session)

    @property
    def active(self) -> bool:
        return self._hand.shown or self._session.look.picking

    # -- painting ----------------------------------------------------------------------------

    def paint(self, painter: QPainter, rect: QRectF, size: tuple[int, int], faces: Faces) -> None:
        """The outlines at the current frame, the one in hand with its points."""
        hand = self._hand
        self._look.paint(painter, rect, size)
        if not hand.shown:
            return
        painter.save()
        painter.setClipRect(rect)
        painter.setRenderHint(QPainter.Antialiasing)
        self._landmarks.paint(painter, rect, faces, size)
        painter.setBrush(Qt.NoBrush)
        for one in hand.cut_outs:
            self._paint_one(painter, one, rect, size)
        if hand.drawing is not None:
            self._paint_drawing(painter, hand.drawing, rect, size)
        painter.restore()

    def _paint_one(
        self, painter: QPainter, one: CutOut, rect: QRectF, size: tuple[int, int]
    ) -> None:
        frame, chosen = self._session.frame, one.name == self._hand.chosen
        points = _places(one.at(frame), rect, size)
        colour = QColor(tokens.BLOCKED)
        if not one.applies(frame):
            colour.setAlphaF(0.45)
        pen = hairline(tokens.BLOCKED, 1.5 if chosen else 1.0)
        pen.setColor(colour)
        if not one.applies(frame):
            pen.setStyle(Qt.DashLine)
        painter.setPen(pen)
        painter.drawPolygon(QPolygonF(points))
        if chosen:
            for n, place in enumerate(points):
                _mark(painter, place, tokens.ACCENT if n == self._hand.point else tokens.BLOCKED)
            painter.setBrush(Qt.NoBrush)

    def _paint_drawing(
        self, painter: QPainter, drawn: Outline, rect: QRectF, size: tuple[int, int]
    ) -> None:
        points = _places(drawn, rect, size)
        painter.setPen(hairline(tokens.BLOCKED, 1.5))
        painter.drawPolyline(QPolygonF(points))
        for place in points:
            _mark(painter, place, tokens.BLOCKED)
        words = "Click the corners of what is in front"
        if len(drawn) >= LEAST_POINTS:
            words = "Enter or a click on the first point closes it, Esc leaves it"
        paint_label(painter, Label(words), rect, "bottom right")

    # -- hands -------------------------------------------------------------------------------

    def press(self, event: QMouseEvent, rect: QRectF, size: tuple[int, int], faces: Faces) -> bool:
        """A press; False where it is not for a cut-out or a landmark."""
        hand, at = self._hand, QPointF(event.localPos())
        if event.button() == Qt.LeftButton and self._look.press(at, rect, size):
            return True
        if not hand.shown or event.button() != Qt.LeftButton:
            return False
        if hand.drawing is not None:
            first = _places(hand.drawing[:1], rect, size)
            if len(hand.drawing) >= LEAST_POINTS and _near(first[0], at):
                hand.finish()
            else:
                hand.add(_point(at, rect, size))
            return True
        found = self._grabbed(at, rect, size)
        on_a_point = found is not None and found[1] is not None
        if not on_a_point and self._landmarks.press(at, rect, faces, size):
            return True
        if found is None:
            return False
        hand.choose(*found)
        self._held = found[1] is not None
        return True

    def _grabbed(
        self, at: QPointF, rect: QRectF, size: tuple[int, int]
    ) -> tuple[str, int | None] | None:
        """The cut-out at a place, the one in hand first, and which of its points is there."""
        hand, frame = self._hand, self._session.frame
        for one in sorted(hand.cut_outs, key=lambda one: one.name != hand.chosen):
            places = _places(one.at(frame), rect, size)
            near = [n for n, place in enumerate(places) if _near(place, at)]
            if near:
                return one.name, min(near, key=lambda n: (places[n] - at).manhattanLength())
            if QPolygonF(places).containsPoint(at, Qt.OddEvenFill) and one.name != hand.chosen:
                return one.name, None
        return None

    def drag(self, event: QMouseEvent, rect: QRectF, size: tuple[int, int]) -> bool:
        """The mouse moved; False where nothing is held."""
        if self._held:
            self._hand.move(_point(QPointF(event.localPos()), rect, size))
            return True
        return self._landmarks.drag(QPointF(event.localPos()), rect, size)

    def release(self) -> None:
        self._held = False
        self._landmarks.release()

    def takes(self, event: QKeyEvent) -> bool:
        """Whether a key is for the cut-out in hand, before the window's own actions."""
        hand, key = self._hand, event.key()
        if self._session.look.picking:
            return bool(key == Qt.Key_Escape)
        if not hand.shown:
            return False
        if hand.drawing is not None:
            return key in (Qt.Key_Return, Qt.Key_Enter, Qt.Key_Escape, Qt.Key_Backspace)
        if hand.in_hand is None:
            return False
        plain = event.modifiers() in (Qt.NoModifier, Qt.ShiftModifier, Qt.KeypadModifier)
        if key in _WAYS:
            return hand.point is not None and plain
        shift_k = key == Qt.Key_K and event.modifiers() == Qt.ShiftModifier
        return shift_k or plain and key in (Qt.Key_Delete, Qt.Key_Escape)

    def key(self, event: QKeyEvent) -> bool:
        """Do what a key asks for; False where it is not for a cut-out."""
        if not self.takes(event):
            return False
        hand, key = self._hand, event.key()
        if self._session.look.picking:
            self._session.look.leave()
        elif key == Qt.Key_Escape:
            hand.leave()
        elif hand.drawing is not None:
            if key != Qt.Key_Backspace:
                hand.finish()
            else:
                hand.take_back()
        elif key in _WAYS:
            step = COARSE if event.modifiers() & Qt.ShiftModifier else STEP
            right, down = _WAYS[key]
            hand.nudge(right * step, down * step)
        elif key == Qt.Key_Delete:
            hand.delete()
        else:
            hand.switch_key()
        return True


def _places(outline: Outline, rect: QRectF, size: tuple[int, int]) -> list[QPointF]:
    across, down = rect.width() / size[0], rect.height() / size[1]
    return [QPointF(rect.left() + x * across, rect.top() + y * down) for x, y in outline]


def _point(at: QPointF, rect: QRectF, size: tuple[int, int]) -> Point:
    return ((at.x() - rect.left()) / rect.width() * size[0],
            (at.y() - rect.top()) / rect.height() * size[1])  # fmt: skip


def _near(place: QPointF, at: QPointF) -> bool:
    away = place - at
    return abs(away.x()) <= HIT and abs(away.y()) <= HIT


def _mark(painter: QPainter, at: QPointF, colour: str) -> None:
    painter.setPen(hairline(tokens.BG0))
    painter.setBrush(QColor(colour))
    painter.drawRect(QRectF(at.x() - MARK, at.y() - MARK, 2 * MARK, 2 * MARK))
    painter.setBrush(Qt.NoBrush)
