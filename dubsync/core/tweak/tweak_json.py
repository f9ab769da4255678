"""A Tweak as JSON values, for tweak files, render records and digests."""

from __future__ import annotations

from typing import Any

from dubsync.core.contact import ContactKey, contact_of
from dubsync.core.errors import SettingsError
from dubsync.core.tweak.choices import CHOICES, Choice, choice_from_plain, plain_choice
from dubsync.core.tweak.controls import CONTROLS, control
from dubsync.core.tweak.curve import EASE, Curve, Span, whole_frames
from dubsync.core.tweak.landmark_edit import LandmarkKey
from dubsync.core.tweak.like_key import like_from_plain, plain_like
from dubsync.core.tweak.matte_edit import SOFT, CutOut
from dubsync.core.tweak.spoken_track import track_from_plain, track_plain
from dubsync.core.tweak.take_comp import CompKey
from dubsync.core.tweak.tweak import Tweak, VisemeKey


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
    if tweak.comp:
        values["comp"] = [
            [key.first, key.last, key.source, key.text, key.line, key.place] for key in tweak.comp
        ]
    if tweak.spoken is not None:
        values["spoken"] = track_plain(tweak.spoken)
    if tweak.cut_outs:
        values["cut_outs"] = [_plain_cut_out(one) for one in tweak.cut_outs]
    if tweak.landmarks:
        values["landmarks"] = [
            [k.frame, k.index, float(k.x), float(k.y), float(k.reach)] for k in tweak.landmarks
        ]
    for name, usual in CHOICES.items():
        if getattr(tweak, name) != Choice(usual):
            values[name] = plain_choice(getattr(tweak, name))
    if tweak.likes:
        values["likes"] = [plain_like(key) for key in tweak.likes]
    if tweak.ease != EASE:
        values["ease"] = tweak.ease
    return values


def from_plain(values: object) -> Tweak:
    """The Tweak that `plain` wrote.  Raises SettingsError when `values` is anything else."""
    if not isinstance(values, dict):
        raise SettingsError(f"a tweak must be a table of controls, not {values!r:.60}")
    try:
        visemes = tuple(
            VisemeKey(whole_frames(first), whole_frames(last), str(viseme))
            for first, last, viseme in values.get("visemes", [])
        )
        contacts = tuple(
            ContactKey(whole_frames(first), whole_frames(last), contact_of(kind))
            for first, last, kind in values.get("contacts", [])
        )
        comp = tuple(
            CompKey(whole_frames(first), whole_frames(last), str(source), str(text), str(line),
                    whole_frames(place))
            for first, last, source, text, line, place in values.get("comp", [])
        )  # fmt: skip
        cut_outs = tuple(_cut_out(one) for one in values.get("cut_outs", []))
        landmarks = tuple(
            LandmarkKey(whole_frames(frame), whole_frames(index), float(x), float(y), float(reach))
            for frame, index, x, y, reach in values.get("landmarks", [])
        )
        choices = {name: choice_from_plain(name, values.get(name, usual))
                   for name, usual in CHOICES.items()}  # fmt: skip
        likes = tuple(like_from_plain(one) for one in values.get("likes", []))
        others = ("visemes", "contacts", "comp", "spoken", "cut_outs", "landmarks", "likes",
                  "ease", *CHOICES)  # fmt: skip
        curves = {name: _curve(value) for name, value in values.items() if name not in others}
        ease = whole_frames(values.get("ease", EASE))
        said = values.get("spoken")
        spoken = None if said is None else track_from_plain(said)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise SettingsError(f"this is not a tweak: {values!r:.80}") from error
    for name in curves:
        control(name)
    named = tuple((n, curves[n]) for n in CONTROLS if n in curves)
    return Tweak(
        named, visemes, ease, contacts, comp, spoken, cut_outs, landmarks, likes=likes, **choices
    )


def _curve(values: Any) -> Curve:
    if not isinstance(values, dict):
        return Curve(float(values))
    return Curve(
        float(values["value"]),
        tuple((whole_frames(frame), float(value)) for frame, value in values.get("keys", [])),
        tuple(
            Span(whole_frames(a), whole_frames(b), float(value))
            for a, b, value in values.get("spans", [])
        ),
    )


def _plain_cut_out(one: CutOut) -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": one.name,
        "keys": [
            [frame, [[float(x), float(y)] for x, y in outline]] for frame, outline in one.keys
        ],
    }
    values |= {} if one.first is None else {"first": one.first}
    values |= {} if one.last is None else {"last": one.last}
    values |= {} if one.shown else {"shown": False}
    return values if one.soft == SOFT else values | {"soft": float(one.soft)}


def _cut_out(values: Any) -> CutOut:
    first, last = values.get("first"), values.get("last")
    return CutOut(
        str(values["name"]),
        tuple(
            (whole_frames(frame), tuple((float(x), float(y)) for x, y in outline))
            for frame, outline in values["keys"]
        ),
        None if first is None else whole_frames(first),
        None if last is None else whole_frames(last),
        bool(values.get("shown", True)),
        float(values.get("soft", SOFT)),
    )
