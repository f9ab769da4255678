"""What is heard under a shot, frame by frame: levels, words and phones.

Of a tweak only its words by hand change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import MediaError
from dubsync.core.shot import Plate, Shot, Stem
from dubsync.core.sound.audio import Sound
from dubsync.core.steps import AlignedAudio
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.spoken_track import SpokenTrack
from dubsync.core.tweak.take_comp import ShotWord
from dubsync.media.sound.stem import read_sound
from dubsync.qc.pictures.review_strip import Label, phone_labels, tone_of
from dubsync.service.preview.curve_values import (
    CharacterSound,
    Levels,
    ShotSound,
    SpokenPhone,
    SpokenWord,
)
from dubsync.service.reel.reel import Reel
from dubsync.service.stems.sound_keys import read_stem
from dubsync.service.stems.spoken_dub import DubSound
from dubsync.service.stems.word_times import spoken_words, usable_lines
from dubsync.service.store.folder import Store

LEVELS_HZ = 200  #: levels in a second, at least
HZ = 8000  #: at which sound is read for its levels


@dataclass(frozen=True, slots=True, eq=False)
class HeardShot:
    """The sound of one shot as heard.

    dubs   each character's dub
    times  (T,) record seconds of the shot's frames
    words  what comp lists number: those of a script, else stretches of speech
    """

    sound: ShotSound
    dubs: Mapping[str, DubSound]
    times: NDArray[np.float64]
    words: Mapping[str, tuple[ShotWord, ...]]

    def with_words(
        self, character: str, track: SpokenTrack | None
    ) -> tuple[CharacterSound, AlignedAudio]:
        """A character's dub on the shot's frames, with the words of `track`, or as heard."""
        sound = self.sound.characters[character]
        heard = AlignedAudio(self.dubs[character].features(track), self.times)
        if track is None:
            return sound, heard
        words = tuple(SpokenWord(one.text, one.first, one.last) for one in track.words if one.text)
        phones = tuple(
            SpokenPhone(one.symbol, one.first, one.last, tone_of(one.symbol), 1.0)
            for one in track.phones
        )
        return replace(sound, words=words, phones=phones), heard


def heard_shot(reel: Reel, shot: Shot) -> HeardShot:
    """Everything heard under `shot`.

    Raises:
        MediaError: a stem cannot be read.
    """
    each = max(ceil(LEVELS_HZ / shot.render.rate), 1)
    characters, dubs, comp_words = {}, {}, {}
    numbers = range(shot.render.start, shot.render.stop)
    times = np.array([float(shot.record_seconds(frame)) for frame in numbers])
    rising = len(times) > 1 and bool((np.diff(times) > 0).all())
    for character in shot.characters:
        stem = reel.stem(character, shot)
        dubs[character] = reel.audio_analysis.dub_sound(stem, shot)
        heard = AlignedAudio(dubs[character].features(), times)
        labels = phone_labels(heard.features, times) if rising else ()
        words = _words(reel.store, stem, shot, heard, shot.render) if rising else ()
        comp_words[character] = reel.audio_analysis.shot_words(stem, shot) if rising else ()
        characters[character] = CharacterSound(
            _dub_levels(stem, times, shot, each), words,
            tuple(_phone(label, shot.render.start) for label in labels),
        )  # fmt: skip
    original = _original_levels(shot.plate, shot.render, each)
    return HeardShot(ShotSound(characters, original, each), dubs, times, comp_words)


def _phone(label: Label, first: int) -> SpokenPhone:
    return SpokenPhone(
        label.text, first + label.first, first + label.last, label.tone, label.strength
    )


def _words(
    store: Store, stem: Stem, shot: Shot, heard: AlignedAudio, frames: FrameRange
) -> tuple[SpokenWord, ...]:
    """The script's words that sound while the shot is shown."""
    lines = usable_lines(shot.lines, stem)
    if not lines:
        return ()
    spoken = spoken_words(store, stem, lines, lambda: heard.features)
    ends = _ends(np.asarray(heard.times))
    numbers = np.arange(frames.start, frames.stop + 1)
    result = []
    for word in spoken:
        if word.end > ends[0] and word.begin < ends[-1]:
            first, last = np.interp([word.begin, word.end], ends, numbers)
            result.append(SpokenWord(word.written, float(first), float(last)))
    return tuple(result)


def _ends(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """(T + 1,) `times` (T,) and the end of the last frame."""
    step = float(times[-1] - times[-2]) if len(times) > 1 else 1 / 24
    return np.append(times, times[-1] + step)


def _dub_levels(stem: Stem, times: NDArray[np.float64], shot: Shot, each: int) -> Levels:
    """Levels of a stem under frames first shown at `times`, record seconds."""
    ends = _ends(times) if len(times) > 1 else times[[0, 0]] + [0, float(1 / shot.record.rate)]
    at = np.interp(np.arange(len(times) * each + 1) / each, np.arange(len(ends)), ends)
    first, seconds = _span(at)
    heard = read_stem(stem, first - stem.start, seconds, HZ)
    return _levels(at, Sound(heard.samples, HZ, heard.start + stem.start))


def _original_levels(plate: Plate, frames: FrameRange, each: int) -> Levels | None:
    """Levels of the plate's own sound; None for a silent plate."""
    if not plate.has_sound:
        return None
    at = np.arange(len(frames) * each + 1) / (each * float(frames.rate))
    at += float(Fraction(frames.start - plate.frames.start) / frames.rate)
    first, seconds = _span(at)
    try:
        return _levels(at, read_sound(Path(plate.path), first=first, seconds=seconds, rate=HZ))
    except MediaError:  # a plate gone offline: its picture says so
        return None


def _span(at: NDArray[np.float64]) -> tuple[Fraction, Fraction]:
    """(first, seconds) to read for levels at `at`, with a little on either side."""
    first = max(Fraction(float(at.min())) - Fraction(1, 10), Fraction(0))
    return first, Fraction(float(at.max())) + Fraction(1, 10) - first


def _levels(at: NDArray[np.float64], sound: Sound) -> Levels:
    """(N - 1, 2) lowest and highest sample between the times `at` (N,); 0 beyond the sound."""
    places = np.rint((at - float(sound.start)) * sound.sample_rate).astype(np.intp)
    places = np.clip(places, 0, len(sound.samples))
    low, high = np.minimum(places[:-1], places[1:]), np.maximum(places[:-1], places[1:])
    levels = np.zeros((len(low), 2), np.float32)
    for n in np.flatnonzero(high > low):
        part = sound.samples[low[n] : high[n]]
        levels[n] = part.min(), part.max()
    return levels
