"""How much of music, noise and voices moves the mouth: on held-out sounds, and on real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.hearing.manners import MANNERS
from benchmarks.hearing.noises import NOISES
from benchmarks.hearing.notes import MUSIC, RATE, Dice, Samples, in_room, unit
from benchmarks.hearing.other_music import OTHER_MUSIC
from benchmarks.hearing.scenes import telephone, voices_track
from dubsync.core.errors import DubsyncError
from dubsync.core.sound.audio import AudioFeatures, Sound
from dubsync.core.steps import AlignedAudio
from dubsync.engine.motion.basis import Basis
from dubsync.engine.motion.fit import channels, mouth_shape
from dubsync.engine.motion.motion_range import JAW, OPENING
from dubsync.engine.sound.drive import drive_audio
from dubsync.service.stems.channels import own_dialogue
from dubsync.speech.audio_features import extract_features, spectra_of, speech_probability
from dubsync.speech.lines import SPOKEN

PIECES, PIECE_S = 4, 10.0
FIRST_SEED = 70000  #: of music, noise and voices that taught nothing
FRAME_RATE = 25
MOVES_SHARE = 0.02  #: of the span in plain speech, frame to frame: motion, as in qc/driven_mouth
TURNS_SHARE = 0.1  #: of that span: a smaller turn of the opening is no chatter
ALONE_S = 0.2  #: what is this near to a voice is no music-only frame

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of sound.

    before  share of it that counted as speech by level and voicing alone
    heard   share that counts now
    moving  share of its frames in which the mouth moves
    turns   changes of direction of the opening a second
    """

    kind: str
    before: float
    heard: float
    moving: float
    turns: float


class Mouth:
    """Drives one face by the head alone, and measures how it moves."""

    def __init__(self, basis: Basis, speech: Samples) -> None:
        self._basis = basis
        driven = self.channels(_features(speech))
        self._span = np.ptp(np.percentile(driven, [5, 95], axis=0), axis=0)

    def channels(self, features: AudioFeatures) -> Values:
        """(T, 2) opening and jaw."""
        times = np.arange(0, len(features.speech) / 100, 1 / FRAME_RATE)
        mouth = drive_audio(AlignedAudio(features, times), None, self._basis)
        shown = channels(self._basis.rest + mouth_shape(mouth, self._basis)).stacked()
        return np.asarray(shown[:, [OPENING, JAW]], np.float64)

    def moving(self, features: AudioFeatures) -> NDArray[np.bool_]:
        """(T,) whether the mouth moves from the frame before."""
        steps = np.abs(np.diff(self.channels(features), axis=0, prepend=0))
        steps[0] = 0
        return np.asarray((steps > MOVES_SHARE * self._span).any(axis=1), bool)

    def turns(self, features: AudioFeatures) -> float:
        """Changes of direction of the opening, a second of speech."""
        opening = self.channels(features)[:, 0]
        spoken = float((np.asarray(features.speech) > SPOKEN).sum()) / 100
        return turns(opening, TURNS_SHARE * float(self._span[0])) / max(spoken, 1.0)


def turns(curve: Values, least: float) -> int:
    """How often `curve` turns by more than `least`."""
    count, up, low, high = 0, True, curve[0], curve[0]
    for value in curve:
        high, low = (max(high, value), low) if up else (high, min(low, value))
        if up and value < high - least:
            count, up, low = count + 1, False, value
        elif not up and value > low + least:
            count, up, high = count + 1, True, value
    return count


def alone(mouth: Mouth) -> Iterator[Row]:
    """Music and noise without a voice, by kind; kinds that taught nothing first."""
    for kinds in (OTHER_MUSIC, MUSIC, NOISES):
        for name, kind in kinds.items():
            features = [_features(_piece(kind, n)) for n in range(PIECES)]
            yield _row(name, features, [_before(_piece(kind, n)) for n in range(PIECES)], mouth)


def mixed(mouth: Mouth, lines: Sequence[Samples]) -> Iterator[tuple[str, float, float, float]]:
    """Voices with music beneath: (manner, share of the voice heard, share of the music-only time
    heard, share of music-only frames in which the mouth moves)."""
    kinds = [kind for name, kind in OTHER_MUSIC.items() if name != "talk_box"]
    for manner in MANNERS:
        hit, false, moved = [], [], []
        for n, kind in enumerate(kinds):
            dice = np.random.default_rng(FIRST_SEED + n)
            track, voice = voices_track(dice, lines, MANNERS[manner], 12.0, 0.8)
            bed = unit(kind(dice, 12.0))[: len(track)]
            sound = track + 0.25 * np.pad(bed, (0, len(track) - len(bed)))
            features = _features(0.1 * sound)
            heard = np.asarray(features.speech) > SPOKEN
            hit.append(heard[voice == 1])
            false.append(heard[voice == 0])
            frames = np.arange(len(mouth.moving(features))) * 100 // FRAME_RATE
            moved.append(mouth.moving(features)[_aside(voice)[frames]])
        yield (
            manner,
            *(float(np.concatenate(x).mean()) for x in (hit, false, moved)),
        )


def _aside(voice: NDArray[np.int8]) -> NDArray[np.bool_]:
    near = np.convolve(voice != 0, np.ones(2 * int(ALONE_S * 100) + 1), "same") > 0
    return ~near


def spoilt(mouth: Mouth, lines: Sequence[Samples]) -> Iterator[Row]:
    """Plain lines spoilt in ways that dubs are, and voices in other manners."""
    dice = np.random.default_rng(FIRST_SEED)
    plain, _ = voices_track(dice, lines, MANNERS["plain"], 20.0, 0.2)
    other, _ = voices_track(dice, lines[::-1], MANNERS["plain"], 20.0, 0.2)
    ways: dict[str, Samples] = {
        "as recorded": plain,
        "clipped by 12 dB": np.clip(plain, -0.7, 0.7),
        "telephone": telephone(plain),
        "in a hall": in_room(np.random.default_rng(3), in_room(np.random.default_rng(2), plain)),
        "in noise, 5 dB": plain + 0.5 * dice.normal(size=len(plain)),
        "two at once": plain + other,
    }
    for manner in MANNERS:
        if manner != "plain":
            track, _ = voices_track(np.random.default_rng(5), lines, MANNERS[manner], 20.0, 0.2)
            ways[manner] = track
    for name, sound in ways.items():
        yield _row(name, [_features(0.1 * sound)], [_before(0.1 * sound)], mouth)


def real(folders: Sequence[Path]) -> Iterator[tuple[str, float, float, float, float]]:
    """(file, seconds, seconds of speech by level and voicing alone, now, gone of the first)."""
    for folder in folders:
        for path in sorted(p for p in folder.iterdir() if p.is_file()):
            samples = _heard(path)
            if samples is None:
                continue
            old = _before(samples)
            new = np.asarray(_features(samples).speech) > SPOKEN
            yield (
                path.name, len(samples) / RATE, old.sum() / 100, new.sum() / 100,
                (old & ~new).sum() / 100,
            )  # fmt: skip


def _heard(path: Path) -> Samples | None:
    try:
        return np.asarray(own_dialogue(path).samples, np.float64)
    except DubsyncError:  # silent, or no medium
        return None


def _piece(kind: Callable[[Dice, float], Samples], n: int) -> Samples:
    dice = np.random.default_rng(FIRST_SEED + n)
    sound = unit(kind(dice, PIECE_S)) * 10 ** (dice.uniform(-35, -12) / 20)
    return sound + 1e-4 * dice.normal(size=len(sound))


def _features(samples: Samples) -> AudioFeatures:
    return extract_features(Sound(np.clip(samples, -1, 1).astype(np.float32), RATE))


def _before(samples: Samples) -> NDArray[np.bool_]:
    spectra = spectra_of(np.clip(samples, -1, 1).astype(np.float32))
    return speech_probability(spectra.level, spectra.voiced) > SPOKEN


def _row(
    name: str, features: Sequence[AudioFeatures], before: Sequence[NDArray[np.bool_]], mouth: Mouth
) -> Row:
    heard = np.concatenate([np.asarray(f.speech) > SPOKEN for f in features])
    moving = np.concatenate([mouth.moving(f) for f in features])
    return Row(
        name, float(np.concatenate(before).mean()), float(heard.mean()), float(moving.mean()),
        float(np.mean([mouth.turns(f) for f in features])),
    )  # fmt: skip
