"""Whether a mouth depends on the level of its recording: the same sound, 20 dB softer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.drive.clips import Heard, stranger_head
from benchmarks.drive.trials import actor_from, driven
from benchmarks.sound_head import FOOTAGE
from dubsync.core.sound.audio import Sound
from dubsync.core.steps import AlignedAudio
from dubsync.engine.motion.motion_range import OPENING
from dubsync.media.sound.stem import read_sound
from dubsync.speech.audio_features import extract_features

DECIBELS = (-20.0, -40.0, 10.0)  #: the last clips
CLIPS = ("andrew_b_27s.mov", "obama_oval_20s.mov", "woman_braids_720p_24s.mp4")


@dataclass(frozen=True, slots=True)
class LevelRow:
    """The opening driven by a sound at another level, against the same at its own.

    alike      correlation
    off        mean distance, as a share of the range at its own level (1st to 95th percentile)
    deviation  over that at its own level
    """

    clip: str
    decibels: float
    alike: float
    off: float
    deviation: float


def level_rows(clips: Heard) -> Iterator[LevelRow]:
    """Never-seen mouths of CLIPS at each of DECIBELS."""
    for name in CLIPS:
        talk = clips[name]
        actor = actor_from([(talk.track, None)], stranger_head(clips, name), name)
        own = driven(actor, talk.in_sync)[:, OPENING]
        floor, top = np.percentile(own, [1, 95])
        sound = read_sound(Path(FOOTAGE / name))
        for decibels in DECIBELS:
            features = extract_features(_at(sound, decibels))
            other = driven(actor, AlignedAudio(features, talk.in_sync.times))[:, OPENING]
            yield LevelRow(
                name,
                decibels,
                float(np.corrcoef(own, other)[0, 1]),
                float(np.abs(own - other).mean() / (top - floor)),
                float(other.std() / own.std()),
            )


def _at(sound: Sound, decibels: float) -> Sound:
    samples = np.clip(sound.samples * 10 ** (decibels / 20), -1, 1)
    return replace(sound, samples=samples.astype(np.float32))
