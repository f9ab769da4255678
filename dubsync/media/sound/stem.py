"""Probe sound files, and read their samples as one channel at a given rate."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import ceil, gcd
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import MediaError
from dubsync.core.sound.audio import Sound
from dubsync.media.files.container import opened
from dubsync.media.sound.gapless import native_runs, sound_stream
from dubsync.media.sound.wav_chunks import time_reference as _time_reference
from dubsync.media.sound.wav_chunks import wav_chunks

Mono = NDArray[np.float32]

_PCM = re.compile(r"pcm_[suf](\d+)[lb]?e?$")  #: uncompressed codecs; the group is bits per sample
_RUN_IN = 1  #: tenths of a second that the resampler gets before the first wanted sample


@dataclass(frozen=True, slots=True)
class SoundFile:
    """Properties of a sound file.

    n_samples       per channel, at `sample_rate`
    time_reference  BWF bext TimeReference, samples since midnight; None where not stated
    ixml            body of a WAV's iXML chunk, undecoded; empty if there is none
    """

    path: str
    sample_rate: int
    channels: int
    n_samples: int
    time_reference: int | None
    ixml: bytes = b""


def probe_sound(path: Path) -> SoundFile:
    """The properties of the first sound stream of `path`.

    Raises:
        MediaError: no sound, or a file that cannot be read.
    """
    with opened(path) as container:
        stream = sound_stream(path, container)
        n_samples = _length(container, stream)
        rate, channels = stream.codec_context.sample_rate, stream.codec_context.channels
    if n_samples == 0:
        raise MediaError(f"{path} has no samples of sound", hint="export it again")
    chunks = wav_chunks(path)
    return SoundFile(
        str(path), rate, channels, n_samples, _time_reference(chunks), chunks.get(b"iXML", b"")
    )


def read_sound(
    path: Path,
    *,
    first: Fraction = Fraction(0),
    seconds: Fraction | None = None,
    rate: int = 16000,
) -> Sound:
    """Sound from `first` seconds of the file's own clock on, channels averaged.

    Sample 0 of a movie's clock is the start of its first picture frame.  Before the sound, after it
    and in gaps of it there is silence.

    Args:
        first: seconds, exact.
        seconds: duration; None: to the end.
        rate: sample rate of the result, Hz.

    Raises:
        MediaError: no sound, unreadable, or samples that are NaN or infinite.
    """
    with opened(path) as container:
        native = sound_stream(path, container).codec_context.sample_rate
        want_from = ceil(first * rate)
        want_to = None if seconds is None else ceil((first + seconds) * rate)
        samples = _resampled(path, container, native, rate, want_from, want_to)
    if not np.isfinite(samples).all():
        raise MediaError(f"{path} holds NaN or infinite samples", hint="export it again")
    return Sound(samples, rate, Fraction(want_from, rate))


def _resampled(
    path: Path, container: Any, native: int, rate: int, want_from: int, want_to: int | None
) -> Mono:
    """Samples `want_from`..`want_to` at `rate`, independent of where reading begins.

    Resampling begins where a sample at `rate` falls on a native one, early enough for the
    filter to be full.
    """
    shared = gcd(native, rate)
    per_native, per_rate = native // shared, rate // shared
    blocks = (want_from - _RUN_IN * rate // 10) // per_rate
    first, skipped = blocks * per_native, want_from - blocks * per_rate
    last = None
    if want_to is not None:
        last = -(-want_to * native // rate) + _RUN_IN * native // 10
    resampler = av.AudioResampler("fltp", "mono", rate)
    pieces = []
    n_native = 0
    runs = native_runs(path, container, "fltp", first, last)
    after = np.zeros((1, native * _RUN_IN // 10), np.float32)  # else swresample mirrors the end
    for run in chain(runs, (after,)):
        n_native += run.shape[1]
        frame = av.AudioFrame.from_ndarray(run.mean(axis=0, keepdims=True), "fltp", "mono")
        frame.sample_rate = native
        pieces += [out.to_ndarray()[0] for out in resampler.resample(frame)]
    pieces += [out.to_ndarray()[0] for out in resampler.resample(None)]
    samples = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
    samples = samples[skipped:]
    if want_to is None:
        n_native -= after.shape[1]
        return samples[: max(0, ceil(Fraction(n_native * rate, native)) - skipped)]
    placed = np.zeros(max(want_to - want_from, 0), np.float32)
    placed[: len(samples)] = samples[: len(placed)]
    return placed


def _length(container: Any, stream: Any) -> int:
    """Samples in the stream, from its packets: no decoding.  Exact for PCM."""
    context = stream.codec_context
    first: int | None = None
    last = n_bytes = 0
    for packet in container.demux(stream):
        n_bytes += packet.size
        if packet.size and packet.pts is not None:
            first = packet.pts if first is None else min(first, packet.pts)
            last = max(last, packet.pts + (packet.duration or 0))
    pcm = _PCM.match(context.name)
    if pcm:
        return int(n_bytes * 8 // (int(pcm[1]) * context.channels))
    return int(round((last - (first or 0)) * stream.time_base * context.sample_rate))
