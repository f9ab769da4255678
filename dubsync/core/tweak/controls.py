"""The controls of a mouth and a head: default, range, unit and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from dubsync.core.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Control:
    """A control: its default value, its range, its unit and what it does."""

    default: float
    low: float
    high: float
    unit: str
    meaning: str


CONTROLS: Mapping[str, Control] = {
    "intensity": Control(1, 0, 2, "x", "the whole mouth: 0 rests, 1 as performed"),
    "jaw": Control(1, 0, 2, "x", "how far the chin drops"),
    "width": Control(1, 0, 2, "x", "how far the corners go apart and together"),
    "protrusion": Control(1, 0, 2, "x", "how far the lips come forward"),
    "closure": Control(1, 0, 1, "", "lips on m, b, p: 1 meet, 0 do not close at all"),
    "pauses": Control(0, -1, 1, "", "lips in pauses: -1 shut, 1 apart as in talk"),
    "smoothing": Control(0, 0, 12, "frames", "evens the movement out; closures stay"),
    "slip_ms": Control(0, -1000, 1000, "ms", "mouth later (+) or earlier (-) than the sound"),
    "take": Control(1, 0, 1, "share", "the take's mouth, where there is a take"),
    "sound": Control(0, 0, 1, "share", "the mouth predicted from the sound"),
    "original": Control(0, 0, 1, "share", "the plate's own mouth"),
    "brows": Control(0, 0, 1, "share", "brows as in the take; 0 as in the plate"),
    "blinks": Control(0, 0, 1, "share", "lids as in the take"),
    "gaze": Control(0, 0, 1, "share", "eyes as in the take"),
    "head": Control(0, 0, 1, "share", "small head movement as in the take"),
    "matte_grow": Control(0, -120, 120, "px", "matte outwards (+) or inwards (-), plate pixels"),
    "matte_feather": Control(0, -60, 120, "px", "soft edge of the matte wider (+) or narrower (-)"),
}
#: Controls that shape the matte; they do not move the mouth.
MATTE = ("matte_grow", "matte_feather")
MIX = ("take", "sound", "original")
#: A character's lips in pauses: as the actor keeps them, or shut.
Pauses = Literal["actor", "shut"]


def control(name: str) -> Control:
    """The control called `name`.  Raises SettingsError, which lists the controls."""
    if name not in CONTROLS:
        known = ", ".join((*CONTROLS, "mix", "viseme", "contact", "ease"))
        raise SettingsError(f"unknown control {name!r}", hint=f"controls: {known}")
    return CONTROLS[name]


def checked(name: str, value: float) -> float:
    """`value` when it is in the control's range, else SettingsError."""
    known = control(name)
    if not isfinite(value) or not known.low <= value <= known.high:
        raise SettingsError(
            f"{name}={value:g} is out of range", hint=f"{name} goes from {known.low:g} to "
            f"{known.high:g}{' ' + known.unit if known.unit not in ('', 'x') else ''}; "
            f"default: {known.default:g}",
        )  # fmt: skip
    return float(value)
