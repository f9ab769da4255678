"""An artist's override of one face in one shot: controls with keyframes on the plate's frames.

A Tweak is an immutable value.  A change returns a new Tweak; undo goes back to the older one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dubsync.core.contact import ContactKey, ContactKind, contact_of
from dubsync.core.errors import SettingsError
from dubsync.core.sound.phones import PHONES, VISEME_OF, VISEMES
from dubsync.core.timeline.timecode import FrameRange

Values = NDArray[np.float64]


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
}
MIX = ("take", "sound", "original")
#: A character's lips in pauses: as the actor keeps them, or shut.
Pauses = Literal["actor", "shut"]
#: Frames over which a span fades in and out: the default and the maximum.
EASE, MOST_EASE = 3, 48
#: Phones as a keyboard writes them.
_TYPED = {"th": "θ", "sh": "ʃ", "zh": "ʒ", "ch": "ʧ", "g": "ɡ", "ng": "ŋ", "r": "ɹ"}


@dataclass(frozen=True, slots=True)
class Span:
    """`value` at full strength over plate frames `first` to `last`, both included.

    The fades in and out lie outside the span.
    """

    first: int
    last: int
    value: float

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise SettingsError(
                f"frames {self.first}..{self.last} run backwards",
                hint="write the first frame first",
            )


@dataclass(frozen=True, slots=True)
class Curve:
    """One control over time.

    value  used in every frame when there are no keyframes
    keys   (frame, value) keyframes, frames rising: eased from one to the next, held before the
           first and after the last
    spans  override the keyframes; a later span overrides an earlier one
    """

    value: float
    keys: tuple[tuple[int, float], ...] = ()
    spans: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        frames = [frame for frame, _ in self.keys]
        if frames != sorted(set(frames)):
            raise SettingsError(
                f"keyframes at frames {frames} are not in rising order",
                hint="sort them, one keyframe per frame",
            )

    @property
    def constant(self) -> bool:
        return not self.keys and not self.spans

    def at(self, frames: FrameRange, ease: int) -> Values:
        """(T,) value in each of `frames`; spans fade in and out over `ease` frames."""
        numbers = np.arange(frames.start, frames.stop)
        values = np.full(len(numbers), float(self.value))
        if self.keys:
            values = _between(self.keys, numbers)
        for span in self.spans:
            values = values + slope(span.first, span.last, frames, ease) * (span.value - values)
        return values

    def values(self) -> Iterator[float]:
        """Every value that a user set: those of keyframes and spans, or the constant."""
        yield from (value for _, value in self.keys)
        yield from (span.value for span in self.spans)
        if not self.keys:
            yield self.value


@dataclass(frozen=True, slots=True)
class VisemeKey:
    """Plate frames `first` to `last`, both included, show `viseme`, one of VISEMES."""

    first: int
    last: int
    viseme: str

    def __post_init__(self) -> None:
        if self.viseme not in VISEMES:
            raise SettingsError(
                f"unknown viseme {self.viseme!r}",
                hint=f"use a phone (m, f, th, a, o, u ...) or one of: {', '.join(VISEMES)}",
            )
        if self.last < self.first:
            raise SettingsError(
                f"frames {self.first}..{self.last} run backwards",
                hint="write the first frame first",
            )


@dataclass(frozen=True, slots=True)
class Tweak:
    """An artist's override of one face in one shot.

    curves    (control, Curve) for the changed controls only, in the order of CONTROLS
    visemes   mouth shapes to show; a later one overrides an earlier one
    ease      frames over which spans, visemes and the dubbed mouth itself fade in and out
    contacts  contacts of the mouth to show, applied last
    """

    curves: tuple[tuple[str, Curve], ...] = ()
    visemes: tuple[VisemeKey, ...] = ()
    ease: int = EASE
    contacts: tuple[ContactKey, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.ease <= MOST_EASE:
            raise SettingsError(
                f"ease={self.ease} is out of range", hint=f"ease goes from 0 to {MOST_EASE} frames"
            )
        for name, curve in self.curves:
            for value in curve.values():
                _check(name, value)
        order = [name for name, _ in self.curves]
        if order != [name for name in CONTROLS if name in order]:
            raise SettingsError(
                f"controls {order} repeat or are out of order",
                hint=f"each once, in this order: {', '.join(CONTROLS)}",
            )

    @property
    def neutral(self) -> bool:
        """Whether it changes nothing."""
        return self == Tweak()

    def curve(self, name: str) -> Curve:
        """The control over time.  Raises SettingsError for a control that does not exist."""
        default = Curve(control(name).default)
        return dict(self.curves).get(name, default)

    def at(self, name: str, frames: FrameRange) -> Values:
        """(T,) the control in each of `frames`."""
        return self.curve(name).at(frames, self.ease)

    def overrides(self, name: str, frames: FrameRange) -> bool:
        """Whether the control differs from its default anywhere in `frames`."""
        return bool((self.at(name, frames) != control(name).default).any())

    # -- changes: each returns a new Tweak ----------------------------------------------------

    def held(self, name: str, value: float) -> Tweak:
        """With the control at `value` throughout; its keyframes and spans are removed."""
        if name == "ease":
            return replace(self, ease=_whole(value))
        return self._with(name, Curve(_check(name, value)))

    def keyed(self, name: str, frame: int, value: float) -> Tweak:
        """With a keyframe added, or set to `value`.  A single keyframe holds throughout."""
        curve = self.curve(name)
        keys = {**dict(curve.keys), frame: _check(name, value)}
        return self._with(name, replace(curve, keys=tuple(sorted(keys.items()))))

    def spanned(self, name: str, first: int, last: int, value: float) -> Tweak:
        """With a span that overrides the others; a span over the same frames is replaced."""
        curve, span = self.curve(name), Span(first, last, _check(name, value))
        return self._with(name, replace(curve, spans=(*_others(curve.spans, span), span)))

    def showing(self, viseme: str, first: int, last: int) -> Tweak:
        """With a mouth shape over frames `first` to `last`; one over the same frames is replaced.

        Args:
            viseme: a viseme, or a phone that belongs to one.

        Raises:
            SettingsError: `viseme` is neither a viseme nor a phone.
        """
        key = VisemeKey(first, last, viseme_of(viseme))
        others = tuple(k for k in self.visemes if (k.first, k.last) != (first, last))
        return replace(self, visemes=(*others, key))

    def touching(self, kind: ContactKind, first: int, last: int) -> Tweak:
        """With a contact over frames `first` to `last`; the same over the same is not doubled."""
        key = ContactKey(first, last, kind)
        return replace(self, contacts=(*(k for k in self.contacts if k != key), key))

    def cleared(self, name: str) -> Tweak:
        """With the control (or "ease", "viseme" or "contact") back at its default."""
        if name == "ease":
            return replace(self, ease=EASE)
        if name == "viseme":
            return replace(self, visemes=())
        if name == "contact":
            return replace(self, contacts=())
        return self._with(name, Curve(control(name).default))

    def _with(self, name: str, curve: Curve) -> Tweak:
        curves = {**dict(self.curves), name: curve}
        changed = {n: c for n, c in curves.items() if c != Curve(control(n).default)}
        return replace(self, curves=tuple((n, changed[n]) for n in CONTROLS if n in changed))

    def shut_in_pauses(self) -> Tweak:
        """This tweak of a character whose lips are to be shut in pauses.

        Shut lips are the start then: 0 keeps them shut, 1 parts them as the actor does.
        """
        curve, low = self.curve("pauses"), control("pauses").low
        lowered = Curve(
            max(curve.value - 1, low),
            tuple((frame, max(value - 1, low)) for frame, value in curve.keys),
            tuple(replace(span, value=max(span.value - 1, low)) for span in curve.spans),
        )
        return self._with("pauses", lowered)

    # -- in a shot -----------------------------------------------------------------------------

    def shares(self, frames: FrameRange) -> Values:
        """(T, 3) weights of take, sound and original; each frame sums to 1.

        Where there is no take, the sound gets the take's share.

        Raises:
            SettingsError: all three are 0 somewhere.
        """
        shares = np.stack([self.at(name, frames) for name in MIX], axis=1)
        total = shares.sum(axis=1)
        empty = np.flatnonzero(total <= 0)
        if len(empty):
            raise SettingsError(
                f"take, sound and original are all 0 at frame {frames.start + empty[0]}",
                hint="keep one of them above 0: mix=sound, mix=original, mix=take:1,sound:1",
            )
        return np.asarray(shares / total[:, None], np.float64)


def control(name: str) -> Control:
    """The control called `name`.  Raises SettingsError, which lists the controls."""
    if name not in CONTROLS:
        known = ", ".join((*CONTROLS, "mix", "viseme", "contact", "ease"))
        raise SettingsError(f"unknown control {name!r}", hint=f"controls: {known}")
    return CONTROLS[name]


def viseme_of(text: str) -> str:
    """The viseme that `text` names: by its name ("closed", "lip-teeth") or by a phone ("m").

    >>> viseme_of("m"), viseme_of("sh"), viseme_of("lip-teeth")
    ('closed', 'hush', 'lip teeth')
    """
    name = text.strip().lower().replace("-", " ")
    phone = _TYPED.get(name, name)
    return VISEMES[VISEME_OF[PHONES.index(phone)]] if phone in PHONES else name


def slope(first: int, last: int, frames: FrameRange, ease: int) -> Values:
    """(T,) 1 over frames `first` to `last`, falling to 0 within `ease` frames on either side.

    Smoothstep, 3 x^2 - 2 x^3: the change starts and ends without a jerk.
    """
    numbers = np.arange(frames.start, frames.stop)
    away = np.maximum(np.maximum(first - numbers, numbers - last), 0)
    near = np.maximum(1 - away / (ease + 1), 0)
    return np.asarray(near * near * (3 - 2 * near), np.float64)


def plain(tweak: Tweak) -> dict[str, Any]:
    """The changed parts of `tweak` as JSON values, for tweak files, render records and digests."""
    values: dict[str, Any] = {}
    for name, curve in tweak.curves:
        if curve.constant:
            values[name] = float(curve.value)
            continue
        values[name] = {
            "value": float(curve.value),
            "keys": [[frame, float(value)] for frame, value in curve.keys],
            "spans": [[s.first, s.last, float(s.value)] for s in curve.spans],
        }
    if tweak.visemes:
        values["visemes"] = [[key.first, key.last, key.viseme] for key in tweak.visemes]
    if tweak.contacts:
        values["contacts"] = [[key.first, key.last, key.kind] for key in tweak.contacts]
    if tweak.ease != EASE:
        values["ease"] = tweak.ease
    return values


def from_plain(values: object) -> Tweak:
    """The Tweak that `plain` wrote.  Raises SettingsError when `values` is anything else."""
    if not isinstance(values, dict):
        raise SettingsError(f"a tweak must be a table of controls, not {values!r:.60}")
    try:
        visemes = tuple(
            VisemeKey(_whole(first), _whole(last), str(viseme))
            for first, last, viseme in values.get("visemes", [])
        )
        contacts = tuple(
            ContactKey(_whole(first), _whole(last), contact_of(kind))
            for first, last, kind in values.get("contacts", [])
        )
        others = ("visemes", "contacts", "ease")
        curves = {name: _curve(value) for name, value in values.items() if name not in others}
        ease = _whole(values.get("ease", EASE))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise SettingsError(f"this is not a tweak: {values!r:.80}") from error
    for name in curves:
        control(name)
    named = tuple((n, curves[n]) for n in CONTROLS if n in curves)
    return Tweak(named, visemes, ease, contacts)


def _curve(values: Any) -> Curve:
    if not isinstance(values, dict):
        return Curve(float(values))
    return Curve(
        float(values["value"]),
        tuple((_whole(frame), float(value)) for frame, value in values.get("keys", [])),
        tuple(Span(_whole(a), _whole(b), float(value)) for a, b, value in values.get("spans", [])),
    )


def _others(spans: tuple[Span, ...], span: Span) -> tuple[Span, ...]:
    return tuple(s for s in spans if (s.first, s.last) != (span.first, span.last))


def _check(name: str, value: float) -> float:
    """`value` when it is in the control's range, else SettingsError."""
    known = control(name)
    if not isfinite(value) or not known.low <= value <= known.high:
        raise SettingsError(
            f"{name}={value:g} is out of range", hint=f"{name} goes from {known.low:g} to "
            f"{known.high:g}{' ' + known.unit if known.unit not in ('', 'x') else ''}; "
            f"default: {known.default:g}",
        )  # fmt: skip
    return float(value)


def _whole(value: float) -> int:
    if not isfinite(value) or value != int(value):
        raise SettingsError(f"{value:g} is not a whole number of frames")
    return int(value)


def _between(keys: tuple[tuple[int, float], ...], numbers: NDArray[np.intp]) -> Values:
    """Values eased between keyframes by smoothstep, held before the first and after the last."""
    at = np.array([frame for frame, _ in keys], np.float64)
    values = np.array([value for _, value in keys], np.float64)
    if len(at) == 1:
        return np.full(len(numbers), values[0])
    n = np.clip(np.searchsorted(at, numbers, side="right") - 1, 0, len(at) - 2)
    share = np.clip((numbers - at[n]) / (at[n + 1] - at[n]), 0, 1)
    share = share * share * (3 - 2 * share)
    return np.asarray(values[n] + share * (values[n + 1] - values[n]), np.float64)
