"""A Tweak, set on a plate's frames, on the moments that those show."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from dubsync.core.reading.moments import Moments
from dubsync.core.tweak.choices import Choice
from dubsync.core.tweak.curve import MOST_EASE, Curve
from dubsync.core.tweak.landmark_edit import LandmarkKey
from dubsync.core.tweak.matte_edit import CutOut
from dubsync.core.tweak.spoken_track import SpokenPhone, SpokenTrack, SpokenWord, rounded
from dubsync.core.tweak.tweak import Tweak


def tweak_by_moment(tweak: Tweak, moments: Moments) -> Tweak:
    """`tweak` with everything that stands on frames on their moments."""
    landmarks: dict[tuple[int, int], LandmarkKey] = {}
    for key in tweak.landmarks:
        at = moments.first(key.frame)
        landmarks[at, key.index] = replace(key, frame=at)
    return Tweak(
        tuple((name, _curve(curve, moments)) for name, curve in tweak.curves),
        tuple(_spanned(key, moments) for key in tweak.visemes),
        min(round(tweak.ease * moments.per_frame), MOST_EASE),
        tuple(_spanned(key, moments) for key in tweak.contacts),
        tuple(_spanned(key, moments) for key in tweak.comp),
        tweak.spoken and _spoken(tweak.spoken, moments),
        tuple(_cut_out(one, moments) for one in tweak.cut_outs),
        tuple(landmarks.values()),
        _choice(tweak.region, moments),
        _choice(tweak.look_at, moments),
        tuple(_spanned(key, moments) for key in tweak.likes),
    )


def _spanned(key: Any, moments: Moments) -> Any:
    """A key over frames `first` to `last`; one of the whole shot stays."""
    if key.first is None or key.last is None:
        return key
    return replace(key, first=moments.first(key.first), last=moments.last(key.last))


def _curve(curve: Curve, moments: Moments) -> Curve:
    keys = {moments.first(frame): value for frame, value in curve.keys}
    spans = tuple(_spanned(span, moments) for span in curve.spans)
    return Curve(curve.value, tuple(sorted(keys.items())), spans)


def _choice(choice: Choice, moments: Moments) -> Choice:
    return replace(choice, spans=tuple(_spanned(span, moments) for span in choice.spans))


def _cut_out(one: CutOut, moments: Moments) -> CutOut:
    keys = {moments.first(frame): outline for frame, outline in one.keys}
    return replace(
        one,
        keys=tuple(sorted(keys.items())),
        first=None if one.first is None else moments.first(one.first),
        last=None if one.last is None else moments.last(one.last),
    )


def _spoken(track: SpokenTrack, moments: Moments) -> SpokenTrack:
    def edge(at: float) -> float:
        return rounded(float(moments.edge(Fraction(at))))

    def phone(one: SpokenPhone) -> SpokenPhone:
        heard = one.heard and (edge(one.heard[0]), edge(one.heard[1]))
        return SpokenPhone(one.symbol, edge(one.first), edge(one.last), heard)

    return SpokenTrack(
        tuple(
            SpokenWord(w.text, edge(w.first), edge(w.last), tuple(map(phone, w.phones)),
                       w.confidence, w.by_hand, w.line)
            for w in track.words
        )
    )  # fmt: skip
