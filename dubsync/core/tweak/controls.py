"""The controls of a mouth and a head: default, range, unit and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Literal, get_args

from dubsync.core.errors import SettingsError

#: What a control belongs to.
Group = Literal["mouth", "mix", "take", "head", "eyes", "expression", "face shape", "matte"]
GROUPS: tuple[Group, ...] = get_args(Group)


@dataclass(frozen=True, slots=True)
class Control:
    """A control: its default value, its range, its unit, what it does, and its group."""

    default: float
    low: float
    high: float
    unit: str
    meaning: str
    group: Group = "mouth"


CONTROLS: Mapping[str, Control] = {
    "intensity": Control(1, 0, 2, "x", "the whole mouth: 0 rests, 1 as performed"),
    "jaw": Control(1, 0, 2, "x", "how far the chin drops"),
    "width": Control(1, 0, 2, "x", "how far the corners go apart and together"),
    "protrusion": Control(1, 0, 2, "x", "how far the lips come forward"),
    "closure": Control(1, 0, 1, "", "lips on m, b, p: 1 meet, 0 do not close at all"),
    "pauses": Control(0, -1, 1, "", "lips in pauses: -1 shut, 1 apart as in talk"),
    "smoothing": Control(0, 0, 12, "frames", "evens the movement out; closures stay"),
    "slip_ms": Control(0, -1000, 1000, "ms", "mouth later (+) or earlier (-) than the sound"),
    "take": Control(1, 0, 1, "share", "the take's mouth, where there is a take", "mix"),
    "sound": Control(0, 0, 1, "share", "the mouth predicted from the sound", "mix"),
    "original": Control(0, 0, 1, "share", "the plate's own mouth", "mix"),
    "brows": Control(0, 0, 1, "share", "brows as in the take; 0 as in the plate", "take"),
    "blinks": Control(0, 0, 1, "share", "lids as in the take", "take"),
    "gaze": Control(0, 0, 1, "share", "eyes as in the take", "take"),
    "head": Control(
        0, 0, 1, "share", "head movement as in the take; small but for region=head", "take"
    ),
    "take_inside": Control(
        0,
        0,
        1,
        "share",
        "teeth and tongue of the take where lips open beyond the footage",
        "take",
    ),
    "yaw": Control(0, -30, 30, "deg", "head turned to the picture's right (+) or left (-)", "head"),
    "pitch": Control(
        0, -25, 25, "deg", "head tilted back (+) or forward (-), neck and all", "head"
    ),
    "roll": Control(
        0, -25, 25, "deg", "head tilted to the picture's right (+) or left (-)", "head"
    ),
    "nod": Control(0, -20, 20, "deg", "chin down (+) or up (-); the neck stays", "head"),
    "shift_x": Control(
        0, -1, 1, "eyes", "head moved to the picture's right (+) or left (-)", "head"
    ),
    "shift_y": Control(0, -1, 1, "eyes", "head moved up (+) or down (-)", "head"),
    "gaze_x": Control(
        0, -1, 1, "", "eyes to the picture's right (+) or left (-); 1: 30 degrees", "eyes"
    ),
    "gaze_y": Control(0, -1, 1, "", "eyes up (+) or down (-); 1: 30 degrees", "eyes"),
    "blink_left": Control(0, 0, 1, "", "performer's left lids: 1 shut, 0 as they are", "eyes"),
    "blink_right": Control(0, 0, 1, "", "performer's right lids: 1 shut, 0 as they are", "eyes"),
    "brow_in": Control(0, -1, 1, "", "inner brows up (+) or down and together (-)", "expression"),
    "brow_out": Control(0, -1, 1, "", "outer brows up (+) or down (-)", "expression"),
    "smile": Control(0, -1, 1, "", "a smile as this actor's (+), or less of one (-)", "expression"),
    "frown": Control(0, -1, 1, "", "corners of the mouth down (+), or less so (-)", "expression"),
    "cheeks": Control(0, -1, 1, "", "cheeks up against the eyes (+), or less so (-)", "expression"),
    "lips": Control(0, -1, 1, "", "lips pressed together (+), or less so (-)", "expression"),
    "expression": Control(1, 0, 2, "x", "brows and cheeks: 0 at rest, 1 as filmed", "expression"),
    "face_width": Control(1, 0.8, 1.2, "x", "the face's width, skull and jaw", "face shape"),
    "jaw_size": Control(1, 0.8, 1.2, "x", "the jaw's width", "face shape"),
    "chin": Control(1, 0.8, 1.2, "x", "the chin's length below the mouth", "face shape"),
    "eye_size": Control(1, 0.8, 1.2, "x", "the eyes' size", "face shape"),
    "nose": Control(1, 0.8, 1.2, "x", "the nose's size", "face shape"),
    "soft_stop": Control(
        0, 0, 1, "share", "1 stops head and eyes softly at what the footage shows", "head"
    ),
    "matte_grow": Control(
        0, -120, 120, "px", "matte outwards (+) or inwards (-), plate pixels", "matte"
    ),
    "matte_feather": Control(
        0, -60, 120, "px", "soft edge of the matte wider (+) or narrower (-)", "matte"
    ),
}
#: Controls that shape the matte; they do not move the mouth.
MATTE = ("matte_grow", "matte_feather")
MIX = ("take", "sound", "original")
#: Controls of what lasts a moment: one frame is the middle of it, not a keyframe.
MOMENTARY = ("nod", "blink_left", "blink_right")
#: A character's lips in pauses: as the actor keeps them, or shut.
Pauses = Literal["actor", "shut"]


def controls_of(*groups: Group) -> tuple[str, ...]:
    """The names of the controls of `groups`, in the order of CONTROLS."""
    return tuple(name for name, known in CONTROLS.items() if known.group in groups)


def control(name: str) -> Control:
    """The control called `name`.  Raises SettingsError, which lists the controls."""
    if name not in CONTROLS:
        known = ", ".join(
            (*CONTROLS, "mix", "viseme", "contact", "ease", "region", "look_at", "like")
        )
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
