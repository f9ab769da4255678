"""Sound files with any channels, layouts, tracks and codecs, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np


@dataclass(frozen=True)
class Track:
    """samples (n, channels) float32; `layout` as FFmpeg names it, "" for an unnamed one."""

    samples: np.ndarray
    layout: str = ""
    language: str = ""
    title: str = ""
    default: bool | None = None


def write_tracks(
    path: Path, tracks: Sequence[Track], *, rate: int = 48000, codec: str = "pcm_s24le",
    container: str | None = None, options: dict[str, str] | None = None, picture: bool = False,
) -> Path:  # fmt: skip
    """Write `tracks` into one file; with `picture`, a gray movie at 25 fps as long as the first."""
    with av.open(str(path), "w", format=container) as out:
        video = _add_picture(out) if picture else None
        streams = [_add_stream(out, track, rate, codec, options) for track in tracks]
        if video is not None:
            _fill_picture(out, video, len(tracks[0].samples) * 25 // rate)
        longest = max(len(track.samples) for track in tracks)
        for at in range(0, longest, rate // 25):  # side by side, as cameras write them
            for track, (stream, layout, convert) in zip(tracks, streams, strict=True):
                _mux(out, stream, convert, track.samples[at : at + rate // 25], layout, rate, at)
        for stream, _, convert in streams:
            for frame in convert.resample(None):
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
    return path


def _add_stream(out, track: Track, rate: int, codec: str, options):
    channels = track.samples.shape[1]
    layout = track.layout or {1: "mono", 2: "stereo"}.get(channels, f"{channels} channels")
    stream = out.add_stream(codec, rate=rate, options=options or {})
    stream.codec_context.layout = layout
    if track.language:
        stream.metadata["language"] = track.language
    if track.title:
        stream.metadata["title"] = track.title
    if track.default is not None:
        wanted = av.stream.Disposition.default if track.default else av.stream.Disposition(0)
        stream.disposition = wanted
    kind = stream.codec_context.format.name
    frame_size = stream.codec_context.frame_size or None
    return stream, layout, av.AudioResampler(kind, layout, rate, frame_size=frame_size)


def _mux(out, stream, convert, samples: np.ndarray, layout: str, rate: int, at: int) -> None:
    if not len(samples):
        return
    packed = np.ascontiguousarray(samples, np.float32).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(packed, "flt", layout)
    frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
    for piece in convert.resample(frame):
        out.mux(stream.encode(piece))


def _add_picture(out):
    codec = "mpeg2video" if out.format.name == "mxf" else "mpeg4"  # MXF takes no other
    video = out.add_stream(codec, rate=25)
    video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
    return video


def _fill_picture(out, video, n_frames: int) -> None:
    for n in range(n_frames):
        picture = np.full((48, 64, 3), 60 + n % 100, np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = n, Fraction(1, 25)
        out.mux(video.encode(frame))
    out.mux(video.encode(None))


def voice_like(n: int, channels: int = 1, seed: int = 0) -> np.ndarray:
    """Low-passed noise under a slow envelope, (n, channels), which every codec keeps well."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((n + 8, channels))
    smooth = np.stack([np.convolve(c, np.hanning(9) / 4, "valid") for c in noise.T], axis=1)
    envelope = 0.6 + 0.3 * np.sin(np.arange(n) / 3000)[:, None]
    return (smooth[:n] * envelope * 0.15).clip(-0.95, 0.95).astype(np.float32)


def lag(one: np.ndarray, other: np.ndarray) -> int:
    """Samples by which `one` is later than `other`, by the peak of their correlation."""
    n = 1 << (len(one) + len(other)).bit_length()
    spectrum = np.fft.rfft(one, n) * np.conj(np.fft.rfft(other, n))
    at = int(np.fft.irfft(spectrum, n).argmax())
    return at if at < n // 2 else at - n
