"""Decode sound without gaps: every sample at its time, and silence where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import MediaError
from dubsync.media.files.container import picture_stream

#: Time stamps that differ from the sample count by up to this (seconds) are rounding, not a gap.
_JITTER = Fraction(1, 200)
#: Seconds decoded before the first wanted sample after a seek, to let the decoder settle.
_SETTLE = Fraction(3, 4)
#: PCM that holds a decoder's samples unchanged; compressed sound becomes 24-bit.
_PCM = {"u8": "pcm_u8", "s16": "pcm_s16le", "s32": "pcm_s32le", "flt": "pcm_f32le",
        "dbl": "pcm_f64le"}  # fmt: skip
_MOST_SILENCE = 1 << 16  #: samples of silence made at a time

Samples = NDArray[Any]


def sound_stream(path: Path | str, container: Any) -> Any:
    """The first stream of sound.

    Raises:
        MediaError: there is none, or none that can be decoded.
    """
    for stream in container.streams.audio:
        context = stream.codec_context
        if context is None or context.sample_rate <= 0 or context.channels <= 0:
            raise MediaError(f"the sound of {path} cannot be decoded", hint="export it as PCM")
        return stream
    raise MediaError(f"{path} holds no sound", hint="is it the right file?")


def clock_zero(path: Path | str, container: Any) -> Fraction:
    """Zero of the file's clock, in its streams' time: its first picture, or 0 without one."""
    if not container.streams.video:
        return Fraction(0)
    try:
        start = picture_stream(path, container).start_time
    except MediaError:
        return Fraction(0)
    return Fraction(start * picture_stream(path, container).time_base) if start else Fraction(0)


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
    path: Path | str, container: Any, kind: str, first: int, last: int | None
) -> Iterator[Samples]:
    """Samples `first` up to `last` (None: to the end) at the file's own clock and rate.

    Runs follow each other without a gap: there is silence before the sound begins, where time
    stamps jump ahead, and (with `last`) after it ends.  Where time stamps jump back, the earlier
    samples are kept.

    Args:
        kind: av's name of the sample format: planar ("fltp") gives (channels, n) runs, packed
            ("s32") gives (1, n * channels).
    """
    stream = sound_stream(path, container)
    context = stream.codec_context
    rate, channels = context.sample_rate, context.channels
    zero = clock_zero(path, container)
    width = 1 if kind.endswith("p") else channels  # numbers per sample in a row
    rows = channels if kind.endswith("p") else 1
    dtype = np.dtype({"u8": "u1", "s16": "i2", "s32": "i4", "flt": "f4", "dbl": "f8"}
                     [kind.removesuffix("p")])  # fmt: skip
    done = first
    begin = Fraction(first, rate) - _SETTLE
    if begin > 1 and stream.time_base <= Fraction(1, rate):
        # Matroska's milliseconds are too coarse for samples: there only counting from the start
        # is exact.
        container.seek(int((begin + zero) / stream.time_base), stream=stream, backward=True)
    for place, samples in _placed(container, stream, kind, zero):
        stop = place + samples.shape[1] // width
        if last is not None and place >= last:
            break
        if stop <= done:
            continue
        yield from _silence(rows, width, place - done, dtype, kind)
        done = max(done, place)
        end = stop if last is None else min(stop, last)
        yield samples[:, (done - place) * width : (end - place) * width]
        done = end
    if last is not None:
        yield from _silence(rows, width, last - done, dtype, kind)


def _silence(
    rows: int, width: int, n_samples: int, dtype: np.dtype[Any], kind: str
) -> Iterator[Samples]:
    middle = 128 if kind.startswith("u8") else 0
    while n_samples > 0:
        n = min(n_samples, _MOST_SILENCE)
        yield np.full((rows, n * width), middle, dtype)
        n_samples -= n


def _placed(
    container: Any, stream: Any, kind: str, zero: Fraction
) -> Iterator[tuple[int, Samples]]:
    """Decoded runs with the place of their first sample."""
    context = stream.codec_context
    rate, channels = context.sample_rate, context.channels
    convert = av.AudioResampler(kind, context.layout, rate)
    place: int | None = None
    for frame in _decoded(container, stream):
        if frame.sample_rate != rate or len(frame.layout.channels) != channels:
            raise MediaError("sample rate or channels change within the sound", hint="export it")
        if frame.pts is not None:
            stated = (frame.pts * frame.time_base - zero) * rate
            if place is None or abs(stated - place) > _JITTER * rate:
                place = round(stated)
        place = place or 0
        frame.pts = None  # the conversion must not pad or trim by time stamps
        for out in convert.resample(frame):
            samples = out.to_ndarray()
            yield place, samples
            place += out.samples


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    """Decoded sound; a packet that a seek cut off is skipped."""
    begun = False
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            if begun:
                raise
            continue
        for frame in frames:
            begun = True
            yield frame
