"""An artist's say over one face in one shot: controls keyed over the plate's own frames.

A Tweak is a value.  Changing one gives another; the older one is the undo.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import SettingsError
from dubsync.core.sound.phones import PHONES, VISEME_OF, VISEMES
from dubsync.core.timeline.timecode import FrameRange

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Control:
    """What a control means: its value when nobody touches it, its range, its unit."""

    usual: float
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
    "smoothing": Control(0, 0, 12, "frames", "evens the movement out; closures stay"),
    "slip_ms": Control(0, -1000, 1000, "ms", "mouth later (+) or earlier (-) than the sound"),
    "take": Control(1, 0, 1, "share", "the take's mouth, where there is a take"),
    "sound": Control(0, 0, 1, "share", "the mouth told from the sound"),
    "original": Control(0, 0, 1, "share", "the plate's own mouth"),
    "brows": Control(0, 0, 1, "share", "brows as in the take; 0 as in the plate"),
    "blinks": Control(0, 0, 1, "share", "lids as in the take"),
    "gaze": Control(0, 0, 1, "share", "eyes as in the take"),
    "head": Control(0, 0, 1, "share", "small head movement as in the take"),
}
MIX = ("take", "sound", "original")
#: Frames of slope on either side of a span, when nobody says otherwise; and the most.
EASE, MOST_EASE = 3, 48
#: Phones as a keyboard writes them.
_TYPED = {"th": "θ", "sh": "ʃ", "zh": "ʒ", "ch": "ʧ", "g": "ɡ", "ng": "ŋ", "r": "ɹ"}


@dataclass(frozen=True, slots=True)
class Span:
    """`value` over plate frames `first` to `last`, both included, whole; slopes lie outside."""

    first: int
    last: int
    value: float

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise SettingsError(f"frames {self.first}..{self.last} run backwards")


@dataclass(frozen=True, slots=True)
class Curve:
    """One control over time.

    value  everywhere, when there are no keys
    keys   (frame, value), frames rising: eased from one to the next, held before and after
    spans  laid over that, a later one over an earlier one
    """

    value: float
    keys: tuple[tuple[int, float], ...] = ()
    spans: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        frames = [frame for frame, _ in self.keys]
        if frames != sorted(set(frames)):
            raise SettingsError(f"keys at frames {frames} do not rise")

    @property
    def constant(self) -> bool:
        return not self.keys and not self.spans

    def at(self, frames: FrameRange, ease: int) -> Values:
        """(T,) value in each of `frames`; spans come in and go out over `ease` frames."""
        numbers = np.arange(frames.start, frames.stop)
        values = np.full(len(numbers), float(self.value))
        if self.keys:
            values = _between(self.keys, numbers)
        for span in self.spans:
            values = values + slope(span.first, span.last, frames, ease) * (span.value - values)
        return values

    def values(self) -> Iterator[float]:
        """Every value asked for."""
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
                f"no viseme is called {self.viseme!r}",
                hint=f"a phone (m, f, th, a, o, u ...) or one of: {', '.join(VISEMES)}",
            )
        if self.last < self.first:
            raise SettingsError(f"frames {self.first}..{self.last} run backwards")


@dataclass(frozen=True, slots=True)
class Tweak:
    """One artist's say over one face in one shot.

    curves   (control, Curve), only of controls that were touched, in the order of CONTROLS
    visemes  mouth shapes asked for, a later one over an earlier one
    ease     frames over which spans, visemes and the dub's mouth itself come in and go out
    """

    curves: tuple[tuple[str, Curve], ...] = ()
    visemes: tuple[VisemeKey, ...] = ()
    ease: int = EASE

    def __post_init__(self) -> None:
        if not 0 <= self.ease <= MOST_EASE:
            raise SettingsError(f"ease={self.ease} is not 0..{MOST_EASE} frames")
        for name, curve in self.curves:
            for value in curve.values():
                _check(name, value)
        order = [name for name, _ in self.curves]
        if order != [name for name in CONTROLS if name in order]:
            raise SettingsError(f"controls {order} stand twice or out of order")

    @property
    def neutral(self) -> bool:
        """Whether it asks for nothing at all."""
        return self == Tweak()

    def curve(self, name: str) -> Curve:
        """The control over time.  Raises SettingsError for a control that does not exist."""
        usual = Curve(control(name).usual)
        return dict(self.curves).get(name, usual)

    def at(self, name: str, frames: FrameRange) -> Values:
        """(T,) the control in each of `frames`."""
        return self.curve(name).at(frames, self.ease)

    def touched(self, name: str, frames: FrameRange) -> bool:
        """Whether the control is other than usual anywhere in `frames`."""
        return bool((self.at(name, frames) != control(name).usual).any())

    # -- another Tweak -----------------------------------------------------------------------

    def held(self, name: str, value: float) -> Tweak:
        """The control at `value` throughout; its keys and spans are gone."""
        if name == "ease":
            return replace(self, ease=_whole(value))
        return self._with(name, Curve(_check(name, value)))

    def keyed(self, name: str, frame: int, value: float) -> Tweak:
        """A key added, or moved to `value`.  One key alone holds throughout."""
        curve = self.curve(name)
        keys = {**dict(curve.keys), frame: _check(name, value)}
        return self._with(name, replace(curve, keys=tuple(sorted(keys.items()))))

    def spanned(self, name: str, first: int, last: int, value: float) -> Tweak:
        """A span laid over the others; one over the very same frames is replaced."""
        curve, span = self.curve(name), Span(first, last, _check(name, value))
        return self._with(name, replace(curve, spans=(*_others(curve.spans, span), span)))

    def showing(self, viseme: str, first: int, last: int) -> Tweak:
        """A mouth shape (a viseme, or a phone of it) over frames; an older one there is replaced.

        Raises:
            SettingsError: neither a viseme nor a phone.
        """
        key = VisemeKey(first, last, viseme_of(viseme))
        others = tuple(k for k in self.visemes if (k.first, k.last) != (first, last))
        return replace(self, visemes=(*others, key))

    def cleared(self, name: str) -> Tweak:
        """The control (or "ease", or "viseme") as if nobody had touched it."""
        if name == "ease":
            return replace(self, ease=EASE)
        if name == "viseme":
            return replace(self, visemes=())
        return self._with(name, Curve(control(name).usual))

    def _with(self, name: str, curve: Curve) -> Tweak:
        curves = {**dict(self.curves), name: curve}
        kept = {n: c for n, c in curves.items() if c != Curve(control(n).usual)}
        return replace(self, curves=tuple((n, kept[n]) for n in CONTROLS if n in kept))

    # -- in a shot -----------------------------------------------------------------------------

    def shares(self, frames: FrameRange) -> Values:
        """(T, 3) how much take, sound and original count, each frame's sum 1.

        The take's share falls to the sound where there is no take.

        Raises:
            SettingsError: all three are 0 somewhere.
        """
        shares = np.stack([self.at(name, frames) for name in MIX], axis=1)
        total = shares.sum(axis=1)
        nothing = np.flatnonzero(total <= 0)
        if len(nothing):
            raise SettingsError(
                f"take, sound and original are all 0 at frame {frames.start + nothing[0]}",
                hint="leave one of them above 0: mix=sound, mix=original, mix=take:1,sound:1",
            )
        return np.asarray(shares / total[:, None], np.float64)


def control(name: str) -> Control:
    """What the control called `name` means.  Raises SettingsError with those there are."""
    if name not in CONTROLS:
        known = ", ".join((*CONTROLS, "mix", "viseme", "ease"))
        raise SettingsError(f"no control is called {name!r}", hint=f"controls: {known}")
    return CONTROLS[name]


def viseme_of(text: str) -> str:
    """The viseme that `text` names: itself ("closed", "lip-teeth"), or a phone of it ("m").

    >>> viseme_of("m"), viseme_of("sh"), viseme_of("lip-teeth")
    ('closed', 'hush', 'lip teeth')
    """
    name = text.strip().lower().replace("-", " ")
    phone = _TYPED.get(name, name)
    return VISEMES[VISEME_OF[PHONES.index(phone)]] if phone in PHONES else name


def slope(first: int, last: int, frames: FrameRange, ease: int) -> Values:
    """(T,) 1 over frames `first` to `last`, falling to 0 within `ease` frames on either side.

    Smoothstep, 3 x^2 - 2 x^3: the change begins and ends without a jerk.
    """
    numbers = np.arange(frames.start, frames.stop)
    away = np.maximum(np.maximum(first - numbers, numbers - last), 0)
    near = np.maximum(1 - away / (ease + 1), 0)
    return np.asarray(near * near * (3 - 2 * near), np.float64)


def plain(tweak: Tweak) -> dict[str, Any]:
    """`tweak` as plain JSON values, only what was touched: what is kept, recorded and digested."""
    said: dict[str, Any] = {}
    for name, curve in tweak.curves:
        if curve.constant:
            said[name] = float(curve.value)
            continue
        said[name] = {
            "value": float(curve.value),
            "keys": [[frame, float(value)] for frame, value in curve.keys],
            "spans": [[s.first, s.last, float(s.value)] for s in curve.spans],
        }
    if tweak.visemes:
        said["visemes"] = [[key.first, key.last, key.viseme] for key in tweak.visemes]
    if tweak.ease != EASE:
        said["ease"] = tweak.ease
    return said


def from_plain(said: object) -> Tweak:
    """What `plain` wrote.  Raises SettingsError when it is anything else."""
    if not isinstance(said, dict):
        raise SettingsError(f"a tweak is a table of controls, not {said!r:.60}")
    try:
        visemes = tuple(
            VisemeKey(_whole(first), _whole(last), str(viseme))
            for first, last, viseme in said.get("visemes", [])
        )
        curves = {
            name: _curve(value) for name, value in said.items() if name not in ("visemes", "ease")
        }
        ease = _whole(said.get("ease", EASE))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise SettingsError(f"this is not a tweak: {said!r:.80}") from error
    for name in curves:
        control(name)
    return Tweak(tuple((n, curves[n]) for n in CONTROLS if n in curves), visemes, ease)


def _curve(said: Any) -> Curve:
    if not isinstance(said, dict):
        return Curve(float(said))
    return Curve(
        float(said["value"]),
        tuple((_whole(frame), float(value)) for frame, value in said.get("keys", [])),
        tuple(Span(_whole(a), _whole(b), float(value)) for a, b, value in said.get("spans", [])),
    )


def _others(spans: tuple[Span, ...], span: Span) -> tuple[Span, ...]:
    return tuple(s for s in spans if (s.first, s.last) != (span.first, span.last))


def _check(name: str, value: float) -> float:
    """`value` when the control can take it, else SettingsError."""
    known = control(name)
    if not isfinite(value) or not known.low <= value <= known.high:
        raise SettingsError(
            f"{name}={value:g} is out of range", hint=f"{name} goes from {known.low:g} to "
            f"{known.high:g}{' ' + known.unit if known.unit not in ('', 'x') else ''}; "
            f"usual: {known.usual:g}",
        )  # fmt: skip
    return float(value)


def _whole(value: float) -> int:
    if not isfinite(value) or value != int(value):
        raise SettingsError(f"{value:g} is not a whole number of frames")
    return int(value)


def _between(keys: tuple[tuple[int, float], ...], numbers: NDArray[np.intp]) -> Values:
    """Values eased from key to key by smoothstep, held before the first and after the last."""
    at = np.array([frame for frame, _ in keys], np.float64)
    values = np.array([value for _, value in keys], np.float64)
    if len(at) == 1:
        return np.full(len(numbers), values[0])
    n = np.clip(np.searchsorted(at, numbers, side="right") - 1, 0, len(at) - 2)
    share = np.clip((numbers - at[n]) / (at[n + 1] - at[n]), 0, 1)
    share = share * share * (3 - 2 * share)
    return np.asarray(values[n] + share * (values[n + 1] - values[n]), np.float64)
