"""The sound beside edit media, as each container has it: PCM to the sample, or AAC in .mp4."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np

from dubsync.core.edit.media import MXF_RATE
from dubsync.core.sound.tracks import SoundTrack
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.files.container import opened
from dubsync.media.movie.write import PcmTrack
from dubsync.media.sound.gapless import Samples, native_runs, pcm_for, silence
from dubsync.media.sound.tracks import opened_track, streams_of

_STEREO = 2


class _Track(Protocol):
    """Takes runs of samples (n, channels); `place` is how many it has."""

    rate: int
    kind: str
    place: int

    def add(self, samples: Samples) -> None: ...

    def finish(self) -> None: ...


class SoundBeside:
    """The sound of a file from its first frame on, laid beside pictures as they are written."""

    def __init__(
        self, container: Any, muxer: str, source: Path, rate: Fraction, channel: int = 0
    ) -> None:
        """
        Args:
            muxer: FFmpeg's name of the container.
            rate: frames per second of the picture.
            channel: the only channel written, from 1; 0: all.

        Raises:
            MediaError: `source` has no sound.
        """
        with ExitStack() as held:
            sound = held.enter_context(opened(source))
            track = opened_track(source, sound)
            self._track = _track(container, muxer, sound, track, channel)
            runs = native_runs(source, sound, track, self._track.kind, 0, None)
            self._runs = _at_rate(runs, self._track, track)
            self._held = held.pop_all()
        self._rate, self._whole = rate, muxer.startswith("mxf")
        self._channels = track.channels
        self._rest: Samples | None = None

    def up_to(self, n_frames: int) -> None:
        """Write the sound of the first `n_frames` frames, to the sample."""
        wanted = self._wanted(n_frames)
        while self._track.place < wanted:
            run = self._rest if self._rest is not None else next(self._runs, None)
            self._rest = None
            if run is None:
                return
            room = wanted - self._track.place
            self._track.add(run[:room])
            if len(run) > room:
                self._rest = run[room:]

    def _wanted(self, n_frames: int) -> int:
        """Samples of the first `n_frames` frames."""
        if self._whole:  # as FFmpeg's MXF muxers divide samples among frames; they pad the last
            return round(n_frames * self._track.rate / self._rate)
        return FrameRange(0, n_frames, self._rate).samples(self._track.rate).stop

    def finish(self, n_frames: int) -> int:
        """Write the rest of the sound of `n_frames` frames.  Returns its samples.

        In MXF silence follows a sound that is shorter: frames without sound would be left out.
        """
        self.up_to(n_frames)
        if self._whole:
            missing = self._wanted(n_frames) - self._track.place
            for run in silence(self._track.kind, self._channels, missing):
                self._track.add(run)
        self._track.finish()
        return self._track.place

    def close(self) -> None:
        """Close the source."""
        self._held.close()


def sound_losses(source: Path, muxer: str) -> Iterator[tuple[str, str]]:
    """What a container cannot hold of the sound of a file, each with what to do.

    Raises:
        MediaError: the file has no sound.
    """
    with opened(source) as sound:
        track = opened_track(source, sound)
    if muxer.startswith("mxf") and track.sample_rate != MXF_RATE:
        what = f"the sound's rate of {track.sample_rate} Hz: MXF is written with 48000 Hz"
        yield what, 'choose edit_container = "mov", or export the sound at 48 kHz'
    if muxer == "mp4" and track.channels > _STEREO:
        what = f"the sound's {track.channels} channels: they are mixed to both sides"
        yield what, 'choose edit_container = "mov"'


def channels_of(source: Path) -> int:
    """The number of channels of a file's own sound track.  Raises MediaError if it has none."""
    with opened(source) as sound:
        return opened_track(source, sound).channels


def _track(container: Any, muxer: str, sound: Any, track: SoundTrack, channel: int) -> _Track:
    if muxer == "mov":
        return PcmTrack(container, sound, track)
    if muxer == "mp4":
        return _AacTrack(container, track)
    sixteen = pcm_for(streams_of(sound, track)[0])[1] in ("u8", "s16")
    chosen = range(track.channels) if channel == 0 else range(channel - 1, channel)
    return _MonoTracks(container, "s16" if sixteen else "s32", chosen)


def _at_rate(runs: Iterator[Samples], target: _Track, track: SoundTrack) -> Iterator[Samples]:
    """`runs` of `track` at the rate of `target`, channel by channel."""
    if track.sample_rate == target.rate:
        yield from runs
        return
    converts = [av.AudioResampler(target.kind, "mono", target.rate) for _ in range(track.channels)]
    for run in chain(runs, (None,)):
        made = [
            _converted(convert, None if run is None else run[:, n], target.kind, track.sample_rate)
            for n, convert in enumerate(converts)
        ]
        yield np.stack(made, axis=1)


def _converted(convert: Any, samples: Samples | None, kind: str, rate: int) -> Samples:
    """What comes of the next samples (n,) of one channel; None: the rest of them."""
    frame = None
    if samples is not None:
        one = np.ascontiguousarray(samples)[None]
        frame = av.AudioFrame.from_ndarray(one, format=kind, layout="mono")
        frame.sample_rate = rate
    made = [out.to_ndarray().reshape(-1) for out in convert.resample(frame)]
    return np.concatenate(made) if made else np.zeros(0, np.int32 if kind == "s32" else np.int16)


class _MonoTracks:
    """A PCM track for each channel, 16 or 24 bits, as MXF has them."""

    def __init__(self, container: Any, kind: str, channels: range) -> None:
        self.rate, self.kind, self.place = MXF_RATE, kind, 0
        self._container, self._channels = container, channels
        self._streams = []
        for _ in channels:
            name = "pcm_s16le" if kind == "s16" else "pcm_s24le"
            stream = container.add_stream(name, rate=self.rate)
            stream.codec_context.layout = "mono"
            self._streams.append(stream)

    def add(self, samples: Samples) -> None:
        if not samples.size:
            return
        for stream, channel in zip(self._streams, self._channels, strict=True):
            one = np.ascontiguousarray(samples[:, channel])[None]
            frame = av.AudioFrame.from_ndarray(one, format=self.kind, layout="mono")
            frame.sample_rate, frame.time_base = self.rate, Fraction(1, self.rate)
            frame.pts = self.place
            self._container.mux(stream.encode(frame))
        self.place += len(samples)

    def finish(self) -> None:
        for stream in self._streams:
            self._container.mux(stream.encode(None))


class _AacTrack:
    """AAC, for proxies: up to two channels; more are mixed to both sides."""

    def __init__(self, container: Any, track: SoundTrack) -> None:
        self.rate, self.kind, self.place = track.sample_rate, "flt", 0
        self._layout = "mono" if track.channels == 1 else "stereo"
        self._container = container
        self._stream = container.add_stream("aac", rate=self.rate, layout=self._layout)
        self._stream.bit_rate = 128_000 * min(track.channels, _STEREO)

    def add(self, samples: Samples) -> None:
        if not samples.size:
            return
        if samples.shape[1] > _STEREO:
            samples = np.repeat(samples.mean(axis=1, keepdims=True), _STEREO, axis=1)
        apart = np.ascontiguousarray(samples.T, np.float32)
        frame = av.AudioFrame.from_ndarray(apart, format="fltp", layout=self._layout)
        frame.sample_rate, frame.time_base = self.rate, Fraction(1, self.rate)
        frame.pts = self.place
        self.place += len(samples)
        self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        self._container.mux(self._stream.encode(None))
