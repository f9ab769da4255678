"""What a slider does to a Tweak at a frame, and what it shows there.

A control without keys and spans is set throughout.  Where it has some, the change is made at the
frame: a span over the frame takes the value, else a key is set there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.controls import CONTROLS, MIX, control
from dubsync.core.tweak.curve import EASE, Span, slope
from dubsync.core.tweak.tweak import Tweak

Keyed = Literal["none", "elsewhere", "here"]


@dataclass(frozen=True, slots=True)
class Changed:
    """A changed Tweak, and the change as `dubsync tweak --set` would be asked for it."""

    tweak: Tweak
    request: str


@dataclass(frozen=True, slots=True)
class ControlState:
    """A control at one frame.

    keyed    whether it has keys, and one on this frame
    span     the span that is in full force at the frame
    changed  whether it differs from its default anywhere
    """

    value: float
    keyed: Keyed
    span: Span | None
    changed: bool

    @property
    def moves(self) -> bool:
        """Whether it has keys, or spans somewhere."""
        return self.keyed != "none" or self.span is not None


def state_at(tweak: Tweak, name: str, frame: int, rate: FrameRange) -> ControlState:
    """What a control is at plate frame `frame`; `rate`: any range of the shot."""
    if name == "ease":
        return ControlState(float(tweak.ease), "none", None, tweak.ease != EASE)
    curve = tweak.curve(name)
    value = curve.value if curve.constant else float(tweak.at(name, _one(frame, rate))[0])
    keys = dict(curve.keys)
    keyed: Keyed = "here" if frame in keys else "elsewhere" if keys or curve.spans else "none"
    return ControlState(value, keyed, _span_at(tweak, name, frame), name in dict(tweak.curves))


def set_at(tweak: Tweak, name: str, frame: int, value: float, rate: FrameRange) -> Changed:
    """The control at `value`: in the span over the frame, as a key there, or throughout.

    Raises:
        SettingsError: `value` is out of range, or leaves no mouth of the three.
    """
    if name == "ease":
        return Changed(tweak.held("ease", value), f"ease={value:g}")
    curve = tweak.curve(name)
    if curve.constant:
        return Changed(tweak.held(name, value), f"{name}={value:g}")
    span = _span_at(tweak, name, frame)
    if span is not None:
        changed = tweak.spanned(name, span.first, span.last, value)
        return Changed(changed, f"{name}={value:g}@{span.first}..{span.last}")
    return key_at(tweak, name, frame, value, rate)


def key_at(tweak: Tweak, name: str, frame: int, value: float, rate: FrameRange) -> Changed:
    """A key on the frame, such that `value` is seen there also where a span fades.

    Where the fade leaves the key too little weight, the key stands at the end of its range.
    """
    known = control(name)
    share, rest = 1.0, 0.0
    for span in tweak.curve(name).spans:
        over = float(slope(span.first, span.last, _one(frame, rate), tweak.ease)[0])
        share, rest = share * (1 - over), rest * (1 - over) + over * span.value
    if share > 0:
        value = min(max((value - rest) / share, known.low), known.high)
    return Changed(tweak.keyed(name, frame, value), f"{name}={value:.6g}@{frame}")


def key_switched(tweak: Tweak, name: str, frame: int, rate: FrameRange) -> Changed:
    """A key on the frame at the value seen there; without it where there is one."""
    curve = tweak.curve(name)
    keys = dict(curve.keys)
    if frame not in keys:
        return key_at(tweak, name, frame, state_at(tweak, name, frame, rate).value, rate)
    value = keys.pop(frame)
    cleared = tweak.cleared(name)
    if not keys:
        cleared = cleared.held(name, value)
    for at, key in keys.items():
        cleared = cleared.keyed(name, at, key)
    for span in curve.spans:
        cleared = cleared.spanned(name, span.first, span.last, span.value)
    return Changed(cleared, f"clear {name} key @{frame}")


def mix_at(tweak: Tweak, frame: int, shares: tuple[float, float, float],
           rate: FrameRange) -> Changed:  # fmt: skip
    """Take, sound and original at these shares, at the frame where one of them moves.

    Raises:
        SettingsError: all three are 0.
    """
    moves = any(not tweak.curve(name).constant for name in MIX)
    for name, share in zip(MIX, shares, strict=True):
        keyed = key_at(tweak, name, frame, share, rate).tweak
        tweak = keyed if moves else tweak.held(name, share)
    tweak.shares(_one(frame, rate))
    said = ",".join(f"{name}:{share:g}" for name, share in zip(MIX, shares, strict=True))
    return Changed(tweak, f"mix={said}" + (f"@{frame}" if moves else ""))


def changed_controls(tweak: Tweak) -> tuple[str, ...]:
    """The controls of a Tweak that differ from their defaults."""
    names = [name for name, _ in tweak.curves]
    return (*(name for name in CONTROLS if name in names),
            *(("ease",) if tweak.ease != EASE else ()))  # fmt: skip


def changed_since(then: Tweak, now: Tweak) -> tuple[str, ...]:
    """What differs between two Tweaks: controls, "ease", "viseme", "contact", "takes by hand"."""
    names = [name for name in CONTROLS if then.curve(name) != now.curve(name)]
    others = (
        ("ease", then.ease, now.ease), ("viseme", then.visemes, now.visemes),
        ("contact", then.contacts, now.contacts), ("takes by hand", then.comp, now.comp),
        ("cut-outs", then.cut_outs, now.cut_outs),
        ("landmarks", then.landmarks, now.landmarks), ("region", then.region, now.region),
        ("look at", then.look_at, now.look_at), ("expressions", then.likes, now.likes),
    )  # fmt: skip
    return (*names, *(name for name, one, other in others if one != other))


def _span_at(tweak: Tweak, name: str, frame: int) -> Span | None:
    spans = tweak.curve(name).spans
    return next((s for s in reversed(spans) if s.first <= frame <= s.last), None)


def _one(frame: int, rate: FrameRange) -> FrameRange:
    return FrameRange(frame, frame + 1, rate.rate)
