"""Decode sound without gaps: every sample at its time, and silence where there is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import MediaError
from dubsync.core.sound.tracks import SoundTrack
from dubsync.core.waiting.answering import answered
from dubsync.media.files.container import keep_layout, picture_stream
from dubsync.media.sound.tracks import streams_of

#: Time stamps that differ from the sample count by up to this (seconds) are rounding, not a gap.
_JITTER = Fraction(1, 200)
#: Seconds decoded before the first wanted sample after a seek, to let the decoder settle.
_SETTLE = Fraction(3, 4)
#: PCM that holds a decoder's samples unchanged; compressed sound becomes 24-bit.
_PCM = {"u8": "pcm_u8", "s16": "pcm_s16le", "s32": "pcm_s32le", "flt": "pcm_f32le",
        "dbl": "pcm_f64le"}  # fmt: skip
#: av's packed sample formats.  Planar ones are not used: av 18.1 counts one plane too many where
#: a frame has 8 channels or more, and reads memory that is not the frame's.
_DTYPES = {"u8": "u1", "s16": "i2", "s32": "i4", "flt": "f4", "dbl": "f8"}
#: Streams without time stamps of their own: FFmpeg estimates those after a seek.
_WITHOUT_CLOCK = ("aac", "ac3", "eac3", "amr", "dts", "truehd")
#: Codecs whose encoders put a delay before the sound, and do not write it themselves.
_DELAYED = ("aac", "ac3", "eac3", "mp2", "mp3", "wma")
#: Containers that state to the sample where compressed sound ends within its last packet.
_STATES_END = ("mov",)
_MOST_SILENCE = 1 << 16  #: samples of silence made at a time

Samples = NDArray[Any]


def clock_zero(path: Path | str, container: Any) -> Fraction:
    """Zero of the file's clock, in its streams' time: its first picture.

    A file of sound alone, cover art or not, begins with its first sample: the time stamps of MP3
    count the encoder's delay, which the decoder removes.
    """
    try:
        stream = picture_stream(path, container)
    except MediaError:
        starts = [
            stream.start_time * stream.time_base
            for stream in container.streams.audio
            if stream.start_time is not None
        ]
        return Fraction(min(starts, default=0))
    return Fraction(stream.start_time * stream.time_base) if stream.start_time else Fraction(0)


def states_delay(path: Path | str, container: Any, stream: Any) -> bool:
    """Whether a file states how much of `stream`'s beginning is its encoder's delay.

    True of sound without such a delay, and of a movie, whose time stamps place its sound.  Not so
    of ADTS, of MP3 without LAME's header and of AC-3: their sound is late by 256 to 2,112 samples,
    and nothing in the file says by how many.
    """
    if not stream.codec_context.name.startswith(_DELAYED):
        return True
    try:
        picture_stream(path, container)
    except MediaError:
        packet = next(container.demux(stream))
        frames = packet.decode()
        return not frames or frames[0].pts != packet.pts
    return True


def pcm_for(stream: Any) -> tuple[str, str]:
    """(encoder, packed sample format) that preserve `stream`'s samples."""
    context = stream.codec_context
    kind = context.format.packed.name
    if not context.name.startswith("pcm_") or kind not in _PCM:
        return "pcm_s24le", "s32"
    if kind == "s32" and context.name.startswith("pcm_s24"):
        return "pcm_s24le", "s32"
    return _PCM[kind], kind


def native_runs(
    path: Path | str,
    container: Any,
    track: SoundTrack,
    kind: str,
    first: int,
    last: int | None,
) -> Iterator[Samples]:
    """Samples `first` up to `last` (None: to the end) of `track`, (n, channels), at its own rate.

    Runs follow each other without a gap: there is silence before the sound begins, where time
    stamps jump ahead, and (with `last`) after it ends.  Where time stamps jump back, the earlier
    samples are kept.  Sample 0 is at `clock_zero`.

    Args:
        kind: av's name of a packed sample format: "s16", "s32", "flt" ...
    """
    streams = streams_of(container, track)
    rate, zero = track.sample_rate, clock_zero(path, container)
    lines = {stream.index: _Line(stream, kind, zero, first, last) for stream in streams}
    begin = Fraction(first, rate) - _SETTLE
    if begin > 1 and _seekable(container, streams[0], rate):
        start = int((begin + zero) / streams[0].time_base)
        container.seek(start, stream=streams[0], backward=True)
    joined = _Joined(list(lines.values()))
    for frame, index, n_samples in _decoded(container, streams):
        yield from joined.add(lines[index], frame, n_samples)
        if all(line.complete for line in lines.values()):
            break
    yield from joined.rest(last)


def _seekable(container: Any, stream: Any, rate: int) -> bool:
    """Whether time stamps after a seek are exact to the sample.

    Matroska's milliseconds are too coarse: there, as in a bare stream, only counting from the
    start is exact.
    """
    bare = container.format.name in _WITHOUT_CLOCK
    return not bare and stream.time_base <= Fraction(1, rate)


def silence(kind: str, channels: int, n_samples: int) -> Iterator[Samples]:
    """`n_samples` of silence as runs (n, channels) in the packed sample format `kind`."""
    middle = 128 if kind == "u8" else 0
    while n_samples > 0:
        n = min(n_samples, _MOST_SILENCE)
        yield np.full((n, channels), middle, _DTYPES[kind])
        n_samples -= n


class _Line:
    """One stream as runs without a gap, from sample `first` up to `last` (None: to the end).

    done  the first sample that was not given yet
    """

    def __init__(
        self, stream: Any, kind: str, zero: Fraction, first: int, last: int | None
    ) -> None:
        context = stream.codec_context
        self.channels, self.done = context.channels, first
        self._rate, self._zero, self._last, self._kind = context.sample_rate, zero, last, kind
        self._convert = av.AudioResampler(kind, context.layout, self._rate)
        self._place: int | None = None

    @property
    def complete(self) -> bool:
        """Whether samples at or past `last` were decoded."""
        return self._last is not None and self._place is not None and self._place >= self._last

    def runs(self, frame: Any, n_samples: int | None) -> Iterator[Samples]:
        """The samples of the next frame, (n, channels), after silence where there is a gap.

        Args:
            n_samples: how many of the frame's samples are sound; None: all.
        """
        rate = self._rate
        keep_layout(frame)
        if frame.sample_rate != rate or len(frame.layout.channels) != self.channels:
            raise MediaError("sample rate or channels change within the sound", hint="export it")
        if frame.pts is not None:
            stated = (frame.pts * frame.time_base - self._zero) * rate
            if self._place is None or abs(stated - self._place) > _JITTER * rate:
                self._place = round(stated)
        place = self._place or 0
        frame.pts = None  # the conversion must not pad or trim by time stamps
        for out in self._convert.resample(frame):
            samples = out.to_ndarray().reshape(-1, self.channels)[:n_samples]
            yield from self._placed(place, samples)
            place += out.samples
        self._place = place

    def _placed(self, place: int, samples: Samples) -> Iterator[Samples]:
        stop = place + len(samples)
        end = stop if self._last is None else min(stop, self._last)
        if end <= self.done:
            return
        yield from self.silence_to(place)
        yield samples[self.done - place : end - place]
        self.done = end

    def silence_to(self, place: int) -> Iterator[Samples]:
        """Silence up to `place`."""
        for run in silence(self._kind, self.channels, place - self.done):
            self.done += len(run)
            yield run


class _Joined:
    """The streams of one track side by side; what one has and another not yet is kept."""

    def __init__(self, lines: Sequence[_Line]) -> None:
        self._lines = lines
        self._kept: dict[int, list[Samples]] = {id(line): [] for line in lines}

    def add(self, line: _Line, frame: Any, n_samples: int | None) -> Iterator[Samples]:
        """The runs that are complete with the first `n_samples` (None: all) of a frame."""
        if len(self._lines) == 1:
            yield from line.runs(frame, n_samples)
            return
        self._kept[id(line)] += line.runs(frame, n_samples)
        yield from self._ready()

    def rest(self, last: int | None) -> Iterator[Samples]:
        """What is left, with silence up to `last`; None: up to the longest stream's end."""
        end = max(line.done for line in self._lines) if last is None else last
        if len(self._lines) == 1:
            yield from self._lines[0].silence_to(end)
            return
        for line in self._lines:
            self._kept[id(line)] += line.silence_to(end)
        yield from self._ready()

    def _ready(self) -> Iterator[Samples]:
        kept = [np.concatenate(runs) if runs else None for runs in self._kept.values()]
        n = min(0 if run is None else len(run) for run in kept)
        if not n:
            return
        whole = [run for run in kept if run is not None]
        yield np.concatenate([run[:n] for run in whole], axis=1)
        self._kept = {
            id(line): [run[n:]] if len(run) > n else []
            for line, run in zip(self._lines, whole, strict=True)
        }


def _decoded(container: Any, streams: Sequence[Any]) -> Iterator[tuple[Any, int, int | None]]:
    """(decoded frame, index of its stream, how many of its samples are sound; None: all).

    A packet that a seek cut off is skipped.  Compressed sound fills its last packet up; what is
    padding there is left out where the container states it.
    """
    begun: set[int] = set()
    held: dict[int, Any] = {}  # the latest packet of each stream: is it the last one?
    states_end = container.format.name.startswith(_STATES_END)
    packets = container.demux(*streams)
    for packet in answered(packets, str(container.name), "reading sound"):
        index = packet.stream.index
        before = held.pop(index, None)
        if packet.size:
            held[index] = packet
        due = [before] if packet.size else [before, packet]
        for one in (p for p in due if p is not None):
            try:
                frames = one.decode()
            except av.error.InvalidDataError:
                if index in begun:
                    raise
                continue
            ends = states_end and one is before and not packet.size
            for frame in frames:
                begun.add(index)
                yield frame, index, _up_to_end(frame, one) if ends else None


def _up_to_end(frame: Any, packet: Any) -> int | None:
    """How many samples of a stream's last frame are sound, by its packet's duration."""
    coarse = packet.time_base > Fraction(1, frame.sample_rate)
    if not packet.duration or None in (packet.pts, frame.pts) or coarse:
        return None
    end = (packet.pts + packet.duration) * packet.time_base
    return int(max(0, round((end - frame.pts * frame.time_base) * frame.sample_rate)))
