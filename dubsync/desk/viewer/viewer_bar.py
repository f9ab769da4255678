"""The bar above the picture: how it is shown, A and B, what lies over it, exposure, zoom."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QSize, Qt, pyqtSignal
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QHBoxLayout, QToolButton, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.buttons import icon_button
from dubsync.desk.parts.choice_field import ChoiceField
from dubsync.desk.parts.segments import Segments
from dubsync.desk.parts.value_field import Number, ValueField
from dubsync.service.proxies.for_the_eye import GAINS

LOOK_NAMES = (("plate", "Plate", "show plate"), ("render", "Render", "show render"),
              ("wipe", "Wipe", "show wipe"), ("both", "Side by side", "show both"),
              ("difference", "Difference", "show difference"))  # fmt: skip
OVERLAYS = (("landmarks", "user-focus"), ("matte", "selection"), ("title safe", "frame-corners"),
            ("take picture", "picture-in-picture"))  # fmt: skip
EXPOSURE = Number("EV", 0.0, -6.0, 6.0, 0.1, 1,
                  "Exposure for the eye only, in stops: drag, wheel, arrows (E: back)")  # fmt: skip
GAMMA = Number("\N{GREEK SMALL LETTER GAMMA}", 1.0, 0.2, 4.0, 0.05, 2,
               "Gamma for the eye only: drag, wheel, arrows (E: back)")  # fmt: skip
ZOOMS = (25, 50, 100, 200, 400, 800)  #: per cent; besides Fit
NARROW, USUAL = 620, 780  #: below USUAL exposure and gamma are in the View menu only


class ViewerBar(QWidget):
    """Tells what a hand chose; the panel says what there is to choose.

    look_chosen  one of picture_state.LOOKS
    a_chosen, b_chosen  the name of a choice
    eye_changed  exposure or gamma is another
    gain_chosen  of the difference
    zoom_chosen  per cent; 0: fit
    """

    look_chosen = pyqtSignal(str)
    a_chosen = pyqtSignal(str)
    b_chosen = pyqtSignal(str)
    eye_changed = pyqtSignal()
    gain_chosen = pyqtSignal(int)
    zoom_chosen = pyqtSignal(int)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(tokens.VIEWER_BAR)
        self.setProperty("dock", True)
        self.setAttribute(Qt.WA_StyledBackground)
        self.looks = Segments(
            [(name, text, actions.tip(action)) for name, text, action in LOOK_NAMES], self
        )
        self.looks.chosen.connect(self.look_chosen)
        self.a = self._chooser("A", self.a_chosen)
        self.b = self._chooser("B", self.b_chosen)
        self.gain = ChoiceField("Gain of the difference", "\N{MULTIPLICATION SIGN}", self)
        self.gain.addItems([str(gain) for gain in GAINS])
        self.gain.setFixedWidth(64)
        self.gain.activated.connect(lambda n: self.gain_chosen.emit(GAINS[n]))
        self.gain.hide()
        self.exposure, self.gamma = ValueField(EXPOSURE, self), ValueField(GAMMA, self)
        for field in (self.exposure, self.gamma):
            field.changed.connect(lambda _value: self.eye_changed.emit())
        self.zoom = ChoiceField("Zoom (F fit, Z pixels)", "", self)
        self.zoom.addItems(["Fit", *(f"{zoom} %" for zoom in ZOOMS)])
        self.zoom.setFixedWidth(88)
        self.zoom.activated.connect(lambda n: self.zoom_chosen.emit(ZOOMS[n - 1] if n else 0))
        self._lay_out([self._overlay(actions, *one) for one in OVERLAYS])

    def show_choices(self, choices: Sequence[tuple[str, str]], a: str, b: str) -> None:
        """Fill A and B with (name, text), and show `a` and `b` as chosen."""
        for field, chosen in ((self.a, a), (self.b, b)):
            if [(field.itemData(n), field.itemText(n)) for n in range(field.count())] != list(
                choices
            ):
                field.clear()
                for name, text in choices:
                    field.addItem(text, name)
            field.setCurrentIndex(field.findData(chosen))
            field.updateGeometry()

    def show_gain(self, gain: int) -> None:
        self.gain.setCurrentIndex(GAINS.index(gain))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(NARROW, tokens.VIEWER_BAR)

    def show_look(self, look: str) -> None:
        self.looks.choose(look)
        self.gain.setVisible(look == "difference")

    def show_zoom(self, scale: float, fitted: bool) -> None:
        """The zoom as it is, `scale` device pixels to a picture pixel."""
        per_cent = f"{scale * 100:.0f} %"
        self.zoom.show_text(f"Fit {per_cent}" if fitted and scale else per_cent if scale else "Fit")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        wide = self.width() >= USUAL
        for field in (self.exposure, self.gamma):
            field.setVisible(wide)
        for field, letter in ((self.a, "A"), (self.b, "B")):
            field.letter = letter if wide else ""

    def _chooser(self, letter: str, signal: pyqtSignal) -> ChoiceField:
        field = ChoiceField(f"Picture {letter}", letter, self)
        field.setMaximumWidth(128)
        field.setMinimumWidth(64)
        field.activated.connect(lambda n: signal.emit(field.itemData(n)))
        return field

    def _overlay(self, actions: Actions, name: str, icon: str) -> QToolButton:
        action = actions[name]
        button = icon_button(icon, actions.tip(name), checkable=True, parent=self)
        button.setChecked(action.isChecked())
        button.clicked.connect(lambda on: action.setChecked(on))
        action.toggled.connect(button.setChecked)
        return button

    def _lay_out(self, overlays: Sequence[QToolButton]) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(self.looks)
        row.addWidget(self.a)
        row.addWidget(self.b)
        row.addWidget(self.gain)
        row.addStretch(1)
        tools = QHBoxLayout()
        tools.setSpacing(4)
        for button in overlays:
            tools.addWidget(button)
        row.addLayout(tools)
        eye = QHBoxLayout()
        eye.setSpacing(0)
        eye.addWidget(self.exposure)
        eye.addWidget(self.gamma)
        row.addLayout(eye)
        row.addWidget(self.zoom)
