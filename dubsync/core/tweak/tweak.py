"""An artist's override of one face in one shot: controls with keyframes on the plate's frames.

A Tweak is an immutable value.  A change returns a new Tweak; undo goes back to the older one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dubsync.core.contact import ContactKey, ContactKind
from dubsync.core.errors import SettingsError
from dubsync.core.sound.phones import PHONES, VISEME_OF, VISEMES
from dubsync.core.timeline.rising import check_rising
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.choices import CHOICES, MOUTH_ONLY, NOWHERE, Choice, checked_choice
from dubsync.core.tweak.controls import CONTROLS, MATTE, MIX, checked, control
from dubsync.core.tweak.curve import EASE, MOST_EASE, Curve, Span, Values, whole_frames
from dubsync.core.tweak.landmark_edit import LandmarkKey, checked_landmarks
from dubsync.core.tweak.like_key import LikeKey
from dubsync.core.tweak.matte_edit import CutOut, MatteShape, checked_cut_outs, with_cut_out
from dubsync.core.tweak.spoken_track import TYPED, SpokenTrack
from dubsync.core.tweak.take_comp import CompKey


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
        check_rising(self.first, self.last)


@dataclass(frozen=True, slots=True)
class Tweak:
    """An artist's override of one face in one shot.

    curves    (control, Curve) for the changed controls only, in the order of CONTROLS
    visemes   mouth shapes to show; a later one overrides an earlier one
    ease      frames over which spans, visemes and the dubbed mouth itself fade in and out
    contacts  contacts of the mouth to show, applied last
    comp      takes by hand: words whose source is set; at most one key a word
    spoken    words and phones by hand, in place of those that are heard; None: as heard
    cut_outs  polygons inside which the plate is kept
    landmarks  places of landmarks by hand, in the order of frames
    region    how much of the picture may change: "mouth", "face" or "head"
    look_at   what the eyes look at: "off", "camera", or "X,Y" in plate pixels
    likes     expressions taken from footage; they add up
    """

    curves: tuple[tuple[str, Curve], ...] = ()
    visemes: tuple[VisemeKey, ...] = ()
    ease: int = EASE
    contacts: tuple[ContactKey, ...] = ()
    comp: tuple[CompKey, ...] = ()
    spoken: SpokenTrack | None = None
    cut_outs: tuple[CutOut, ...] = ()
    landmarks: tuple[LandmarkKey, ...] = ()
    region: Choice = Choice(MOUTH_ONLY)
    look_at: Choice = Choice(NOWHERE)
    likes: tuple[LikeKey, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.ease <= MOST_EASE:
            raise SettingsError(
                f"ease={self.ease} is out of range", hint=f"ease goes from 0 to {MOST_EASE} frames"
            )
        checked_cut_outs(self.cut_outs)
        object.__setattr__(self, "landmarks", checked_landmarks(self.landmarks))
        for name, curve in self.curves:
            for value in curve.values():
                checked(name, value)
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
            return replace(self, ease=whole_frames(value))
        return self._with(name, Curve(checked(name, value)))

    def keyed(self, name: str, frame: int, value: float) -> Tweak:
        """With a keyframe added, or set to `value`.  A single keyframe holds throughout."""
        curve = self.curve(name)
        keys = {**dict(curve.keys), frame: checked(name, value)}
        return self._with(name, replace(curve, keys=tuple(sorted(keys.items()))))

    def curved(self, name: str, curve: Curve) -> Tweak:
        """With the control over time as a whole.  Raises SettingsError: a value out of range."""
        control(name)
        return self._with(name, curve)

    def spanned(self, name: str, first: int, last: int, value: float) -> Tweak:
        """With a span that overrides the others; a span over the same frames is replaced."""
        curve, span = self.curve(name), Span(first, last, checked(name, value))
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

    def chosen(self, name: str, value: str, first: int | None = None, last: int = 0) -> Tweak:
        """With a choice, "region" or "look_at", at `value`: throughout, or in frames from `first`.

        Raises:
            SettingsError: `value` is none that the choice has.
        """
        value = checked_choice(name, value)
        now: Choice = getattr(self, name)
        new = Choice(value) if first is None else now.spanned(first, last, value)
        changed: dict[str, Any] = {name: new}
        return replace(self, **changed)

    def liking(self, key: LikeKey) -> Tweak:
        """With an expression from footage; one over the same frames is replaced."""
        return replace(self, likes=(*(k for k in self.likes if k.span != key.span), key))

    def cleared(self, name: str) -> Tweak:
        """With the control back at its default.

        Args:
            name: a control, or one of the names in `NONE_OF`.
        """
        if name in NONE_OF:
            field, none = NONE_OF[name]
            return replace(self, **{field: none})
        return self._with(name, Curve(control(name).default))

    def cutting(self, new: CutOut) -> Tweak:
        """With a cut-out; one of the same name is replaced."""
        return replace(self, cut_outs=with_cut_out(self.cut_outs, new))

    def not_cutting(self, name: str) -> Tweak:
        """Without the cut-out called `name`.  Raises SettingsError: there is none."""
        self.cut_out(name)
        return replace(self, cut_outs=tuple(one for one in self.cut_outs if one.name != name))

    def cut_out(self, name: str) -> CutOut:
        """The cut-out called `name`.  Raises SettingsError, which lists those there are."""
        for one in self.cut_outs:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in self.cut_outs)
        raise SettingsError(f"no cut-out is called {name!r}", hint=f"there are: {known or 'none'}")

    def mending(self, new: LandmarkKey) -> Tweak:
        """With a landmark at a place in one frame; what was set for it there is replaced."""
        kept = self.unmended(new.frame, new.index).landmarks
        return replace(self, landmarks=(*kept, new))

    def unmended(self, frame: int, index: int | None = None) -> Tweak:
        """Without what is set for a landmark at a frame, or for all of them there."""
        keys = (k for k in self.landmarks if k.frame != frame or index not in (None, k.index))
        return replace(self, landmarks=tuple(keys))

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

    @property
    def moving(self) -> Tweak:
        """What of it moves the mouth: all but what shapes the matte."""
        curves = tuple((name, curve) for name, curve in self.curves if name not in MATTE)
        return replace(self, curves=curves, cut_outs=())

    def matte_shape(self, frames: FrameRange) -> MatteShape | None:
        """How the matte is grown and feathered; None where it is as usual in all of `frames`."""
        if not any(self.overrides(name, frames) for name in MATTE):
            return None
        grow, feather = (np.asarray(self.at(name, frames), np.float32) for name in MATTE)
        return MatteShape(frames, grow, feather)

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


#: What can be cleared besides the controls: its name -> the field of Tweak, and its usual value.
NONE_OF: Mapping[str, tuple[str, Any]] = {
    "ease": ("ease", EASE),
    "viseme": ("visemes", ()),
    "contact": ("contacts", ()),
    "comp": ("comp", ()),
    "words": ("spoken", None),
    "cut_outs": ("cut_outs", ()),
    "landmarks": ("landmarks", ()),
    "like": ("likes", ()),
    **{name: (name, Choice(usual)) for name, usual in CHOICES.items()},
}


def viseme_of(text: str) -> str:
    """The viseme that `text` names: by its name ("closed", "lip-teeth") or by a phone ("m").

    >>> viseme_of("m"), viseme_of("sh"), viseme_of("lip-teeth")
    ('closed', 'hush', 'lip teeth')
    """
    name = text.strip().lower().replace("-", " ")
    phone = TYPED.get(name, name)
    return VISEMES[VISEME_OF[PHONES.index(phone)]] if phone in PHONES else name


def _others(spans: tuple[Span, ...], span: Span) -> tuple[Span, ...]:
    return tuple(s for s in spans if (s.first, s.last) != (span.first, span.last))
