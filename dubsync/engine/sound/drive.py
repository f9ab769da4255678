"""Drive the mouth by sound: predictions of the actor's model and the generic head, lip rules."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from dubsync.core.arrays import Array
from dubsync.core.errors import ModelError
from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.sound.phones import LABIODENTAL, ROUNDED, VOWELS
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
from dubsync.engine.sound.av_offset import NATURAL_S, readings
from dubsync.engine.sound.learn import generic_mouth, learn_sound
from dubsync.engine.sound.model import SoundMouth, head_mark, sound_inputs
from dubsync.engine.sound.sound_head import Head
from dubsync.engine.sound.speech_spans import talking

__all__ = ["SoundMouth", "drive_audio", "learn_sound", "predict_mouth"]

Values = NDArray[np.float64]

LOWER_LIP = CHANNELS.index("lower_lip")

#: Closure evidence from which lips begin to close, and from which they meet; increase of its log
#: odds for each standard deviation by which the predicted mouth is closed; and the error
#: probability of all evidence, so that lips never close without evidence.
CLOSING, SHUT, LEANS, UNCERTAIN = 0.4, 0.6, 1.5, 0.02
#: Probability of f or v from which the lower lip rises to the teeth, and is there.
RISING, AT_TEETH = 0.25, 0.6
TEETH_SHARE = 0.22  #: opening in f and v, as a fraction of the actor's widest opening
#: Probability of a vowel from which lips begin to be kept apart, and from which they are; and the
#: least opening as a fraction of the actor's widest, rounded vowels and others.  Three of four real
#: vowels are wider (first quartiles .16 to .55, on clips not used for evaluation).
PARTING, PARTED = 0.4, 0.7
ROUND_SHARE, VOWEL_SHARE = 0.16, 0.3
#: Gain of the head's own prediction, which is shrunk: 1 over the standard deviation of its
#: predictions for held-out people (benchmarks/sound_head.py prints it).
HEAD_GAIN = 1.7
MOST_DEVIATIONS = 3.0  #: clip of the predictions, standard deviations


def drive_audio(
    audio: AlignedAudio, sound: SoundMouth | None, basis: Basis, *, head: Head | None = None
) -> Array:
    """The mouth for a sound, (T, M) coefficients in `basis`.

    The prediction of the actor's own model is scaled back to the actor's range and mixed with the
    head's generic one, by how far the former is trusted. Lips meet where the sound closes them, are
    apart in vowels, the lower one rises to the teeth in f and v; in silence the mouth rests, within
    120 ms.

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
    shut, teeth = _lip_sounds(features, grid, predicted[:, OPENING])
    parted = np.maximum(wanted[:, OPENING], _vowel_opening(features, grid, motion_range))
    wanted[:, OPENING] = _opening(parted, shut, teeth, motion_range)
    slack = np.full(len(CHANNELS), np.inf)
    slack[[OPENING, WIDTH, JAW]] = 0.003, 0.01, 0.012
    mouth = limit_to_range(mouth_for_channels(wanted, near, motion_range, slack), motion_range)
    mouth = mouth * talking(features, grid)[:, None]
    mouth = gaussian_filter1d(mouth, 1.2, axis=0, mode="nearest")
    return _enforce_lips(mouth, shut, teeth, motion_range)


def _lip_sounds(features: AudioFeatures, grid: Seconds, opening: Values) -> tuple[Values, Values]:
    """(G,) how far lips are closed, and how far the lower lip is at the teeth, 0..1.

    Args:
        opening: (G,) predicted, in the actor's own measure.
    """
    phones = np.asarray(features.phones, np.float64)
    biting = phones[:, sorted(LABIODENTAL)].sum(axis=1, keepdims=True)
    closure = np.asarray(features.closure, np.float64)[:, None]
    evidence = np.clip(readings(closure, features, grid)[:, 0], UNCERTAIN, 1 - UNCERTAIN)
    odds = evidence / (1 - evidence) * np.exp(-LEANS * np.clip(opening, -2, 2))
    shut = _eased_evidence(odds / (1 + odds), CLOSING, SHUT)
    teeth = _eased_evidence(readings(biting, features, grid)[:, 0], RISING, AT_TEETH)
    return shut, teeth


def _vowel_opening(features: AudioFeatures, grid: Seconds, motion_range: MotionRange) -> Values:
    """(G,) least opening that vowels need."""
    phones = readings(np.asarray(features.phones, np.float64), features, grid + NATURAL_S)
    result = np.zeros(len(grid))
    for vowels, share in ((VOWELS & ROUNDED, ROUND_SHARE), (VOWELS - ROUNDED, VOWEL_SHARE)):
        likely = phones[:, sorted(vowels)].sum(axis=1)
        result += share * np.clip((likely - PARTING) / (PARTED - PARTING), 0, 1)
    return result * max(float(motion_range.high[OPENING]), 0.0)


def _opening(opening: Values, shut: Values, teeth: Values, motion_range: MotionRange) -> Values:
    """(G,) opening, never below 0, after closures and f and v."""
    least = TEETH_SHARE * max(float(motion_range.high[OPENING]), 0.0)
    opening = np.maximum(opening, 0)
    opening = opening - teeth * np.maximum(opening - least, 0)
    return np.asarray(opening * (1 - shut), np.float64)


def _enforce_lips(mouth: Values, shut: Values, teeth: Values, motion_range: MotionRange) -> Values:
    """Lips that meet where they must, never cross, and touch the teeth in f and v."""
    shown = motion_range.channels(mouth)
    wanted = np.zeros((len(mouth), len(CHANNELS)))
    wanted[:, OPENING] = _opening(shown[:, OPENING], shut, teeth, motion_range)
    # The lower lip does all of the closing: it rises to the teeth, which the upper lip shows.
    wanted[:, LOWER_LIP] = shown[:, LOWER_LIP] - (shown[:, OPENING] - wanted[:, OPENING])
    slack = np.full((len(mouth), len(CHANNELS)), np.inf)
    slack[:, OPENING] = 1e-4
    slack[(teeth > shut) & (teeth > 0), LOWER_LIP] = 0.01
    fixed = mouth_for_channels(wanted, mouth, motion_range, slack)
    wrong = (shown[:, OPENING] < 0) | (shut > 0) | (teeth > 0)
    return np.asarray(np.where(wrong[:, None], fixed, mouth), np.float64)


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


def _eased_evidence(evidence: Values, begins: float, whole: float) -> Values:
    """(N,) closure strength, 0..1: full for at least 50 ms, eased in and out."""
    share = np.clip((evidence - begins) / (whole - begins), 0, 1)
    share = maximum_filter1d(np.where(share >= 1, 1.0, 0.6 * share), 5)
    return np.asarray(np.maximum(np.where(share >= 1, 1.0, 0.0), gaussian_filter1d(share, 1.5)))
