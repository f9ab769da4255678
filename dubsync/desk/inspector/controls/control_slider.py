"""A painted slider: its groove, the bar from the usual value, and the knob."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PyQt5.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from dubsync.desk.inspector.controls.control_values import ControlForm
from dubsync.desk.inspector.controls.held_band import HeldBand
from dubsync.desk.look import tokens

KNOB = (6, 14)
#: With Shift held, the knob goes this much slower than the mouse.
FINE = 0.1
_STEPS = {Qt.Key_Left: -1, Qt.Key_Down: -1, Qt.Key_Right: 1, Qt.Key_Up: 1,
          Qt.Key_Minus: -1, Qt.Key_Plus: 1}  # fmt: skip
_COARSE = {Qt.Key_PageDown: -1, Qt.Key_PageUp: 1}


class ControlSlider(QAbstractSlider):
    """A slider over the steps of a control; a screen reader sees a slider of Qt's.

    moved  the value a hand asks for; the slider itself stays where `show_value` put it
    reset  the usual value is asked for
    key    a key on this frame is asked for
    """

    moved = pyqtSignal(float)
    reset = pyqtSignal()
    key = pyqtSignal()

    def __init__(self, form: ControlForm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form, self._changed = form, False
        self._value = form.control.default
        self._grip: tuple[float, float] | None = None  # mouse x, place of the knob
        self._band: HeldBand | None = None
        self.setOrientation(Qt.Horizontal)
        self.setRange(0, form.steps)
        self.setSingleStep(1)
        self.setPageStep(round(form.coarse / form.step))
        self.setValue(form.step_of(self._value))
        self.setAccessibleName(form.called)
        self.setAccessibleDescription(form.text(self._value))
        self.setFocusPolicy(Qt.StrongFocus)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.setFixedHeight(tokens.HIT)
        self.valueChanged.connect(self._by_reader)

    @property
    def shown(self) -> float:
        """The value of the knob."""
        return self._value

    def show_value(self, value: float, changed: bool) -> None:
        """Put the knob at a value; `changed`: it is not the usual one throughout."""
        if (value, changed) == (self._value, self._changed):
            return
        self._value, self._changed = value, changed
        self.blockSignals(True)
        self.setValue(self._form.step_of(value))
        self.blockSignals(False)
        self.setAccessibleDescription(self._form.text(value))
        self.update()

    def show_band(self, band: HeldBand | None) -> None:
        """Paint the part of the groove that the footage shows; None: it is not known."""
        if band != self._band:
            self._band = band
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(128, tokens.HIT)

    # -- painting ----------------------------------------------------------------------------

    def _x(self, value: float) -> float:
        return KNOB[0] / 2 + self._form.place(value) * (self.width() - KNOB[0])

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(Qt.NoPen)
        middle = self.height() / 2
        on = self.isEnabled()
        painter.fillRect(QRectF(0, middle - 1, self.width(), 2),
                         QColor(tokens.GROOVE if on else tokens.LINE))  # fmt: skip
        usual, here = self._x(self._form.control.default), self._x(self._value)
        band = self._band
        if band is not None and band.shown:
            low, high = self._x(band.low), self._x(band.high)
            painter.fillRect(QRectF(low, middle + 4, max(high - low, 2), 2), QColor(tokens.TX4))
        if self._changed and on:
            left, right = min(usual, here), max(usual, here)
            beyond = band is not None and band.beyond(self._value, self._form.control.default)
            colour = tokens.STALE if beyond else tokens.ACCENT
            painter.fillRect(QRectF(left, middle - 1, right - left, 2), QColor(colour))
            painter.fillRect(QRectF(usual - 0.5, middle - 4, 1, 8), QColor(tokens.TX4))
        knob = QRectF(here - KNOB[0] / 2, middle - KNOB[1] / 2, *KNOB)
        colour = tokens.KNOB_CHANGED if self._changed else tokens.KNOB
        painter.setBrush(QColor(colour if on else tokens.TX4))
        painter.drawRoundedRect(knob, tokens.RADIUS_SMALL, tokens.RADIUS_SMALL)
        if self.hasFocus():
            painter.setBrush(Qt.NoBrush)
            painter.setPen(QPen(QColor(tokens.ACCENT), 1))
            painter.drawRoundedRect(
                QRectF(0.5, 2.5, self.width() - 1, self.height() - 5), tokens.RADIUS, tokens.RADIUS
            )

    # -- the hand ----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() != Qt.LeftButton:
            return
        x, knob = event.localPos().x(), self._x(self._value)
        if abs(x - knob) > KNOB[0]:  # beside the knob: it comes to the mouse
            self._ask(self._form.value_at(self._place(x)))
        self._grip = (x, self._form.place(self._value))
        self.setSliderDown(True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._grip is None:
            return
        x, (start, place) = event.localPos().x(), self._grip
        pace = FINE if event.modifiers() & Qt.ShiftModifier else 1.0
        place += (x - start) * pace / max(self.width() - KNOB[0], 1)
        self._grip = (x, place)
        self._ask(self._form.value_at(place))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        self._grip = None
        self.setSliderDown(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.LeftButton:
            self._grip = None
            self.reset.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        if not self.hasFocus():
            event.ignore()  # the page scrolls
            return
        turn = event.angleDelta().y()
        if turn:
            self._by(1 if turn > 0 else -1, self._form.step)
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Keys that the slider takes do not go to the window's actions."""
        if event.type() == QEvent.ShortcutOverride and self._takes(event):
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key = event.key()
        if not self._takes(event):
            event.ignore()
        elif key in _STEPS:
            self._by(_STEPS[key], self._form.step)
        elif key in _COARSE:
            self._by(_COARSE[key], self._form.coarse)
        elif key == Qt.Key_K:
            self.key.emit()
        elif key == Qt.Key_Escape:
            self.clearFocus()
        else:
            self.reset.emit()

    @staticmethod
    def _takes(event: QKeyEvent) -> bool:
        key, held = event.key(), int(event.modifiers() & ~Qt.KeypadModifier)
        if key == Qt.Key_K:
            return held == int(Qt.ShiftModifier)
        if key in (Qt.Key_Plus, Qt.Key_Minus):
            return held in (0, int(Qt.ShiftModifier))
        return held == 0 and (
            key in _STEPS or key in _COARSE or key in (Qt.Key_Backspace, Qt.Key_Escape)
        )

    def _by(self, steps: int, size: float) -> None:
        known = self._form.control
        value = min(max(self._value + steps * size, known.low), known.high)
        self._ask(round(value, 6))

    def _place(self, x: float) -> float:
        return (x - KNOB[0] / 2) / max(self.width() - KNOB[0], 1)

    def _ask(self, value: float) -> None:
        if value != self._value:
            self.moved.emit(value)

    def _by_reader(self, step: int) -> None:
        """A screen reader, or Qt itself, moved the slider."""
        self._ask(self._form.at_step(step))
