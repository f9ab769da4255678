"""Extract features from a sound: mel spectrum, loudness, speech, closures, phones, states.

There are 100 readings a second, each centred on its own instant.  Long stems are processed one
minute at a time, so memory holds the readings of the whole stem but the spectra of a minute only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import scipy
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import MediaError
from dubsync.core.sound.audio import READING_RATE, AudioFeatures, Sound
from dubsync.speech.bilabial_detection import closure_evidence
from dubsync.speech.mel.filters import mel_filters
from dubsync.speech.phones import recognise_phones
from dubsync.speech.sound_states import sound_states
from dubsync.speech.voice_in_music import voice_in_music
from dubsync.speech.voice_presence import speech_of_voice, voice_probability

#: Raise when the same sound would give other features; part of cache keys.
VERSION = "7"
ANALYSIS_RATE = 16000  #: Hz
BANDS = 40

STEP = ANALYSIS_RATE // READING_RATE
WINDOW = 400  #: samples, 25 ms
PITCH_WINDOW = 640  #: samples, 40 ms: two periods of the lowest voice
FFT = 1024
STRETCH = 60 * READING_RATE  #: readings processed at a time
LOWEST_HZ, HIGHEST_HZ = 60.0, 7600.0
VOICE_HZ = (70, 400)  #: pitch of voices
SPEECH_HZ = (150, 4000)  #: band in which speech stands out from room noise

QUIET_DB = -70.0  #: re full scale; below it a stem counts as silent
FLOOR_S = 2.0  #: the noise floor is the lowest level within this time either side
STANDS_OUT_DB = 8.0  #: speech is at least this far above the noise floor
LEAST_DB = -34.0  #: and at most this far below the sound's own loud speech
VOICED = 0.45  #: a frame is voiced when this share of its energy repeats at a voice's pitch
LEAST_VOICED_S = 0.04  #: a run with less voicing than this is a knock, not a word
HANG_S = (0.05, 0.09)  #: padding before and after: weak consonants at a word's edges
SHUT = 0.1  #: a voice taken for music rests lips where the probability of speech falls by more
DEPTH_DB = 40.0  #: range of the loudness scale, from silence to loud speech
MAY_SPEAK = 0.15  #: below this probability of speech, phones fade into a pause
FLOOR_IN_MEL_DB = -50.0  #: re loud speech; everything lower is treated as the same silence

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Spectra:
    """Raw readings, before speech is detected in them; (N,) or (N, 40).

    mel    power in each mel band
    level  dB re full scale, in the band of speech
    voiced share of the energy that repeats at a voice's pitch, 0..1
    """

    mel: Array
    level: Values
    voiced: Values


@dataclass(frozen=True, slots=True, eq=False)
class HeardSound:
    """Features of a sound, and where its music was told from a voice.

    rests  (N,) bool, readings at which lips rest because what seemed a voice near music is none
    """

    features: AudioFeatures
    rests: NDArray[np.bool_]


def extract_features(sound: Sound, *, device: str = "auto") -> AudioFeatures:
    """The features of `sound`, 100 readings a second; see `hear`."""
    return hear(sound, device=device).features


def hear(sound: Sound, *, device: str = "auto") -> HeardSound:
    """The features of `sound`, 100 readings a second, and where lips rest in its music.

    mel is log power per band, normalised to mean 0 and deviation 1 over the sound's own speech.
    loudness is 1 at the level of its loud speech and 0 at 40 dB below that, or in its noise.
    Digital silence and steady noise have speech and loudness 0.

    Args:
        sound: at any sample rate; it is resampled to 16 kHz.
        device: on which the states are computed, see `sound_states`.

    Raises:
        MediaError: no samples at all.
        ModelError: weights or filters that ship are missing or altered.

    Source: ours.  The mel scale is Slaney's (librosa); voicing is the peak of the normalised
    autocorrelation (Boersma 1993, "Accurate short-term analysis of the fundamental frequency").
    """
    start, samples = Fraction(sound.start), analysed_samples(sound)
    del sound  # the samples of a long one are its largest part, and are not needed to the end
    spectra = spectra_of(samples)
    level, mel = spectra.level, spectra.mel
    states = sound_states(samples, device=device)
    del samples
    speech = speech_probability(level, spectra.voiced)
    phones = recognise_phones(mel)
    seems = voice_probability(states)
    voice = voice_in_music(seems, level, phones)
    by_level = speech
    speech = speech_of_voice(by_level, level, voice)
    rests = np.zeros(len(speech), bool)
    if voice is not seems:
        rests = speech_of_voice(by_level, level, seems) - speech > SHUT
    loud_db = _loud(level, speech)
    phones = _pausing(phones, speech)
    closure = closure_evidence(phones, mel, mel_filters().centres, speech)
    mel = _normalised(mel, speech, loud_db)
    for array in (mel, phones, states):
        array.flags.writeable = False  # nobody else holds it: it is not copied
    loudness = _loudness(level, speech, loud_db)
    return HeardSound(AudioFeatures(start, mel, loudness, speech, closure, phones, states), rests)


def analysed_samples(sound: Sound) -> Array:
    """The samples of `sound` at ANALYSIS_RATE.  Raises MediaError where there are none."""
    if not len(sound.samples):
        raise MediaError("the sound has no samples", hint="is the file cut short?")
    samples = np.asarray(sound.samples)
    if sound.sample_rate != ANALYSIS_RATE:
        import librosa  # brings numba: only where a sound has another rate

        samples = librosa.resample(samples, orig_sr=sound.sample_rate, target_sr=ANALYSIS_RATE)
    return samples


def spectra_of(samples: Array) -> Spectra:
    """Spectra of a whole sound at ANALYSIS_RATE, computed a minute at a time."""
    count = -(-len(samples) // STEP)
    whole = Spectra(np.empty((count, BANDS), np.float32), np.empty(count), np.empty(count))
    for first, part in zip(range(0, count, STRETCH), _stretches(samples), strict=True):
        for name in Spectra.__slots__:
            getattr(whole, name)[first : first + STRETCH] = getattr(part, name)
    return whole


def _pausing(phones: Array, speech: Array) -> Array:
    """`phones` (N, P), faded into a pause where nobody can be speaking."""
    share = np.clip(speech / MAY_SPEAK, 0, 1)[:, None]
    out = phones * share
    out[:, :1] += 1 - share
    return np.asarray(out, np.float32)


def mel_power(samples: Array) -> Array:
    """(N, 40) power in each mel band, as in `extract_features`; for training the phone network.

    Args:
        samples: at ANALYSIS_RATE, processed in one piece.
    """
    count = -(-len(samples) // STEP)
    padded = np.pad(samples, (WINDOW // 2, WINDOW))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::STEP][:count]
    return np.asarray(_power(frames) @ mel_filters().features.T, np.float32)


def speech_probability(level: Values, voiced: Values) -> Array:
    """(N,) probability of speech.

    Speech stands out from the noise around it, is not far below the sound's own loud speech, and
    is partly voiced.

    Args:
        level: (N,) dB re full scale.
        voiced: (N,) 0..1.
    """
    smooth = scipy.ndimage.gaussian_filter1d(np.maximum(level, QUIET_DB), 3.0, mode="nearest")
    radius = int(FLOOR_S * READING_RATE)
    floor = scipy.ndimage.minimum_filter1d(
        scipy.ndimage.uniform_filter1d(smooth, 9, mode="nearest"), 2 * radius + 1
    )
    out = smooth - floor
    clear = (out > STANDS_OUT_DB) & (voiced > VOICED)
    if not clear.any():
        return np.zeros(len(level), np.float32)
    loud = float(np.percentile(smooth[clear], 90))
    chance = _sigmoid((out - STANDS_OUT_DB) / 1.5) * _sigmoid((smooth - loud - LEAST_DB) / 2)
    sure = chance > 0.5
    before, after = (int(s * READING_RATE) for s in HANG_S)
    hung = scipy.ndimage.maximum_filter1d(chance, before + after + 1, origin=(after - before) // 2)
    hung = scipy.ndimage.gaussian_filter1d(np.maximum(hung, chance), 1.5)
    runs, count = scipy.ndimage.label(
        scipy.ndimage.binary_dilation(sure, iterations=before + after)
    )
    voice = np.bincount(runs, weights=clear, minlength=count + 1)
    worded = (voice >= LEAST_VOICED_S * READING_RATE)[runs] & (runs > 0)
    return np.asarray(np.where(worded, np.clip(hung, 0, 1), 0.1 * chance), np.float32)


def _sigmoid(values: Values) -> Values:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -40, 40))), np.float64)


def _stretches(samples: Array) -> Iterator[Spectra]:
    """Spectra of the sound, a minute at a time; reading n is centred on sample 160 n."""
    count = -(-len(samples) // STEP)
    edge = PITCH_WINDOW // 2
    silence: dict[int, Spectra] = {}  # readings -> spectra where no sample sounds
    for first in range(0, count, STRETCH):
        last = min(first + STRETCH, count)
        begin, end = first * STEP - edge, (last - 1) * STEP + edge
        cut = samples[max(begin, 0) : max(end, 0)].astype(np.float32)
        cut = np.pad(cut, (max(-begin, 0), max(end - max(begin, 0) - len(cut), 0)))
        cut = cut[: (last - first - 1) * STEP + PITCH_WINDOW]
        frames = np.lib.stride_tricks.sliding_window_view(cut, PITCH_WINDOW)[::STEP]
        if np.any(cut):
            yield _spectra(frames)
        else:
            if len(frames) not in silence:
                silence[len(frames)] = _spectra(frames)
            yield silence[len(frames)]


def _spectra(frames: Array) -> Spectra:
    trim = (PITCH_WINDOW - WINDOW) // 2
    power = _power(frames[:, trim : trim + WINDOW])
    hz = np.fft.rfftfreq(FFT, 1 / ANALYSIS_RATE)
    band = (hz >= SPEECH_HZ[0]) & (hz <= SPEECH_HZ[1])
    level = 10 * np.log10(power[:, band].sum(axis=1).astype(np.float64) + 1e-12)
    return Spectra(np.asarray(power @ mel_filters().features.T, np.float32), level, _voiced(frames))


def _power(frames: Array) -> Array:
    """(M, FFT // 2 + 1) power spectra of (M, WINDOW) samples."""
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    power = np.abs(np.fft.rfft(frames * window, FFT)) ** 2
    return np.asarray(power, np.float32) / np.float32((window**2).sum() * FFT / 2)


def _voiced(frames: Array) -> Values:
    """Peak of each frame's autocorrelation at a voice's pitch, the window's own taken out."""
    window = np.hanning(PITCH_WINDOW).astype(np.float32)
    size = FFT  # long enough that no lag wraps round: 640 + 229 samples at most
    spectrum = np.abs(np.fft.rfft((frames - frames.mean(axis=1, keepdims=True)) * window, size))
    spectrum[:, int(1500 * size / ANALYSIS_RATE) :] = 0
    alike = np.fft.irfft(spectrum**2, size)
    taper = np.fft.irfft(np.abs(np.fft.rfft(window, size)) ** 2, size)
    short, long = ANALYSIS_RATE // VOICE_HZ[1], ANALYSIS_RATE // VOICE_HZ[0]
    share = (alike[:, short:long] / np.maximum(alike[:, :1], 1e-9)).max(
        axis=1, initial=0, where=alike[:, short:long] > 0
    )
    peak = alike[:, short:long] / (taper[short:long] / taper[0]) / np.maximum(alike[:, :1], 1e-9)
    return np.asarray(np.clip(np.maximum(share, 0.9 * peak.max(axis=1)), 0, 1), np.float64)


def _loud(level: Values, speech: Array) -> float:
    """dB of the sound's loud speech, or of the whole sound when nobody speaks."""
    spoken = speech > 0.5
    return float(np.percentile(level[spoken] if spoken.any() else level, 95))


def _loudness(level: Values, speech: Array, loud_db: float) -> Array:
    """0 silence .. 1 loud speech."""
    if not (speech > 0.5).any():
        return np.zeros(len(level), np.float32)
    rest = level[speech < 0.2]
    noise = float(np.percentile(rest, 75)) + 3 if len(rest) > READING_RATE // 4 else -np.inf
    bottom = min(max(loud_db - DEPTH_DB, noise), loud_db - 12)
    raised = np.clip((level - bottom) / (loud_db - bottom), 0, 1)
    return np.asarray(raised * np.clip(2 * speech, 0, 1), np.float32)


def _normalised(mel: Array, speech: Array, loud_db: float) -> Array:
    spoken = speech > 0.5
    floor = 10 ** ((loud_db + FLOOR_IN_MEL_DB) / 10)
    logs = mel + np.float32(max(floor, 1e-10))
    np.log(logs, out=logs)
    of = logs[spoken] if spoken.sum() >= READING_RATE // 5 else logs
    spread = np.maximum(of.std(axis=0), 0.5)
    logs -= of.mean(axis=0)
    logs /= spread
    return np.asarray(logs, np.float32)
