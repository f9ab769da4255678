"""How the value of a control is written, read, stepped and laid out along a slider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import copysign, sqrt

from dubsync.core.errors import SettingsError
from dubsync.core.tweak.controls import CONTROLS, Control, checked, controls_of
from dubsync.core.tweak.curve import EASE, MOST_EASE

EASE_CONTROL = Control(EASE, 0, MOST_EASE, "frames", "how slowly spans and held visemes fade")
MINUS = "\N{MINUS SIGN}"
#: Unit of a control -> (smallest step, coarse step, digits after the point, unit as shown).
_FORMS: Mapping[str, tuple[float, float, int, str]] = {
    "x": (0.01, 0.1, 2, ""),
    "": (0.01, 0.1, 2, ""),
    "share": (0.01, 0.1, 2, ""),
    "frames": (1, 4, 0, "f"),
    "ms": (1, 10, 0, "ms"),
    "px": (1, 4, 0, "px"),
    "deg": (0.5, 2, 1, "\N{DEGREE SIGN}"),
    "eyes": (0.01, 0.1, 2, ""),
}
#: Controls whose slider is finer near 0: most slips are a few milliseconds.
_ROOTED = ("slip_ms", "matte_grow")
_CALLED = {
    "slip_ms": "slip", "matte_grow": "grow", "matte_feather": "feather", "shift_x": "shift x",
    "shift_y": "shift y", "gaze_x": "gaze x", "gaze_y": "gaze y", "blink_left": "blink left",
    "blink_right": "blink right", "brow_in": "inner brows", "brow_out": "outer brows",
    "face_width": "face width", "jaw_size": "jaw size", "eye_size": "eye size",
    "soft_stop": "soft stop", "take_inside": "take's teeth",
}  # fmt: skip
_UNITS = {"x": "times", "share": "share", "frames": "frames", "ms": "milliseconds", "px": "pixels",
          "deg": "degrees", "eyes": "eye distances", "": ""}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ControlForm:
    """One control as the desk shows it.

    name     as `dubsync tweak --set` takes it
    called   as a row names it
    control  its default, range, unit and meaning
    """

    name: str
    called: str
    control: Control

    @property
    def step(self) -> float:
        return _FORMS[self.control.unit][0]

    @property
    def coarse(self) -> float:
        return _FORMS[self.control.unit][1]

    @property
    def steps(self) -> int:
        """How many steps lie between the ends of the slider."""
        return round((self.control.high - self.control.low) / self.step)

    def at_step(self, step: int) -> float:
        """The value `step` steps above the lower end."""
        return round(self.control.low + step * self.step, 6)

    def step_of(self, value: float) -> int:
        """The step nearest to a value."""
        return round((value - self.control.low) / self.step)

    def text(self, value: float) -> str:
        """The value with its unit: "1.20", "-20 ms" with a true minus, "0 f"."""
        _, _, digits, unit = _FORMS[self.control.unit]
        if digits == 0 and value != round(value):
            digits = 1
        number = f"{value:.{digits}f}"
        if float(number) == 0:
            number = number.removeprefix("-")
        return number.replace("-", MINUS) + (f" {unit}" if unit else "")

    def parse(self, text: str) -> float:
        """The value that was typed, with its unit or without, comma or point.

        Raises:
            SettingsError: it is no number, or out of the control's range.
        """
        unit = _FORMS[self.control.unit][3]
        plain = text.strip().lower().replace(MINUS, "-").replace(",", ".").lstrip("×")
        plain = plain.removesuffix("frames").removesuffix(unit).strip()
        try:
            value = float(plain)
        except ValueError:
            raise SettingsError(
                f"{text.strip()!r} is not a number", hint=f"{self.called}: {self.range_text}"
            ) from None
        if self.name == "ease":
            if not value.is_integer() or not 0 <= value <= MOST_EASE:
                raise SettingsError(f"ease={value:g} is out of range", hint=self.range_text)
            return value
        return checked(self.name, value)

    @property
    def range_text(self) -> str:
        low, high = self.text(self.control.low), self.text(self.control.high)
        return f"{low} to {high}, usually {self.text(self.control.default)}"

    @property
    def unit_text(self) -> str:
        """The unit in a word; "" for a control without one."""
        return _UNITS[self.control.unit]

    # -- along the slider ----------------------------------------------------------------------

    def place(self, value: float) -> float:
        """Where a value lies along the slider, 0 to 1."""
        low, high = self.control.low, self.control.high
        if self.name in _ROOTED:
            return (copysign(sqrt(abs(value) / high), value) + 1) / 2
        return (value - low) / (high - low)

    def value_at(self, place: float) -> float:
        """The value at a place along the slider, at a whole step; beyond the ends is the end."""
        low, high = self.control.low, self.control.high
        place = min(max(place, 0.0), 1.0)
        if self.name in _ROOTED:
            away = 2 * place - 1
            value = copysign(away * away * high, away)
        else:
            value = low + place * (high - low)
        return self.at_step(self.step_of(value))


def form_of(name: str) -> ControlForm:
    """The form of a control of CONTROLS, or of "ease"."""
    known = EASE_CONTROL if name == "ease" else CONTROLS[name]
    return ControlForm(name, _CALLED.get(name, name), known)


#: The sections of the Tweak tab and their controls, in the order of the page.
MOUTH = ("intensity", "jaw", "width", "protrusion", "closure", "pauses", "smoothing", "slip_ms",
         "ease")  # fmt: skip
BEYOND = controls_of("take")
#: Sections for what a hand adds to the plate: title -> controls.  They are folded at first.
BY_HAND: Mapping[str, tuple[str, ...]] = {
    "Head": controls_of("head"),
    "Eyes": controls_of("eyes"),
    "Brows and mouth": controls_of("expression"),
    "Face shape": controls_of("face shape"),
}
#: Every control that has a row in the Tweak tab, in the order of the page.
ROWS = (*MOUTH, *BEYOND, *(name for names in BY_HAND.values() for name in names))
