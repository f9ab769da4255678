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
    MotionRange,
    limit_to_range,
    motion_range_of,
    mouth_for_channels,
)
from dubsync.engine.sound import sound_head
from dubsync.engine.sound.av_offset import NATURAL_S
from dubsync.engine.sound.contacts import enforce_lips, lip_opening, lip_sounds, lips_apart
from dubsync.engine.sound.learn import generic_mouth, learn_sound
from dubsync.engine.sound.model import SoundMouth, head_mark, sound_inputs
from dubsync.engine.sound.sound_head import Head
from dubsync.engine.sound.speech_spans import talking

__all__ = ["SoundMouth", "drive_audio", "learn_sound", "predict_mouth"]

Values = NDArray[np.float64]

#: Gain of the head's own prediction, which is shrunk: 1 over the standard deviation of its
#: predictions for held-out people (benchmarks/sound_head.py prints it).
HEAD_GAIN = 1.45
MOST_DEVIATIONS = 3.0  #: clip of the predictions, standard deviations


def drive_audio(
    audio: AlignedAudio, sound: SoundMouth | None, basis: Basis, *, head: Head | None = None
) -> Array:
    """The mouth for a sound, (T, M) coefficients in `basis`.

    The prediction of the actor's own model is scaled back to the actor's range and mixed with the
    head's generic one, by how far the former is trusted. Lips meet where the sound closes them, as
    often as this actor's do, the lower one rises to the teeth in f and v; in silence the mouth
    rests, within 120 ms.

    Args:
        audio: the dub against the frames to drive.
        sound: result of `learn_sound`; None drives by the head alone.
        head: None: the shipped head; it must be the one that `sound` was learnt with.

    Raises:
        ModelError: `sound` was learnt with another head.
    """
    head = head or sound_head.shipped_head()
    if sound is None:
        sound = generic_mouth(motion_range_of(basis), head)
    if not np.array_equal(sound.head_mark, head_mark(head)):
        raise ModelError(
            "the actor was learnt with another sound head", hint="learn the actor again"
        )
    features = audio.features
    times = np.asarray(audio.times)
    first, last = _window(features, times)
    if last - first < 2:
        return np.zeros((len(times), len(sound.talking)), np.float32)
    grid = float(features.start) + np.arange(first, last) / READING_RATE
    mouth = _spoken_mouth(features, grid, sound, head)
    at = (times - grid[0]) * READING_RATE
    inside = (at > -1) & (at < len(grid))
    columns = [np.interp(at, np.arange(len(grid)), column) for column in mouth.T]
    return np.asarray(np.where(inside[:, None], np.stack(columns, axis=1), 0), np.float32)


def _window(features: AudioFeatures, times: Seconds) -> tuple[int, int]:
    """Readings from 0.3 s before the first frame to 0.3 s after the last."""
    at = (np.array([times.min() - 0.3, times.max() + 0.3]) - float(features.start)) * READING_RATE
    first, last = (int(v) for v in np.clip(np.rint(at), 0, len(features.loudness)))
    return first, last


def predict_mouth(
    features: AudioFeatures, times: Seconds, sound: SoundMouth, head: Head
) -> tuple[Values, Values]:
    """(T, 7) channels in the actor's own measure and (T, M) coefficients near them, without lip
    rules.

    Args:
        times: of the picture, rising, on the sound's clock.
    """
    at = times + NATURAL_S
    trust = float(sound.trust[0])
    hidden, generic = head.predict_at(features, at)
    near = sound.sound.predict(sound_inputs(features, at))
    predicted = (
        trust * sound.mix_predictions(near, hidden, generic) * sound.gain
        + (1 - trust) * HEAD_GAIN * generic
    )
    near = trust * near + (1 - trust) * np.asarray(sound.talking, np.float64)
    return np.clip(predicted, -MOST_DEVIATIONS, MOST_DEVIATIONS), near


def _spoken_mouth(features: AudioFeatures, grid: Seconds, sound: SoundMouth, head: Head) -> Values:
    """(G, M) at 100 Hz."""
    motion_range = sound.motion_range
    predicted, near = predict_mouth(features, grid, sound, head)
    wanted = _within_range(sound.middle + sound.deviation * predicted, motion_range)
    shut, teeth = lip_sounds(features, grid, predicted[:, OPENING], float(sound.closings[0]))
    apart = lips_apart(wanted[:, OPENING], motion_range)
    wanted[:, OPENING] = lip_opening(apart, shut, teeth, motion_range)
    slack = np.full(len(CHANNELS), np.inf)
    slack[[OPENING, WIDTH, JAW]] = 0.003, 0.01, 0.012
    mouth = limit_to_range(mouth_for_channels(wanted, near, motion_range, slack), motion_range)
    mouth = mouth * talking(features, grid)[:, None]
    mouth = gaussian_filter1d(mouth, 1.2, axis=0, mode="nearest")
    return enforce_lips(mouth, shut, teeth, motion_range)


def _within_range(wanted: Values, motion_range: MotionRange) -> Values:
    """Channels softly limited to the actor's own range, exceeding it by less than a quarter."""
    middle, half = (
        (motion_range.low + motion_range.high) / 2,
        np.maximum((motion_range.high - motion_range.low) / 2, 1e-3),
    )
    share = (wanted - middle) / half
    over = np.maximum(np.abs(share) - 0.9, 0)
    bent = np.where(over > 0, 0.9 + 0.35 * np.tanh(over / 0.35), np.abs(share))
    return np.asarray(middle + half * np.sign(share) * bent, np.float64)
