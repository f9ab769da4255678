"""Probe sound files, and read the samples of their channels at a given rate."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, gcd
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import MediaError
from dubsync.core.sound.audio import Sound
from dubsync.core.sound.tracks import WHOLE, SoundChoice, SoundTrack, own_track
from dubsync.media.files.container import opened
from dubsync.media.sound.gapless import Samples, clock_zero, native_runs, states_delay
from dubsync.media.sound.tracks import opened_track, sound_tracks, streams_of
from dubsync.media.sound.wav_chunks import description, time_reference, wav_chunks

_PCM = re.compile(r"pcm_[suf](\d+)[lb]?e?$")  #: uncompressed codecs; the group is bits per sample
_RUN_IN = 1  #: tenths of a second that the resampler gets before the first wanted sample
_SPARSE = 8  #: of so many samples one is measured for levels
_AT_ONCE = 32  #: channels that swresample takes at a time; it has room for 64


@dataclass(frozen=True, slots=True)
class SoundFile:
    """Properties of a sound file.

    sample_rate, channels   of the track `heard.track`
    n_samples       per channel, at `sample_rate`, from the file's zero to the end of its sound
    time_reference  BWF bext TimeReference, samples since midnight; None where not stated
    ixml            body of a WAV's iXML chunk, undecoded; empty if there is none
    description     bext Description, in which recorders list their tracks; "" if there is none
    tracks          every sound track of the file
    heard           the track and channels that are listened to
    states_delay    whether the file states its encoder's delay, or has none; else it is late
    """

    path: str
    sample_rate: int
    channels: int
    n_samples: int
    time_reference: int | None
    ixml: bytes = b""
    description: str = ""
    tracks: tuple[SoundTrack, ...] = ()
    heard: SoundChoice = WHOLE
    states_delay: bool = True

    @property
    def track(self) -> SoundTrack:
        """The track that is listened to."""
        number = self.heard.track
        return next((t for t in self.tracks if t.number == number), own_track(self.tracks))


def probe_sound(path: Path, number: int = 0) -> SoundFile:
    """The properties of a sound track of `path`: track `number`, or 0 for the file's own.

    Raises:
        MediaError: no sound, no such track, or a file that cannot be read.
    """
    with opened(path) as container:
        tracks = sound_tracks(path, container)
        track = opened_track(path, container, number)
        n_samples = _length(path, container, track)
    with opened(path) as container:
        stated = states_delay(path, container, streams_of(container, track)[0])
    if n_samples <= 0:
        raise MediaError(f"{path} has no samples of sound", hint="export it again")
    chunks = wav_chunks(path)
    return SoundFile(
        str(path), track.sample_rate, track.channels, n_samples, time_reference(chunks),
        chunks.get(b"iXML", b""), description(chunks), tracks, SoundChoice(number), stated,
    )  # fmt: skip


def sound_track(path: Path, number: int = 0) -> SoundTrack:
    """A sound track of `path`: track `number`, or 0 for the file's own.

    Raises:
        MediaError: no sound, no such track, or a file that cannot be read.
    """
    with opened(path) as container:
        return opened_track(path, container, number)


def read_sound(
    path: Path,
    *,
    first: Fraction = Fraction(0),
    seconds: Fraction | None = None,
    rate: int = 16000,
    choice: SoundChoice = WHOLE,
) -> Sound:
    """Sound from `first` seconds of the file's own clock on, the channels of `choice` averaged.

    Sample 0 of a movie's clock is the start of its first picture frame; that of a sound file is
    its first sample.  Before the sound, after it and in gaps of it there is silence.

    Args:
        first: seconds, exact.
        seconds: duration; None: to the end.
        rate: sample rate of the result, Hz.

    Raises:
        MediaError: no sound, no such track or channel, unreadable, or samples that are NaN or
            infinite.
    """
    want = _Wanted.of(first, seconds, rate)
    with opened(path) as container:
        track = opened_track(path, container, choice.track)
        places = _places(path, track, choice)

        def mix(run: Samples) -> Samples:
            picked = run if places is None else run[:, places]
            return np.asarray(picked.mean(axis=1, keepdims=True), np.float32)

        samples = _resampled(path, container, track, want, mix, 1)[:, 0]
    return Sound(_finite(path, samples), rate, Fraction(want.first, rate))


def read_channels(
    path: Path,
    *,
    first: Fraction = Fraction(0),
    seconds: Fraction | None = None,
    rate: int = 16000,
    track: int = 0,
) -> tuple[Sound, ...]:
    """Each channel of a track alone; otherwise as `read_sound`."""
    want = _Wanted.of(first, seconds, rate)
    with opened(path) as container:
        chosen = opened_track(path, container, track)
        samples = _resampled(path, container, chosen, want, np.asarray, chosen.channels)
    start = Fraction(want.first, rate)
    return tuple(Sound(channel, rate, start) for channel in _finite(path, samples).T.copy())


def sound_levels(path: Path, track: int = 0) -> NDArray[np.float64]:
    """(seconds, channels) RMS of each second of a track, full scale 1, from every eighth sample."""
    with opened(path) as container:
        chosen = opened_track(path, container, track)
        rate = chosen.sample_rate
        power = np.zeros((0, chosen.channels))
        place = 0
        for run in native_runs(path, container, chosen, "flt", 0, None):
            taken = run[-place % _SPARSE :: _SPARSE].astype(np.float64) ** 2
            seconds = (place + -place % _SPARSE + _SPARSE * np.arange(len(taken))) // rate
            place += len(run)
            missing = -(-place // rate) - len(power)
            if missing > 0:  # copied once a second, not for each run
                power = np.concatenate([power, np.zeros((missing, chosen.channels))])
            np.add.at(power, seconds, taken)
    return np.asarray(np.sqrt(power * _SPARSE / rate), np.float64)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Samples `first` up to `last` (None: to the end) at `rate`."""

    first: int
    last: int | None
    rate: int

    @classmethod
    def of(cls, first: Fraction, seconds: Fraction | None, rate: int) -> _Wanted:
        last = None if seconds is None else ceil((first + seconds) * rate)
        return cls(ceil(first * rate), last, rate)


def _places(path: Path, track: SoundTrack, choice: SoundChoice) -> list[int] | None:
    """Columns of the channels of `choice`; None: all."""
    if not choice.channels:
        return None
    if not all(0 < channel <= track.channels for channel in choice.channels):
        wanted = ", ".join(map(str, choice.channels))
        raise MediaError(
            f"{path} has no channel {wanted}", hint=f"its channels are 1 to {track.channels}"
        )
    return [channel - 1 for channel in choice.channels]


def _finite(path: Path, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    if not np.isfinite(samples).all():
        raise MediaError(f"{path} holds NaN or infinite samples", hint="export it again")
    return samples


def _resampled(
    path: Path,
    container: Any,
    track: SoundTrack,
    want: _Wanted,
    mix: Callable[[Samples], Samples],
    channels: int,
) -> NDArray[np.float32]:
    """(n, channels) of what `mix` makes of each run, independent of where reading begins.

    Resampling begins where a sample at the rate wanted falls on a native one, early enough for the
    filter to be full.
    """
    native, rate = track.sample_rate, want.rate
    shared = gcd(native, rate)
    per_native, per_rate = native // shared, rate // shared
    blocks = (want.first - _RUN_IN * rate // 10) // per_rate
    first, skipped = blocks * per_native, want.first - blocks * per_rate
    last = None
    if want.last is not None:
        last = -(-want.last * native // rate) + _RUN_IN * native // 10
    convert = _Convert(native, rate, channels)
    runs = native_runs(path, container, track, "flt", first, last)
    pieces = [piece for run in runs for piece in convert.add(mix(run))]
    n_native = convert.n_native
    after = np.zeros((native * _RUN_IN // 10, channels), np.float32)
    pieces += convert.add(after)  # else swresample mirrors the end
    pieces += convert.rest()
    samples = np.concatenate(pieces) if pieces else np.zeros((0, channels), np.float32)
    samples = samples[skipped:]
    if want.last is None:
        return samples[: max(0, ceil(Fraction(n_native * rate, native)) - skipped)]
    placed = np.zeros((max(want.last - want.first, 0), channels), np.float32)
    placed[: len(samples)] = samples[: len(placed)]
    return placed


class _Convert:
    """Changes the sample rate of (n, channels) float32 samples, up to 32 channels at a time.

    n_native  samples put in so far
    """

    def __init__(self, native: int, rate: int, channels: int) -> None:
        self._native, self.n_native = native, 0
        self._parts = [
            (slice(at, at + n), f"{n} channels" if n > 1 else "mono")
            for at in range(0, channels, _AT_ONCE)
            for n in [min(_AT_ONCE, channels - at)]
        ]
        self._resamplers = [av.AudioResampler("flt", layout, rate) for _, layout in self._parts]

    def add(self, run: Samples) -> list[Samples]:
        """The samples that are ready after `run`."""
        self.n_native += len(run)
        made = []
        for (columns, layout), resampler in zip(self._parts, self._resamplers, strict=True):
            part = np.ascontiguousarray(run[:, columns], np.float32)
            frame = av.AudioFrame.from_ndarray(part.reshape(1, -1), "flt", layout)
            frame.sample_rate = self._native
            made.append(self._arrays(resampler.resample(frame), part.shape[1]))
        return [np.concatenate(made, axis=1)]

    def rest(self) -> list[Samples]:
        """What the resampling filters still hold."""
        made = []
        for (columns, _), resampler in zip(self._parts, self._resamplers, strict=True):
            made.append(self._arrays(resampler.resample(None), columns.stop - columns.start))
        return [np.concatenate(made, axis=1)]

    @staticmethod
    def _arrays(frames: list[Any], channels: int) -> Samples:
        made = [frame.to_ndarray().reshape(-1, channels) for frame in frames]
        return np.concatenate(made) if made else np.zeros((0, channels), np.float32)


def _length(path: Path, container: Any, track: SoundTrack) -> int:
    """Samples from the file's zero to the end of the track.

    PCM is counted by its bytes, without decoding.  Other codecs pad their last frame, and some
    containers do not state by how much, so their last second is decoded.
    """
    streams = streams_of(container, track)
    zero = clock_zero(path, container)
    ends = {stream.index: Fraction(0) for stream in streams}
    begins: dict[int, Fraction] = {}
    sizes = dict.fromkeys(ends, 0)
    for packet in container.demux(*streams):
        index = packet.stream.index
        sizes[index] += packet.size
        if packet.size and packet.pts is not None:
            at = packet.pts * packet.time_base - zero
            begins[index] = min(begins.get(index, at), at)
            ends[index] = max(ends[index], at + (packet.duration or 0) * packet.time_base)
    lengths = []
    for stream in streams:
        pcm = _PCM.match(stream.codec_context.name)
        if pcm is None:
            return _decoded_length(path, track, max(ends.values()))
        n = sizes[stream.index] * 8 // (int(pcm[1]) * stream.codec_context.channels)
        begin = begins.get(stream.index, Fraction(0))
        lengths.append(round(begin * track.sample_rate) + n if n else 0)
    return max(lengths)


def _decoded_length(path: Path, track: SoundTrack, about: Fraction) -> int:
    """The length by decoding from two seconds before `about`, where packets say that it ends."""
    first = max(0, floor((about - 2) * track.sample_rate))
    with opened(path) as container:
        runs = native_runs(path, container, track, "flt", first, None)
        n = sum(len(run) for run in runs)
    if not n and first:  # the packets state more than there is
        return _decoded_length(path, track, Fraction(0))
    return first + n
