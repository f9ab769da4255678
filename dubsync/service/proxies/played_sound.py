"""What is heard while a shot plays: its dub, and the plate's own sound under every retime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.errors import MediaError
from dubsync.core.shot import Shot, Stem
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.sound.stem import read_sound
from dubsync.service.stems.conform_stems import IN_PLACE, StemConform
from dubsync.service.stems.sound_keys import read_stem

HZ = 48000


@dataclass(frozen=True, slots=True, eq=False)
class PlayedSound:
    """Sound over record frames `record`, one channel each, full scale 1.

    dub, original  (N,) float32 at `rate` Hz; sample 0 is the start of the first record frame
    missing        what could not be read, and why; ""
    """

    record: FrameRange
    dub: Array
    original: Array
    rate: int = HZ
    missing: str = ""

    @property
    def start(self) -> Fraction:
        """Record seconds of sample 0."""
        return Fraction(self.record.start) / self.record.rate


def played_sound(
    shot: Shot,
    stems: Mapping[str, Stem],
    record: FrameRange,
    *,
    conform: StemConform = IN_PLACE,
    rate: int = HZ,
) -> PlayedSound:
    """The sound of `shot` over `record`; what cannot be read is silent, and said in `missing`.

    All stems are heard, also of characters who are off screen; a mixed stem once.
    """
    start = Fraction(record.start) / record.rate
    seconds = Fraction(len(record)) / record.rate
    missing: list[str] = []
    dub = np.zeros(ceil(seconds * rate), np.float32)
    moved = [conform.stem(stem, shot.name) for stem in stems.values()]
    for stem in {(stem.path, stem.heard): stem for stem in moved}.values():
        try:
            heard = read_stem(stem, start - stem.start, seconds, rate).samples
            dub[: len(heard)] += heard[: len(dub)]
        except MediaError as error:
            missing.append(str(error))
    original = np.zeros_like(dub)
    if shot.plate.has_sound and Path(shot.plate.path).exists():  # else its picture says so
        try:
            original = _original(shot, record, rate, len(dub))
        except MediaError as error:
            missing.append(str(error))
    return PlayedSound(record, dub, original, rate, "; ".join(missing))


def _original(shot: Shot, record: FrameRange, rate: int, length: int) -> Array:
    """(length,) the plate's sound on record time: faster, slower, backwards as the picture is."""
    plate, path = shot.plate.frames, Path(shot.plate.path)
    if shot.speed == plate.rate / record.rate:  # every sample as it is
        first = (shot.time.at(Fraction(record.start)) - plate.start) / plate.rate
        return _sized(read_sound(path, first=first, seconds=Fraction(length, rate), rate=rate)
                      .samples, length)  # fmt: skip
    frames = record.start + np.arange(length) * float(record.rate / rate)
    at = (_source_times(shot, frames) - plate.start) / float(plate.rate)
    low = max(Fraction(float(at.min())), Fraction(0))
    heard = read_sound(path, first=low, seconds=Fraction(float(at.max())) - low + 1, rate=rate)
    samples = np.asarray(heard.samples)
    places = np.arange(len(samples)) / rate + float(low)
    sound = np.interp(at, places, samples, left=0, right=0)
    sound[np.diff(at, append=at[-1:]) == 0] = 0  # a still picture has no sound
    return np.asarray(sound, np.float32)


def _source_times(shot: Shot, record: Array) -> Array:
    """Plate frames, with fractions, at record frames (N,); the end pieces go on beyond the ends."""
    keys = np.array([[float(r), float(s)] for r, s in shot.time.keyframes])
    speeds = np.diff(keys[:, 1]) / np.diff(keys[:, 0])
    piece = np.clip(np.searchsorted(keys[:, 0], record, side="right") - 1, 0, len(speeds) - 1)
    return np.asarray(keys[piece, 1] + (record - keys[piece, 0]) * speeds[piece])


def _sized(samples: Array, length: int) -> Array:
    made = np.zeros(length, np.float32)
    made[: len(samples)] = samples[:length]
    return made
