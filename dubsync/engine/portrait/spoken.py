"""Speech on a still: the mouth as it is heard, with blinks, accents and a little movement."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from dubsync.core.face import FaceTrack
from dubsync.core.sound.audio import READING_RATE
from dubsync.core.steps import AlignedAudio, Seconds
from dubsync.engine.geometry.lips import gaps, meet
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.portrait.channels import moves_of
from dubsync.engine.sound.drive import drive_audio
from dubsync.engine.sound.speech_spans import talking
from dubsync.engine.still.driver_motion import DriverMove

Values = NDArray[np.float64]

#: Seconds between blinks: the least, and the mean of what is added (people who talk: 15 to 25 a
#: minute; Bentivoglio 1997, "Analysis of blink rate patterns in normal subjects").
LEAST_APART_S, MORE_APART_S = 1.6, 1.8
#: Seconds in which lids fall, stay and rise.
FALL_S, SHUT_S, RISE_S = 0.08, 0.05, 0.17
#: Movement of a head that talks, degrees: sway, and nods with loud syllables.
SWAY = {"yaw": 1.6, "pitch": 1.0, "roll": 0.8}
NOD = 1.2
#: Sway is slower than this, seconds.
SLOW_S = 0.9


def spoken_moves(face: FaceTrack, dub: AlignedAudio, seed: int, start: Values) -> list[DriverMove]:
    """A move for each frame of `dub`.

    Args:
        face: of the still, a track of one frame.
        seed: chooses blinks and sway.
        start: (478, 3) the face that is moved; the lips meet where the sound shuts them, however
            far they are apart in it.
    """
    basis = learn_basis([face])
    mouth = np.asarray(drive_audio(dub, None, basis), np.float64)
    offsets = np.einsum("tm,mnc->tnc", mouth, np.asarray(basis.mouth_moves, np.float64))
    rest = np.asarray(basis.rest, np.float64)
    parted = meet(rest[None], np.maximum(gaps(start[None]), 0))[0]
    return moves_of(face, lively(dub, seed), offsets + (rest - parted), neutral=parted)


def lively(dub: AlignedAudio, seed: int) -> dict[str, Values]:
    """(T,) channels of what goes with speech: lids, sway, nods, and brows on loud syllables."""
    times = np.asarray(dub.times, np.float64)
    chance = np.random.default_rng(seed)
    talks = talking(dub.features, times)
    accents = _accents(dub, times) * talks
    result = {"shut": blinks(times, chance), "brow_up": 0.22 * accents}
    for name, most in SWAY.items():
        result[name] = sway(times, chance, SLOW_S) * most * (0.5 + 0.5 * talks)
    result["pitch"] = result["pitch"] - NOD * accents
    return result


def blinks(times: Seconds, chance: np.random.Generator) -> Values:
    """(T,) how far the lids are shut, 0..1, with blinks at random."""
    result = np.zeros(len(times))
    at = float(times[0]) + 0.5 + float(chance.uniform(0, LEAST_APART_S))
    while at < times[-1] - (FALL_S + SHUT_S + RISE_S):
        since = times - at
        falling = np.clip(since / FALL_S, 0, 1)
        rising = np.clip((since - FALL_S - SHUT_S) / RISE_S, 0, 1)
        result = np.maximum(result, _eased(falling) - _eased(rising))
        at += LEAST_APART_S + float(chance.exponential(MORE_APART_S))
    return result


def sway(times: Seconds, chance: np.random.Generator, slow_s: float) -> Values:
    """(T,) a slow movement about 0, of about unit size, that begins and ends at 0."""
    step = float(np.median(np.diff(times))) if len(times) > 1 else 1.0
    reach = max(slow_s / max(step, 1e-3), 1.0)
    raw = gaussian_filter1d(chance.standard_normal(len(times) + int(8 * reach)), reach)
    raw = raw[int(4 * reach) :][: len(times)]
    raw = raw / max(float(raw.std()), 1e-6) * 0.7
    ends = np.minimum(times - times[0], times[-1] - times)
    return np.asarray(np.clip(raw, -2, 2) * _eased(np.clip(ends / slow_s, 0, 1)))


def _accents(dub: AlignedAudio, times: Seconds) -> Values:
    """(T,) 0..1 at syllables louder than those around them."""
    loud = np.asarray(dub.features.loudness, np.float64)
    if len(loud) < 2:
        return np.zeros(len(times))
    syllable = gaussian_filter1d(loud, 0.09 * READING_RATE, mode="nearest")
    phrase = gaussian_filter1d(loud, 0.9 * READING_RATE, mode="nearest")
    above = np.clip((syllable - phrase - 0.08) / 0.25, 0, 1)
    clock = float(dub.features.start) + np.arange(len(loud)) / READING_RATE
    return np.asarray(np.interp(times, clock, above))


def _eased(share: Values) -> Values:
    return share * share * (3 - 2 * share)
