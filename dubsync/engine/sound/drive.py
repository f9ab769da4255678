"""Sound to mouth: what this actor's speech and anybody's tell of it, then the rules of the lips."""

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
    held_back,
    mouth_with,
    reach,
)
from dubsync.engine.sound import sound_head
from dubsync.engine.sound.av_offset import NATURAL_S, readings
from dubsync.engine.sound.learn import learn_sound, unheard
from dubsync.engine.sound.model import SoundMouth, features, head_mark
from dubsync.engine.sound.sound_head import Head
from dubsync.engine.sound.speech_spans import talking

__all__ = ["SoundMouth", "drive_audio", "learn_sound", "predict_mouth"]

Values = NDArray[np.float64]

LOWER_LIP = CHANNELS.index("lower_lip")

#: Closure evidence from which lips begin to close, and from which they meet; by how much its odds
#: (natural logarithm) rise for each deviation that the mouth was to close by anyway; and the
#: chance of being wrong that all evidence has, so that nothing shuts lips without evidence.
CLOSING, SHUT, LEANS, UNCERTAIN = 0.4, 0.6, 1.5, 0.02
#: Probability of f or v from which the lower lip rises to the teeth, and is there.
RISING, AT_TEETH = 0.25, 0.6
TEETH_SHARE = 0.22  #: of the actor's widest opening that lips leave apart in f and v
#: Probability of a vowel from which lips begin to be kept apart, and from which they are; and how
#: far at least, as a share of the actor's widest opening, rounded vowels and others.  Three of four
#: real vowels are wider (first quartiles .16 to .55, on clips that nobody is judged by).
PARTING, PARTED = 0.4, 0.7
ROUND_SHARE, VOWEL_SHARE = 0.16, 0.3
#: What gives the head's own answer its range back, channel by channel: 1 over the deviation of
#: what it said of people it had not learnt from (benchmarks/sound_head.py prints it).
HEAD_GAIN = 1.7
MOST_DEVIATIONS = 3.0  #: of what is told, before anything else holds it back


def drive_audio(
    heard: AlignedAudio, sound: SoundMouth | None, basis: Basis, *, head: Head | None = None
) -> Array:
    """The mouth that says what is heard, (T, M) coefficients in `basis`.

    What the actor's own speech taught is brought back to their own range and mixed with what the
    head tells of anybody, by how far it is trusted.  Lips meet where the sound closes them, are
    apart in vowels, the lower one rises to the teeth in f and v; in silence the mouth rests, within
    120 ms.

    Args:
        heard: the dub against the frames to drive.
        sound: what `learn_sound` gave; None drives by the head alone.
        head: another than the shipped one; the one that `sound` was learnt with.

    Raises:
        ModelError: `sound` was learnt with another head.
    """
    head = head or sound_head.anybody()
    if sound is None:
        sound = unheard(reach(basis), head)
    if not np.array_equal(sound.head_mark, head_mark(head)):
        raise ModelError("the actor's mouth was learnt with another head", hint="learn it again")
    hearing = heard.hearing
    times = np.asarray(heard.times)
    first, last = _window(hearing, times)
    if last - first < 2:
        return np.zeros((len(times), len(sound.talking)), np.float32)
    grid = float(hearing.start) + np.arange(first, last) / READING_RATE
    mouth = _spoken_mouth(hearing, grid, sound, head)
    at = (times - grid[0]) * READING_RATE
    inside = (at > -1) & (at < len(grid))
    columns = [np.interp(at, np.arange(len(grid)), column) for column in mouth.T]
    return np.asarray(np.where(inside[:, None], np.stack(columns, axis=1), 0), np.float32)


def _window(hearing: AudioFeatures, times: Seconds) -> tuple[int, int]:
    """Readings from 0.3 s before the first frame to 0.3 s after the last."""
    at = (np.array([times.min() - 0.3, times.max() + 0.3]) - float(hearing.start)) * READING_RATE
    first, last = (int(v) for v in np.clip(np.rint(at), 0, len(hearing.loudness)))
    return first, last


def predict_mouth(
    hearing: AudioFeatures, times: Seconds, sound: SoundMouth, head: Head
) -> tuple[Values, Values]:
    """(T, 7) channels in the actor's own measure and (T, M) coefficients near them, no rules yet.

    Args:
        times: of the picture, rising, on the hearing's clock.
    """
    heard_at = times + NATURAL_S
    trust = float(sound.trust[0])
    seen, anybody = head.listens(hearing, heard_at)
    near = sound.sound.tells(features(hearing, heard_at))
    told = trust * sound.own(near, seen, anybody) * sound.gain + (1 - trust) * HEAD_GAIN * anybody
    near = trust * near + (1 - trust) * np.asarray(sound.talking, np.float64)
    return np.clip(told, -MOST_DEVIATIONS, MOST_DEVIATIONS), near


def _spoken_mouth(hearing: AudioFeatures, grid: Seconds, sound: SoundMouth, head: Head) -> Values:
    """(G, M) at 100 Hz."""
    actor = sound.reach
    told, near = predict_mouth(hearing, grid, sound, head)
    wanted = _inside(sound.middle + sound.deviation * told, actor)
    shut, teeth = _lip_sounds(hearing, grid, told[:, OPENING])
    parted = np.maximum(wanted[:, OPENING], _apart(hearing, grid, actor))
    wanted[:, OPENING] = _opening(parted, shut, teeth, actor)
    slack = np.full(len(CHANNELS), np.inf)
    slack[[OPENING, WIDTH, JAW]] = 0.003, 0.01, 0.012
    mouth = held_back(mouth_with(wanted, near, actor, slack), actor)
    mouth = mouth * talking(hearing, grid)[:, None]
    mouth = gaussian_filter1d(mouth, 1.2, axis=0, mode="nearest")
    return _lips_right(mouth, shut, teeth, actor)


def _lip_sounds(hearing: AudioFeatures, grid: Seconds, opening: Values) -> tuple[Values, Values]:
    """(G,) how far lips are shut, and how far the lower one is at the teeth, 0..1.

    Args:
        opening: (G,) as told, in the actor's own measure.
    """
    phones = np.asarray(hearing.phones, np.float64)
    biting = phones[:, sorted(LABIODENTAL)].sum(axis=1, keepdims=True)
    closing = np.asarray(hearing.closure, np.float64)[:, None]
    evidence = np.clip(readings(closing, hearing, grid)[:, 0], UNCERTAIN, 1 - UNCERTAIN)
    odds = evidence / (1 - evidence) * np.exp(-LEANS * np.clip(opening, -2, 2))
    shut = _eased(odds / (1 + odds), CLOSING, SHUT)
    teeth = _eased(readings(biting, hearing, grid)[:, 0], RISING, AT_TEETH)
    return shut, teeth


def _apart(hearing: AudioFeatures, grid: Seconds, actor: MotionRange) -> Values:
    """(G,) opening that vowels ask for at least."""
    phones = readings(np.asarray(hearing.phones, np.float64), hearing, grid + NATURAL_S)
    result = np.zeros(len(grid))
    for vowels, share in ((VOWELS & ROUNDED, ROUND_SHARE), (VOWELS - ROUNDED, VOWEL_SHARE)):
        likely = phones[:, sorted(vowels)].sum(axis=1)
        result += share * np.clip((likely - PARTING) / (PARTED - PARTING), 0, 1)
    return result * max(float(actor.high[OPENING]), 0.0)


def _opening(opening: Values, shut: Values, teeth: Values, actor: MotionRange) -> Values:
    """(G,) the opening, never below 0, that lips leave where sounds need them."""
    least = TEETH_SHARE * max(float(actor.high[OPENING]), 0.0)
    opening = np.maximum(opening, 0)
    opening = opening - teeth * np.maximum(opening - least, 0)
    return np.asarray(opening * (1 - shut), np.float64)


def _lips_right(mouth: Values, shut: Values, teeth: Values, actor: MotionRange) -> Values:
    """Lips that meet where they must, never cross, and bite where f and v are said."""
    shown = actor.channels(mouth)
    wanted = np.zeros((len(mouth), len(CHANNELS)))
    wanted[:, OPENING] = _opening(shown[:, OPENING], shut, teeth, actor)
    # It is the lower lip that rises, by all that closes the mouth; the upper one shows the teeth.
    wanted[:, LOWER_LIP] = shown[:, LOWER_LIP] - (shown[:, OPENING] - wanted[:, OPENING])
    slack = np.full((len(mouth), len(CHANNELS)), np.inf)
    slack[:, OPENING] = 1e-4
    slack[(teeth > shut) & (teeth > 0), LOWER_LIP] = 0.01
    fixed = mouth_with(wanted, mouth, actor, slack)
    wrong = (shown[:, OPENING] < 0) | (shut > 0) | (teeth > 0)
    return np.asarray(np.where(wrong[:, None], fixed, mouth), np.float64)


def _inside(wanted: Values, actor: MotionRange) -> Values:
    """Channels bent back softly beyond the actor's own range: never over it by a quarter."""
    middle, half = (actor.low + actor.high) / 2, np.maximum((actor.high - actor.low) / 2, 1e-3)
    share = (wanted - middle) / half
    over = np.maximum(np.abs(share) - 0.9, 0)
    bent = np.where(over > 0, 0.9 + 0.35 * np.tanh(over / 0.35), np.abs(share))
    return np.asarray(middle + half * np.sign(share) * bent, np.float64)


def _eased(evidence: Values, begins: float, whole: float) -> Values:
    """(N,) how far lips obey, 0..1: whole for at least 50 ms, eased in and out."""
    share = np.clip((evidence - begins) / (whole - begins), 0, 1)
    share = maximum_filter1d(np.where(share >= 1, 1.0, 0.6 * share), 5)
    return np.asarray(np.maximum(np.where(share >= 1, 1.0, 0.0), gaussian_filter1d(share, 1.5)))
