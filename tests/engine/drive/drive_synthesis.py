"""Synthetic people whose mouths move as given, and sounds to match: nothing filmed."""

from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np

from dubsync.core.face import FaceTrack
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.steps import AlignedAudio
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.geometry.mesh import lower_face
from dubsync.engine.geometry.pose import to_matrices
from dubsync.engine.motion.basis import closed, neutral_units
from dubsync.engine.motion.prior import mouth_moves
from dubsync.engine.track.landmarker import canonical_face
from dubsync.speech.sound_states import sound_states
from tests.speech.speech_synthesis import murmur, vowel

JAW, LOWER, UPPER, SPREAD, ROUND = range(5)
RATE = Fraction(25)


def face_track(jaw, *, rate=RATE, spread=None, size=180.0, wide=1.0, sway=0.0, seed=0, start=0):
    """A person whose jaw opens by `jaw` (T,), 0 shut .. 1 wide.

    wide   how much broader than usual their face is
    sway   radians of head movement
    """
    jaw = np.asarray(jaw, np.float64)
    t = len(jaw)
    share = lower_face(canonical_face())
    rest = closed(neutral_units() * np.array([wide, 1, 1.0]), share).astype(np.float32)
    moves = mouth_moves(rest, share).astype(np.float64)
    amount = np.zeros((t, len(moves)))
    amount[:, JAW], amount[:, LOWER], amount[:, UPPER] = jaw, 0.5 * jaw, 0.3 * jaw
    if spread is not None:
        amount[:, SPREAD] = spread
    points = rest + np.einsum("tk,knc->tnc", amount, moves)
    at = np.arange(t) / float(rate)
    turn = sway * np.stack([np.sin(2.1 * at), np.cos(1.3 * at), 0.5 * np.sin(0.7 * at)], axis=1)
    points = points @ to_matrices(turn).transpose(0, 2, 1) * size + np.array([300.0, 260, 0])
    points += np.random.default_rng(seed).normal(size=points.shape) * 0.0005 * size
    return FaceTrack(
        1,
        FrameRange(start, start + t, rate),
        points.astype(np.float32),
        np.zeros((t, 52), np.float32),
        np.ones(t, np.float32),
        np.ones(4, np.float32) / 2,
    )


def talk(seconds, rate=RATE, seed=0, pauses=True):
    """(T,) a jaw that talks: syllables four times a second, uneven, shut now and then."""
    rng = np.random.default_rng(seed)
    at = np.arange(round(seconds * float(rate))) / float(rate)
    beat = np.cumsum(rng.uniform(0.18, 0.34, 400))
    height = rng.uniform(0.25, 1.0, 400)
    if pauses:
        height[::7] = 0
    ups = sum(
        h * np.exp(-(((at - b) / 0.075) ** 2)) for b, h in zip(beat, height, strict=True) if b < 99
    )
    return np.clip(ups, 0, 1.2)


def features_of(jaw_at, seconds, seed=0, closure=None, start=0):
    """Audio features, 100 a second, whose sound matches the mouth `jaw_at` (function of
    seconds)."""
    rng = np.random.default_rng(seed)
    at = np.arange(int(seconds * 100)) / 100
    jaw = np.clip(jaw_at(at), 0, None)
    mel = rng.normal(size=(len(at), 40)) * 0.4
    mel[:, 9:28] += (3 * jaw - 1)[:, None]
    speech = np.ones(len(at))
    shut = np.zeros(len(at)) if closure is None else closure(at)
    features = AudioFeatures.of_level(Fraction(start), mel, np.clip(jaw, 0, 1), speech, shut)
    return replace(features, states=states_between(np.clip(jaw, 0, 1)))


@cache
def _held_sounds(seconds):
    """(3, S) an m, a narrow u and an open a, held."""
    return np.stack([murmur(seconds), 0.5 * vowel("u", seconds), vowel("a", seconds)])


def states_between(share, audible=1.0):
    """(N, 64) states of a voice that goes from m (0) by u (half) to an open a (1) and back as
    `share` (N,) says, 100 a second; it is heard where `audible` (N,) is 1."""
    at = np.arange(len(share) * 160) / 160
    held = _held_sounds(60.0)[:, : len(at)]
    share, audible = (
        np.interp(at, np.arange(len(share)), np.broadcast_to(v, len(share)))
        for v in (share, audible)
    )
    apart = np.abs(2 * np.clip(share, 0, 1) - np.arange(len(held))[:, None])
    voice = np.sum(np.clip(1 - apart, 0, 1) * held, axis=0)
    return sound_states(np.asarray(voice * audible, np.float32))


def quiet(seconds, start=0):
    n = int(seconds * 100)
    return AudioFeatures.of_level(
        Fraction(start), np.zeros((n, 40)), np.zeros(n), np.zeros(n), np.zeros(n)
    )


def spoken_between(seconds, *spans, seed=3, start=0, closures=()):
    """Audio features with speech in `spans` (from, to) only."""
    rng = np.random.default_rng(seed)
    at = np.arange(int(seconds * 100)) / 100
    speech = np.zeros(len(at))
    for begin, end in spans:
        speech[(at >= begin) & (at < end)] = 1
    loud = speech * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at))
    shut = sum((np.exp(-(((at - c) / 0.025) ** 2)) for c in closures), np.zeros(len(at)))
    mel = (rng.normal(size=(len(at), 40)) * 0.5 + loud[:, None]) * speech[:, None]
    features = AudioFeatures.of_level(Fraction(start), mel, loud, speech, np.clip(shut, 0, 1))
    return replace(features, states=states_between(np.clip(1.25 * loud - 0.25, 0, 1), speech))


def against(features, track, late=0.0):
    """The audio aligned with a track's frames; `late`: its sound comes this much later."""
    return AlignedAudio(features, np.arange(len(track.frames)) / float(track.frames.rate) + late)
