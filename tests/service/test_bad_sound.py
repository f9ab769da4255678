"""Whatever a dub holds, the mouth does not chatter, and it rests where nobody speaks."""

import numpy as np
import pytest
from scipy.signal import fftconvolve

from benchmarks.hearing.manners import childlike, laughed, shouted, sighed, sung, whispered
from benchmarks.hearing.measure import turns
from benchmarks.hearing.noises import NOISES
from benchmarks.hearing.notes import MUSIC, unit
from benchmarks.hearing.scenes import telephone
from dubsync.core.sound.audio import Sound
from dubsync.core.steps import AlignedAudio
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.fit import channels, mouth_shape
from dubsync.engine.sound.drive import drive_audio
from dubsync.speech.audio_features import extract_features
from tests.engine.drive.drive_synthesis import face_track
from tests.engine.drive.drive_synthesis import talk as jaw
from tests.speech.speech_synthesis import RATE, talk, words

FRAME_RATE = 25
BASIS = learn_basis([face_track(jaw(8, seed=5), sway=0.1)])
MOST_TURNS = 12.0  #: a second; people's mouths turn 4 to 9 times in a second of speech


def opening(samples, frames=None):
    """(T,) the opening that the head alone makes of a sound."""
    sound = Sound(np.clip(samples, -1, 1).astype(np.float32), RATE)
    times = np.arange(frames or max(1, len(samples) * FRAME_RATE // RATE)) / FRAME_RATE
    mouth = drive_audio(AlignedAudio(extract_features(sound), times), None, BASIS)
    assert np.isfinite(mouth).all()
    return channels(BASIS.rest + mouth_shape(mouth, BASIS)).opening


SPEECH = 0.15 * unit(np.concatenate([words(1, 14), np.zeros(RATE // 2), words(2, 14)]))
SPAN = np.ptp(np.percentile(opening(SPEECH), [5, 95]))


def dice():
    return np.random.default_rng(8)


def hall(samples):
    at = np.arange(RATE) / RATE
    echo = dice().normal(size=RATE) * np.exp(-6.9 * at) * 0.02
    echo[0] = 1
    return fftconvolve(samples, echo)[: len(samples)]


SPOKEN = {
    "clipped": lambda: np.clip(8 * SPEECH, -1, 1),
    "telephone": lambda: telephone(SPEECH),
    "in a hall": lambda: hall(SPEECH),
    "in noise": lambda: SPEECH + 0.05 * dice().normal(size=len(SPEECH)),
    "two at once": lambda: SPEECH + np.roll(0.15 * unit(talk(len(SPEECH) / RATE)), 900),
    "whispered": lambda: 0.1 * unit(whispered(SPEECH, dice())),
    "shouted": lambda: 0.3 * unit(shouted(SPEECH, dice())),
    "sung": lambda: 0.15 * unit(sung(SPEECH, dice())),
    "a child's": lambda: 0.15 * unit(childlike(SPEECH, dice())),
    "laughed": lambda: np.pad(0.15 * unit(laughed(SPEECH, dice())), RATE // 2),
    "sighed": lambda: np.pad(0.15 * unit(sighed(SPEECH, dice())), RATE // 2),
}


@pytest.mark.parametrize("kind", SPOKEN)
def test_a_voice_moves_the_mouth_without_chatter(kind):
    samples = SPOKEN[kind]()

    curve = opening(samples)

    assert np.ptp(curve) > 0.3 * SPAN
    assert turns(curve, 0.1 * SPAN) * FRAME_RATE / len(curve) <= MOST_TURNS


NOBODY = {
    "silence": lambda: np.zeros(4 * RATE),
    "hum": lambda: 0.1 * np.sin(2 * np.pi * 50 * np.arange(4 * RATE) / RATE),
    "full scale noise": lambda: dice().uniform(-1, 1, 4 * RATE),
    "one sample in a million": lambda: np.eye(1, 4 * RATE, RATE)[0],
    "constant": lambda: np.full(4 * RATE, 0.7),
    **{
        name: lambda name=name: 0.1 * unit(NOISES[name](dice(), 4.0))
        for name in ("applause", "wind", "knocks")
    },
    **{
        name: lambda name=name: 0.1 * unit(MUSIC[name](dice(), 4.0))
        for name in ("swelling_chords", "bowed", "drums")
    },
}


@pytest.mark.parametrize("kind", NOBODY)
def test_what_is_no_voice_does_not_move_the_mouth(kind):
    curve = opening(NOBODY[kind]())

    moving = np.abs(np.diff(curve)) > 0.02 * SPAN
    assert moving.mean() <= 0.05


@pytest.mark.parametrize("count", [1, 159, 400, int(0.3 * RATE)])
def test_a_very_short_sound_drives_a_whole_shot(count):
    curve = opening(SPEECH[:count], frames=50)

    assert len(curve) == 50
    assert np.abs(np.diff(curve[20:])).max() <= 0.02 * SPAN
