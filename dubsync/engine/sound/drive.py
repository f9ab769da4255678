"""Drive the mouth by sound: predictions of the actor's model and the generic head, lip rules."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from dubsync.core.arrays import Array
from dubsync.core.errors import ModelError
from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.steps import AlignedAudio, Seconds
from dubsync.engine.motion.basis import Basis
from dubsync.engine.motion.fit import CHANNELS
from dubsync.engine.motion.motion_range import (
    JAW,
    OPENING,
    WIDTH,
    limit_to_range,
    motion_range_of,
    mouth_for_channels,
)
from dubsync.engine.sound import sound_head
from dubsync.engine.sound.contacts import enforce_lips, lip_opening, lip_sounds, lips_apart
from dubsync.engine.sound.known_heads import head_of
from dubsync.engine.sound.learn import generic_mouth, learn_sound
from dubsync.engine.sound.model import SoundMouth, head_mark
from dubsync.engine.sound.pauses import SILENCE_S, PauseWay, held_mouths, near_words
from dubsync.engine.sound.prediction import predict_mouth, within_range
from dubsync.engine.sound.sound_head import Head
from dubsync.engine.sound.speech_spans import talking

__all__ = ["SoundMouth", "drive_audio", "learn_sound", "predict_mouth"]

Values = NDArray[np.float64]

#: Seconds of sound heard before the first frame and after the last: a pause is held by all of it.
BESIDE_S = SILENCE_S + 0.3


def drive_audio(
    audio: AlignedAudio,
    sound: SoundMouth | None,
    basis: Basis,
    *,
    head: Head | None = None,
    apart: Values | float = 1.0,
) -> Array:
    """The mouth for a sound, (T, M) coefficients in `basis`.

    The prediction of the actor's own model is scaled back to the actor's range and mixed with the
    head's generic one, by how far the former is trusted. Lips meet where the sound closes them, as
    often as this actor's do, the lower one rises to the teeth in f and v. In a pause the mouth
    stands still within 120 ms, as far open as this actor's does (`pauses.py`); before and after the
    sound it is as in a silence.

    Args:
        audio: the dub against the frames to drive.
        sound: result of `learn_sound`; None drives by the head alone.
        head: None: the one that `sound` was learnt with; without `sound`, the one that ships.
        apart: (T,) or one number: how far lips are apart in pauses: 0 shut, 1 as the actor's,
            2 as in the actor's talk on average.

    Raises:
        ModelError: `sound` was learnt with another head.
    """
    if sound is None:
        head = head or sound_head.shipped_head()
        sound = generic_mouth(motion_range_of(basis), head)
    head = head or head_of(sound.head_mark)
    if not np.array_equal(sound.head_mark, head_mark(head)):
        raise ModelError(
            "the actor was learnt with another sound head", hint="learn the actor again"
        )
    features = audio.features
    times = np.asarray(audio.times)
    wanted = np.broadcast_to(np.asarray(apart, np.float64), times.shape)[:, None]
    silent = _parted(np.asarray(sound.silent, np.float64), wanted, sound)
    first, last = _window(features, times)
    if last - first < 2:
        return np.asarray(silent, np.float32)
    grid = float(features.start) + np.arange(first, last) / READING_RATE
    mouth = _mouth_on(features, first, grid, times, _on_grid(apart, times, grid), sound, head)
    at = (times - grid[0]) * READING_RATE
    inside = (at > -1) & (at < len(grid))
    columns = [np.interp(at, np.arange(len(grid)), column) for column in mouth.T]
    return np.asarray(np.where(inside[:, None], np.stack(columns, axis=1), silent), np.float32)


def _window(features: AudioFeatures, times: Seconds) -> tuple[int, int]:
    """Readings from BESIDE_S before the first frame to as long after the last."""
    ends = np.array([times.min() - BESIDE_S, times.max() + BESIDE_S])
    at = (ends - float(features.start)) * READING_RATE
    first, last = (int(v) for v in np.clip(np.rint(at), 0, len(features.loudness)))
    return first, last


def _on_grid(apart: Values | float, times: Seconds, grid: Seconds) -> Values:
    """(G,) `apart`, which belongs to `times`, at the readings' times."""
    order = np.argsort(times, kind="stable")
    values = np.broadcast_to(np.asarray(apart, np.float64), times.shape)
    return np.asarray(np.interp(grid, times[order], values[order]), np.float64)


def _parted(held: Values, apart: Values, sound: SoundMouth) -> Values:
    """(G, M) the held mouths, as far apart as `apart` (G, 1) says."""
    wider = np.maximum(apart - 1, 0)
    return np.minimum(apart, 1) * held + wider * (np.asarray(sound.talking, np.float64) - held)


def _mouth_on(
    features: AudioFeatures,
    first: int,
    grid: Seconds,
    frames: Seconds,
    apart: Values,
    sound: SoundMouth,
    head: Head,
) -> Values:
    """(G, M) at 100 Hz, from reading `first`; `frames` (T,) are the picture's."""
    motion_range = sound.motion_range
    predicted, near = predict_mouth(features, grid, sound, head)
    wanted = within_range(predicted, sound)
    way = PauseWay(float(sound.parted[0]), sound.silent, float(sound.trust[0]))
    held = held_mouths(wanted, near, features, first, way, motion_range)
    shut, teeth = (
        np.where(near_words(features)[first:][: len(grid)], share, 0)
        for share in lip_sounds(
            features, grid, predicted[:, OPENING], float(sound.closings[0]), frames
        )
    )
    least = lips_apart(wanted[:, OPENING], motion_range)
    wanted[:, OPENING] = lip_opening(least, shut, teeth, motion_range)
    slack = np.full(len(CHANNELS), np.inf)
    slack[[OPENING, WIDTH, JAW]] = 0.003, 0.01, 0.012
    mouth = limit_to_range(mouth_for_channels(wanted, near, motion_range, slack), motion_range)
    talk = talking(features, grid)[:, None]
    mouth = talk * mouth + (1 - talk) * _parted(held, apart[:, None], sound)
    mouth = gaussian_filter1d(mouth, 1.2, axis=0, mode="nearest")
    return enforce_lips(mouth, shut, teeth, motion_range)
