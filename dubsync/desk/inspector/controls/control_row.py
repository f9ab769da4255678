"""One control of the tweak as a row: name, slider, number, key, reset."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from dubsync.core.errors import SettingsError
from dubsync.desk.inspector.controls.change_at_frame import ControlState
from dubsync.desk.inspector.controls.control_slider import ControlSlider
from dubsync.desk.inspector.controls.control_values import ControlForm
from dubsync.desk.inspector.controls.held_band import HeldBand
from dubsync.desk.look import tokens
from dubsync.desk.look.icons import SMALL, icon
from dubsync.desk.parts.buttons import icon_button

NAME, FIELD, SIDE = 82, 56, 20
_KEY_LOOKS = {
    "none": ("diamond", tokens.TX4, "no key"),
    "elsewhere": ("diamond", tokens.ACCENT, "keys on other frames"),
    "here": ("diamond-fill", tokens.ACCENT, "a key on this frame"),
}
AT_FRAME = "It moves over the shot: a change sets a key on this frame."
IN_SPAN = "A span lies over this frame: a change changes the span."


class ControlRow(QWidget):
    """A row of the Tweak tab.

    asked    a value for the current frame
    reset    back to the usual value, keys and spans gone
    key      a key on the current frame, or its removal
    refused  a sentence: what was typed is no value of this control
    taken    it has the focus: it is the control in hand
    """

    asked = pyqtSignal(float)
    reset = pyqtSignal()
    key = pyqtSignal()
    refused = pyqtSignal(str)
    taken = pyqtSignal()

    def __init__(self, form: ControlForm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = form
        self._state: ControlState | None = None
        self._why, self._tone = "", ""
        self._band: HeldBand | None = None
        self._allowed = (True, "")
        self.setFixedHeight(24)
        self.name = QLabel(form.called, self)
        self.name.setFixedWidth(NAME)
        self.slider = ControlSlider(form, self)
        self.field = QLineEdit(self)
        self.field.setFixedSize(FIELD, 22)
        self.field.setStyleSheet("min-height: 18px; padding: 0 5px;")
        self.field.setAlignment(Qt.AlignRight | Qt.AlignVCenter)
        self.field.setAccessibleName(f"{form.called}, {form.unit_text}".rstrip(", "))
        self.diamond = icon_button("diamond", "Key (Shift+K)", size=SMALL, hit=SIDE)
        self.back = icon_button("arrow-counter-clockwise", "Reset (Backspace)", size=SMALL,
                                hit=SIDE)  # fmt: skip
        for button, called in ((self.diamond, "key of"), (self.back, "reset")):
            button.setAccessibleName(f"{called} {form.called}")
            button.setSizePolicy(QSizePolicy.Fixed, QSizePolicy.Fixed)
            kept = button.sizePolicy()
            kept.setRetainSizeWhenHidden(True)
            button.setSizePolicy(kept)
        self.diamond.setVisible(form.name != "ease")  # one value for the whole shot
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(0)
        for widget, space in ((self.name, 0), (self.slider, 8), (self.field, 4),
                              (self.diamond, 2), (self.back, 0)):  # fmt: skip
            row.addWidget(widget)
            row.addSpacing(space)
        row.setStretch(2, 1)
        self._connect()

    def _connect(self) -> None:
        self.slider.moved.connect(self.asked)
        self.slider.reset.connect(self.reset)
        self.slider.key.connect(self.key)
        self.back.clicked.connect(self.reset)
        self.diamond.clicked.connect(self.key)
        self.field.editingFinished.connect(self._typed)
        self.field.returnPressed.connect(self.focus)  # letters are keys again
        for widget in (self.field, self.slider):
            widget.installEventFilter(self)

    # -- what is shown -----------------------------------------------------------------------

    def show_state(self, state: ControlState) -> None:
        """Show the control as it is at the current frame."""
        if state == self._state:
            return
        self._state = state
        self.slider.show_value(state.value, state.changed)
        if not (self.field.hasFocus() and self.field.isModified()):
            self.field.setText(self.form.text(state.value))
        tone = tokens.TX1 if state.changed else tokens.TX2
        self._set_tone(tone if self.slider.isEnabled() else tokens.TX4)
        self.back.setVisible(state.changed)
        self._show_key(state)
        self._set_tip()

    def show_band(self, band: HeldBand | None) -> None:
        """Show how far the footage shows this control at the frame; None: it is not known."""
        if band != self._band:
            self._band = band
            self.slider.show_band(band)
            self._set_tip()

    def allow(self, allowed: bool, why: str = "") -> None:
        """Let the row be changed, or say why it cannot be."""
        if (allowed, why) == self._allowed:
            return
        self._allowed = (allowed, why)
        self._why = "" if allowed else why
        for widget in (self.slider, self.field, self.back):
            widget.setEnabled(allowed)
        self.diamond.setEnabled(allowed)
        state, self._state = self._state, None
        if state is not None:
            self.show_state(state)
        self._set_tip()

    def focus(self) -> None:
        self.slider.setFocus(Qt.ShortcutFocusReason)

    def _set_tone(self, tone: str) -> None:
        if tone != self._tone:
            self._tone = tone
            self.name.setStyleSheet(f"color: {tone}")

    def _show_key(self, state: ControlState) -> None:
        name, colour, words = _KEY_LOOKS[state.keyed]
        self.diamond.setIcon(icon(name, colour))
        self.diamond.setToolTip(f"Key (Shift+K): {words}")

    def _set_tip(self) -> None:
        form, state = self.form, self._state
        lines = [f"{form.called}: {form.control.meaning}", form.range_text]
        if self._band is not None:
            lines.append(self._band.text(form))
            if state is not None and self._band.beyond(state.value, form.control.default):
                lines.append("Here it goes beyond that.")
        if self._why:
            lines.append(self._why)
        elif state is not None and state.span is not None:
            lines.append(IN_SPAN)
        elif state is not None and state.keyed != "none":
            lines.append(AT_FRAME)
        text = "\n".join(lines)
        for widget in (self.name, self.slider, self.field):
            widget.setToolTip(text)

    # -- typing ------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Escape in the field takes back what was typed; a click selects it all."""
        if event.type() == QEvent.FocusIn:
            self.taken.emit()
        if watched is self.field:
            if event.type() == QEvent.KeyPress and event.key() == Qt.Key_Escape:
                self._show_text()
                self.slider.setFocus(Qt.OtherFocusReason)
                return True
            if event.type() == QEvent.FocusIn:
                self.field.selectAll()
        return bool(super().eventFilter(watched, event))

    def _typed(self) -> None:
        if not self.field.isModified() or self._state is None:
            return
        try:
            value = self.form.parse(self.field.text())
        except SettingsError as error:
            self.refused.emit(f"{error}. {error.hint}" if error.hint else str(error))
            self._show_text()
            return
        self.field.setModified(False)
        if value != self._state.value:
            self.asked.emit(value)
        self._show_text()

    def _show_text(self) -> None:
        if self._state is not None:
            self.field.setText(self.form.text(self._state.value))
            self.field.setModified(False)
