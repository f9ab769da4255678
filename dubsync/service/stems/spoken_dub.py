"""The sound of a dub under one shot, with the words that are heard or those set by hand."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dubsync.core.script import LipMark
from dubsync.core.shot import Shot
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.sound.phones import PHONES
from dubsync.core.steps import TakeCue
from dubsync.core.tweak.spoken_track import SHORTEST, SpokenPhone, SpokenTrack, SpokenWord, rounded
from dubsync.core.tweak.take_comp import ShotWord
from dubsync.service.stems.shot_clock import ShotClock
from dubsync.service.stems.shot_words import SURE
from dubsync.speech.elastic.respoken import PlacedPhone, PlacedWord, part_of, placed_times, respoken
from dubsync.speech.forced_alignment import AlignedWord
from dubsync.speech.lip_marks import apply_marks
from dubsync.speech.text_guided import apply_alignment

#: Seconds of a stem that are kept before and after a shot whose words are by hand.
AROUND_S = 30.0


class DubSound:
    """A stem's features under a shot, with any words; use it in one thread.

    Features with words by hand are held for the newest few tracks, so that a tweak of anything
    else finds the very same ones.
    """

    HELD = 4

    def __init__(
        self, shot: Shot, features: AudioFeatures, words: Sequence[AlignedWord],
        marks: Sequence[LipMark],
    ) -> None:  # fmt: skip
        """
        Args:
            features: of the whole stem on record time, before any words.
            words: of the script, as they are heard.
            marks: lips that a person marked in the script.
        """
        self._shot, self._plain, self._words, self._marks = shot, features, tuple(words), marks
        self._held: OrderedDict[SpokenTrack | None, AudioFeatures] = OrderedDict()
        self._takes: OrderedDict[SpokenTrack, tuple[TakeCue, ...]] = OrderedDict()

    def features(self, track: SpokenTrack | None = None) -> AudioFeatures:
        """The features with the words of `track`; None: with those that are heard."""
        if track not in self._held:
            self._held[track] = self._made(track)
        self._held.move_to_end(track)
        while len(self._held) > self.HELD:
            self._held.popitem(last=False)
        return self._held[track]

    def takes(self, cues: Sequence[TakeCue], track: SpokenTrack) -> tuple[TakeCue, ...]:
        """The takes of this dub, spoken where `track` has their words."""
        if track not in self._takes:
            clock = ShotClock(self._shot)
            words = placed_words(track, clock, self._words) if clock.rising else []
            self._takes[track] = tuple(_take(cue, words) for cue in cues)
        self._takes.move_to_end(track)
        while len(self._takes) > self.HELD:
            self._takes.popitem(last=False)
        return self._takes[track]

    def _made(self, track: SpokenTrack | None) -> AudioFeatures:
        clock = ShotClock(self._shot) if track is not None else None
        if track is None or clock is None or not clock.rising:
            made = apply_alignment(self._plain, self._words) if self._words else self._plain
        else:
            words = placed_words(track, clock, self._words)
            made = respoken(part_of(self._plain, *_window(words, clock)), words, self._plain)
        return apply_marks(made, self._marks)


def _window(words: Sequence[PlacedWord], clock: ShotClock) -> tuple[float, float]:
    """Record seconds around the shot that are held with words by hand: a stem may be hours long."""
    first, last = clock.span
    own = [w for w in words if w.begin < last + AROUND_S and w.end > first - AROUND_S]
    begin = min([first, *(w.begin for w in own)])
    return begin - AROUND_S, max([last, *(w.end for w in own)]) + AROUND_S


def _take(cue: TakeCue, words: Sequence[PlacedWord]) -> TakeCue:
    """The take with its words where they are placed; the very same where none is moved."""
    times = np.asarray(cue.times, np.float64)
    placed = placed_times(times, words) if words else times
    if placed is times:
        return cue
    begin, end = placed_times(np.array(cue.span, np.float64), words)
    return replace(cue, times=placed, span=(float(begin), float(end)))


def placed_words(
    track: SpokenTrack, clock: ShotClock, heard: Sequence[AlignedWord]
) -> list[PlacedWord]:
    """The words of `track` on record time, and the words heard before and after the shot."""
    own = [_placed(word, clock) for word in track.words]
    first, last = clock.span
    low = min([first, *(word.begin for word in own)])
    high = max([last, *(word.end for word in own)])
    outside = [
        PlacedWord(
            word.written, word.begin, word.end,
            tuple(PlacedPhone(phone, a, b, (a, b)) for phone, a, b in word.phones),
            word.confidence, False,
        )
        for word in heard
        if word.confidence >= SURE and (word.end <= low or word.begin >= high)
    ]  # fmt: skip
    return _apart(sorted([*own, *outside], key=lambda word: word.begin))


def _apart(words: Sequence[PlacedWord]) -> list[PlacedWord]:
    """Without the words that begin before the one before them ends: heard words of two lines."""
    result: list[PlacedWord] = []
    for word in words:
        if not result or word.begin >= result[-1].end:
            result.append(word)
    return result


def _placed(word: SpokenWord, clock: ShotClock) -> PlacedWord:
    begin, end = clock.seconds((word.first, word.last))
    phones = []
    for phone in word.phones:
        a, b = clock.seconds((phone.first, phone.last))
        heard = None if phone.heard is None else clock.seconds(phone.heard)
        at = None if heard is None else (heard[0], heard[1])
        phones.append(PlacedPhone(PHONES.index(phone.symbol), a, b, at))
    return PlacedWord(word.text, begin, end, tuple(phones), word.confidence, word.by_hand)


def heard_track(shot: Shot, spoken: Mapping[str, Sequence[AlignedWord]]) -> SpokenTrack:
    """The words that are heard in `shot`, as a track of which nothing is by hand.

    Args:
        spoken: name of a line -> its words, on record time.
    """
    clock = ShotClock(shot)
    if not clock.rising:
        return SpokenTrack()
    first, last = clock.span
    every = sorted(
        ((word, line) for line, words in spoken.items() for word in words
         if word.confidence >= SURE and word.end > first and word.begin < last),
        key=lambda one: one[0].begin,
    )  # fmt: skip
    words: list[SpokenWord] = []
    for word, line in every:
        made = _as_heard(word, line, clock, words[-1].last if words else float("-inf"))
        if made is not None:
            words.append(made)
    return SpokenTrack(tuple(words))


def _as_heard(word: AlignedWord, line: str, clock: ShotClock, after: float) -> SpokenWord | None:
    """The word from edge `after` on; None where nothing of it is left."""
    phones = []
    for place, begin, end in word.phones:
        a, b = clock.frames((begin, end))
        a = max(rounded(a), after)
        if place and b - a >= SHORTEST:
            phones.append(SpokenPhone.at(PHONES[place], a, b))
            after = phones[-1].last
    if not phones:
        return None
    return SpokenWord(
        word.written[:200], phones[0].first, phones[-1].last, tuple(phones),
        min(max(word.confidence, 0.0), 1.0), False, line,
    )  # fmt: skip


def track_words(track: SpokenTrack) -> tuple[ShotWord, ...]:
    """The words of a track as those to choose takes for; phones without a word are left out."""
    result: list[ShotWord] = []
    places: dict[str, int] = {}
    for number, word in enumerate(track.words, 1):
        places[word.line] = places.get(word.line, 0) + 1
        first = round(word.first)
        last = max(round(word.last) - 1, first)
        result.append(ShotWord(number, word.text, word.line, places[word.line], first, last))
    return tuple(result)
