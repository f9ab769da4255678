"""A Tweak carried to another shot or character, or kept as a preset.

Values that hold throughout mean the same in every shot.  Keyframes, spans, visemes and contacts
stand on frames of one plate: they come along only when asked, moved to the other shot's frames.
Takes by hand, and words by hand, belong to the words of one line, cut-outs and mended
landmarks to one picture: they are never carried.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from dubsync.core.contact import ContactKey
from dubsync.core.errors import SettingsError
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.choices import CHOICES, Choice, ChoiceSpan, looked_at
from dubsync.core.tweak.controls import CONTROLS, MIX, control
from dubsync.core.tweak.curve import EASE, Curve, Span
from dubsync.core.tweak.like_key import LikeKey, moved_like
from dubsync.core.tweak.tweak import Tweak, VisemeKey

#: What else of a tweak can be carried, besides the controls.
OTHERS = ("viseme", "contact", "like", "region", "look_at", "ease")
_COMP = "they belong to the words of one shot"
_PICTURE = "they belong to the picture of one shot"
_FRAMES = "set at frames of another plate"
_SPANS = "its spans are set at frames of another plate"
_OUTSIDE = "beyond the frames of this shot"


@dataclass(frozen=True, slots=True)
class Carried:
    """The result of carrying.

    tweak  the other tweak, with what was carried
    names  what was carried: controls, "viseme", "contact", "ease"
    left   (name, reason) of what was not
    """

    tweak: Tweak
    names: tuple[str, ...] = ()
    left: tuple[tuple[str, str], ...] = ()


def carried_names(names: Collection[str]) -> tuple[str, ...]:
    """The things to carry that `names` lists, in order; all of them where it is empty.

    "mix" stands for take, sound and original.

    Raises:
        SettingsError: an unknown name.
    """
    every = (*CONTROLS, *OTHERS)
    wanted = {part for name in names for part in (MIX if name == "mix" else (name,))}
    if unknown := sorted(wanted.difference(every)):
        raise SettingsError(
            f"{', '.join(unknown)}: no such control to copy",
            hint=f"controls: {', '.join((*every, 'mix'))}",
        )
    return tuple(name for name in every if not wanted or name in wanted)


def carry(
    source: Tweak,
    onto: Tweak,
    *,
    only: Collection[str] = (),
    shift: int | None = None,
    frames: FrameRange | None = None,
) -> Carried:
    """`onto` with the settings of `source`; what `source` does not set stays.

    Args:
        only: controls to carry, see `carried_names`; one that `source` does not set is then reset.
        shift: frames to add to keys and spans, which are carried; None: they are left.
        frames: of the other shot; spans, visemes and contacts wholly outside them are left.

    Raises:
        SettingsError: an unknown name in `only`.
    """
    wanted, asked = carried_names(only), bool(only)
    outside: list[tuple[str, str]] = []
    if shift is not None and frames is not None:
        source, outside = _inside(source, frames, shift)
    result, left = onto, [("takes by hand", _COMP)] if source.comp and not asked else []
    left += [("words by hand", _COMP)] if source.spoken and not asked else []
    left += [("cut-outs", _PICTURE)] if source.cut_outs and not asked else []
    left += [("landmarks", _PICTURE)] if source.landmarks and not asked else []
    done = []
    for name in (name for name in wanted if name in CONTROLS):
        curve, usual = source.curve(name), Curve(control(name).default)
        if curve == usual and not asked:
            continue
        kept, why = _carried_curve(curve, shift)
        if why:
            left.append((name, why))
        if kept is not None and (kept != usual or asked):
            result = _with_curve(result, name, kept)
            done.append(name)
    for name in (name for name in wanted if name in OTHERS):
        result, moved, why = _carry_other(source, result, name, shift, asked)
        done += [name] if moved else []
        left += [(name, why)] if why else []
    left += [one for one in outside if one[0] in wanted]
    return Carried(result, tuple(done), tuple(left))


def _inside(tweak: Tweak, frames: FrameRange, shift: int) -> tuple[Tweak, list[tuple[str, str]]]:
    """`tweak` without what, moved by `shift`, lies wholly outside `frames`; names of the rest."""

    def there(one: Span | VisemeKey | ContactKey | ChoiceSpan | LikeKey) -> bool:
        if one.first is None or one.last is None:
            return True  # it holds throughout
        return one.first + shift < frames.stop and one.last + shift >= frames.start

    curves = tuple(
        (name, replace(curve, spans=tuple(filter(there, curve.spans))))
        for name, curve in tweak.curves
    )
    kept = replace(
        tweak,
        curves=tuple((n, c) for n, c in curves if c != Curve(control(n).default)),
        visemes=tuple(filter(there, tweak.visemes)),
        contacts=tuple(filter(there, tweak.contacts)),
        likes=tuple(filter(there, tweak.likes)),
        region=replace(tweak.region, spans=tuple(filter(there, tweak.region.spans))),
        look_at=replace(tweak.look_at, spans=tuple(filter(there, tweak.look_at.spans))),
    )
    lost = [name for name, curve in curves if curve != tweak.curve(name)]
    for name in (name for name in OTHERS if name != "ease"):
        field = name if name in CHOICES else f"{name}s"
        lost += [name] if getattr(kept, field) != getattr(tweak, field) else []
    return kept, [(name, _OUTSIDE) for name in lost]


def _carried_curve(curve: Curve, shift: int | None) -> tuple[Curve | None, str]:
    """The curve in the other shot, None where nothing of it holds there; what was left of it."""
    if curve.constant:
        return curve, ""
    if shift is not None:
        return _moved_curve(curve, shift), ""
    if curve.keys:
        return None, _FRAMES
    return Curve(curve.value), _SPANS


def _carry_other(
    source: Tweak, onto: Tweak, name: str, shift: int | None, asked: bool
) -> tuple[Tweak, bool, str]:
    """`onto` with one of OTHERS of `source`; whether anything was carried; why some was left."""
    if name == "ease":
        carried = source.ease != EASE or asked
        return replace(onto, ease=source.ease) if carried else onto, carried, ""
    if name in CHOICES:
        return _carry_choice(source, onto, name, shift, asked)
    field = f"{name}s"
    keys = getattr(source, field)
    if shift is None:
        kept = tuple(key for key in keys if key.first is None)
        why = _FRAMES if len(kept) < len(keys) else ""
    else:
        kept, why = tuple(_moved_key(key, shift) for key in keys), ""
    if not kept and (keys or not asked):
        return onto, False, why
    changed: dict[str, Any] = {field: kept}
    return replace(onto, **changed), True, why


def _carry_choice(
    source: Tweak, onto: Tweak, name: str, shift: int | None, asked: bool
) -> tuple[Tweak, bool, str]:
    """`onto` with a choice of `source`; a point to look at belongs to one picture."""
    choice: Choice = getattr(source, name)
    spans = tuple(s for s in choice.spans if looked_at(s.value) is None)
    value = choice.value if looked_at(choice.value) is None else CHOICES[name]
    why = _PICTURE if (value, spans) != (choice.value, choice.spans) else ""
    if spans and shift is None:
        spans, why = (), _SPANS
    kept = Choice(value, spans).moved(shift or 0)
    if kept == Choice(CHOICES[name]) and (not asked or why):
        return onto, False, why
    changed: dict[str, Any] = {name: kept}
    return replace(onto, **changed), True, why


def _moved_key(key: VisemeKey | ContactKey | LikeKey, by: int) -> VisemeKey | ContactKey | LikeKey:
    if isinstance(key, LikeKey):
        return moved_like(key, by)
    return replace(key, first=key.first + by, last=key.last + by)


def moved(tweak: Tweak, by: int) -> Tweak:
    """`tweak` with everything that stands on frames moved by so many frames."""
    return Tweak(
        tuple((name, _moved_curve(curve, by)) for name, curve in tweak.curves),
        tuple(replace(key, first=key.first + by, last=key.last + by) for key in tweak.visemes),
        tweak.ease,
        tuple(replace(key, first=key.first + by, last=key.last + by) for key in tweak.contacts),
        tuple(replace(key, first=key.first + by, last=key.last + by) for key in tweak.comp),
        tweak.spoken and tweak.spoken.moved(by),
        tuple(one.moved(by) for one in tweak.cut_outs),
        tuple(replace(key, frame=key.frame + by) for key in tweak.landmarks),
        tweak.region.moved(by),
        tweak.look_at.moved(by),
        tuple(moved_like(key, by) for key in tweak.likes),
    )


def _moved_curve(curve: Curve, by: int) -> Curve:
    return Curve(
        curve.value,
        tuple((frame + by, value) for frame, value in curve.keys),
        tuple(replace(s, first=s.first + by, last=s.last + by) for s in curve.spans),
    )


def _with_curve(tweak: Tweak, name: str, curve: Curve) -> Tweak:
    curves = {**dict(tweak.curves), name: curve}
    changed = {n: c for n, c in curves.items() if c != Curve(control(n).default)}
    return replace(tweak, curves=tuple((n, changed[n]) for n in CONTROLS if n in changed))
