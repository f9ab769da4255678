"""Features of a sound whose words a person set: what is said moves to where it is to be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.sound.long_rows import stretches
from dubsync.core.sound.phones import VISEME_OF
from dubsync.speech.forced_alignment import AlignedWord
from dubsync.speech.text_guided import apply_alignment

#: Raise when the same words would give other features; part of cache keys.
VERSION = "1"
#: A pause gives way for so many seconds beside a word that is moved, or all of it if shorter.
GIVES_S = 0.3
#: Seconds by which a phone may miss its sound and count as being where it is heard.
SAME_S = 0.002
#: Probability from which a reading shows what a phone is like in this voice; readings wanted.
CLEAR, ENOUGH = 0.5, 5

Values = NDArray[np.float64]
_FIELDS = ("mel", "loudness", "speech", "closure", "phones", "states")


@dataclass(frozen=True, slots=True)
class PlacedPhone:
    """A phone at seconds `begin` to `end`.

    phone  place in PHONES
    heard  seconds of its sound; None: it is not heard
    """

    phone: int
    begin: float
    end: float
    heard: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word at seconds `begin` to `end`, and its phones in order."""

    written: str
    begin: float
    end: float
    phones: tuple[PlacedPhone, ...]
    confidence: float
    by_hand: bool


def respoken(
    features: AudioFeatures, words: Sequence[PlacedWord], voice: AudioFeatures | None = None
) -> AudioFeatures:
    """`features` as if the words were said where they are placed.

    A phone brings the readings from where it is heard; the pauses beside it stretch or shrink.
    A phone that is heard nowhere gets the usual readings of its phone in this voice, or keeps
    what is there where the voice never says it.  Between the phones of a word by hand the readings
    run from one phone to the next.  Then the phones refine the features as those of a script do.

    Args:
        features: as heard, before any words.
        words: in order, none over another, on the features' clock.
        voice: where the voice is heard, for phones that it has nowhere else; None: `features`.
    """
    features = _with_unheard(_moved(features, words), voice or features, words)
    spoken = [
        AlignedWord(word.written, tuple((p.phone, p.begin, p.end) for p in word.phones),
                    word.confidence)
        for word in words if word.phones
    ]  # fmt: skip
    return apply_alignment(_parted(features, words), spoken)


def part_of(features: AudioFeatures, begin: float, end: float) -> AudioFeatures:
    """The readings from `begin` to `end`, seconds on the features' clock; all if none is there."""
    first, last = _span(begin, end, float(features.start), len(features.loudness))
    if last <= first or (first, last) == (0, len(features.loudness)):
        return features
    rows = {name: getattr(features, name)[first:last] for name in (*_FIELDS, "marks")}
    changed: dict[str, Any] = rows
    return replace(features, start=features.start + Fraction(first, READING_RATE), **changed)


def placed_times(times: Values, words: Sequence[PlacedWord]) -> Values:
    """(T,) when what is heard at `times` (T,) is to be said, seconds on the words' clock."""
    anchors = _anchors(words)
    if not any(abs(to - was) > SAME_S for to, was in anchors):
        return times
    rising = [anchors[0]]
    for to, was in anchors[1:]:
        if was > rising[-1][1] and to >= rising[-1][0]:
            rising.append((to, was))
    to_s, was_s = np.array(rising).T
    inside = (times >= was_s[0]) & (times <= was_s[-1])
    return np.asarray(np.where(inside, np.interp(times, was_s, to_s), times), np.float64)


def _moved(features: AudioFeatures, words: Sequence[PlacedWord]) -> AudioFeatures:
    """Each phone's readings from where it is heard."""
    anchors = _anchors(words)
    if not any(abs(to - was) > SAME_S for to, was in anchors) and not _gaps(words):
        return features
    clock, count = float(features.start), len(features.loudness)
    to, was = np.array(anchors).T
    first, last = _span(to.min() - GIVES_S, to.max() + GIVES_S, clock, count)
    at = clock + np.arange(first, last) / READING_RATE
    places = np.clip((np.interp(at, to, was) - clock) * READING_RATE, 0, count - 1)
    outside = (at < to[0]) | (at > to[-1])
    places[outside] = np.arange(first, last)[outside]
    same = np.abs(places - np.arange(first, last)) <= SAME_S * READING_RATE
    places[same] = np.arange(first, last)[same]
    changed: dict[str, Any] = {
        name: _at(np.asarray(getattr(features, name)), places, first) for name in _FIELDS
    }
    for begin, end in _gaps(words):
        a, b = _span(begin, end, clock, count)
        if a < 1 or b >= count or b - a < 1:
            continue
        share = (np.arange(a, b) - a + 1) / (b - a + 1)
        for values in changed.values():
            shares = share.reshape(-1, *(1,) * (values.ndim - 1))
            values[a:b] = values[a - 1] * (1 - shares) + values[b] * shares
    return replace(features, **changed)


def _anchors(words: Sequence[PlacedWord]) -> list[tuple[float, float]]:
    """(placed, heard) seconds of edges; between words the pause takes up the difference."""
    runs = []
    for word in words:
        edges = [
            pair
            for phone in word.phones
            if phone.heard is not None
            for pair in ((phone.begin, phone.heard[0]), (phone.end, phone.heard[1]))
        ]
        runs.append(edges or [(word.begin, word.begin), (word.end, word.end)])
    if not runs:
        return []
    first, last = min(runs[0][0]), max(runs[-1][-1])
    anchors = [(first - GIVES_S, first - GIVES_S)]
    for n, edges in enumerate(runs):
        if n:
            after = max(runs[n - 1][-1]) + GIVES_S
            before = min(edges[0]) - GIVES_S
            if after < before:
                anchors += [(after, after), (before, before)]
        anchors += edges
    return [*anchors, (last + GIVES_S, last + GIVES_S)]


def _gaps(words: Sequence[PlacedWord]) -> list[tuple[float, float]]:
    """Seconds between the phones of words by hand where no phone is."""
    return [
        (a.end, b.begin)
        for word in words
        if word.by_hand
        for a, b in zip(word.phones[:-1], word.phones[1:], strict=True)
        if b.begin - a.end > 1 / READING_RATE
    ]


def _with_unheard(
    features: AudioFeatures, heard: AudioFeatures, words: Sequence[PlacedWord]
) -> AudioFeatures:
    """The usual readings, in the voice as heard, of each phone that the dub does not have there."""
    unheard = [phone for word in words for phone in word.phones if phone.heard is None]
    if not unheard:
        return features
    names = ("states", "phones", "speech")
    changed: dict[str, Any] = {name: np.array(getattr(features, name)) for name in names}
    clock, count = float(features.start), len(features.loudness)
    for one in unheard:
        a, b = _span(one.begin, one.end, clock, count)
        usual = _usual(heard, one.phone)
        if usual is not None:
            changed["states"][a:b] = usual
        changed["phones"][a:b] = np.eye(changed["phones"].shape[1])[one.phone]
        changed["speech"][a:b] = 1
    return replace(features, **changed)


def _usual(features: AudioFeatures, phone: int) -> NDArray[np.float32] | None:
    """(64,) mean states of the phone in this voice, else of its viseme; None: it says neither."""
    alike = [n for n, viseme in enumerate(VISEME_OF) if viseme == VISEME_OF[phone]]
    parts = list(stretches(len(features.phones)))
    for among in ([phone], alike):
        clear = [features.phones[part][:, among].sum(axis=1) > CLEAR for part in parts]
        if sum(int(one.sum()) for one in clear) >= ENOUGH:
            said = [features.states[p][one] for p, one in zip(parts, clear, strict=True)]
            return np.asarray(np.concatenate(said).mean(axis=0), np.float32)
    return None


def _parted(features: AudioFeatures, words: Sequence[PlacedWord]) -> AudioFeatures:
    """No lips closed in a word by hand but where its phones close them."""
    closure = np.array(features.closure)
    for word in words:
        if word.by_hand and word.phones:
            a, b = _span(word.begin, word.end, float(features.start), len(closure))
            closure[a:b] = 0
    return replace(features, closure=closure)


def _at(values: NDArray[np.float32], places: Values, first: int) -> NDArray[np.float32]:
    """A copy of `values` whose readings from `first` on are those at `places`."""
    made = np.array(values)
    low = np.floor(places).astype(np.intp)
    high = np.minimum(low + 1, len(values) - 1)
    share = (places - low).astype(np.float32).reshape(-1, *(1,) * (values.ndim - 1))
    made[first : first + len(places)] = values[low] * (1 - share) + values[high] * share
    return made


def _span(begin: float, end: float, clock: float, count: int) -> tuple[int, int]:
    """First reading and one past the last, from `begin` to `end` seconds."""
    ends = (min(max(round((at - clock) * READING_RATE), 0), count) for at in (begin, end))
    first, last = ends
    return first, max(last, first)
