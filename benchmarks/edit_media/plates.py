"""Synthetic plates with every fact that edit media carry, and the media made of them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from dubsync.core.edit.codec import EDIT_CODECS, EditCodec
from dubsync.core.edit.media import EditMedia
from dubsync.core.shot import Plate
from dubsync.media.edit.write import write_edit_media
from dubsync.media.probe import probe_plate

RATE, TIMECODE, REEL, N_FRAMES = Fraction(30000, 1001), "01:00:00;10", "A001R1", 5
DISPLAY = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
_TAGS = {"color_primaries": 9, "color_trc": 16, "colorspace": 9, "color_range": 1}
_SIZE = (1280, 720)


def plate_of(folder: Path, codec: EditCodec, n_frames: int = N_FRAMES) -> Plate:
    """A BT.2020 PQ plate of 10 bits, 29.97 drop frame, with stereo sound, that `codec` takes."""
    sizes = codec.sizes
    width, height = _SIZE if not sizes or _SIZE in sizes else sizes[0]
    path = folder / f"plate_{width}_{n_frames}.mkv"
    if not path.exists():
        _write(path, width, height, n_frames)
    plate = probe_plate(path)
    form = replace(plate.format, mastering_display=DISPLAY, content_light="1000,400")
    return replace(plate, format=form)


def _write(path: Path, width: int, height: int, n_frames: int) -> None:
    rng = np.random.default_rng(1)
    with av.open(str(path), "w") as movie:
        stream = movie.add_stream("ffv1", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv422p10le"
        stream.codec_context.time_base = 1 / RATE
        for key, value in _TAGS.items():
            setattr(stream.codec_context, key, value)
        stream.metadata.update({"timecode": TIMECODE, "reel_name": REEL})
        voice = movie.add_stream("pcm_s24le", rate=48000, layout="stereo")
        x, y = np.meshgrid(np.arange(width), np.arange(height))
        for n in range(n_frames):
            luma = 300 + 200 * np.sin((x + 9 * n) / 60) * np.cos(y / 45) + rng.normal(0, 4, x.shape)
            frame = av.VideoFrame(width, height, "yuv422p10le")
            for at, values in enumerate((luma, 512 + luma[:, ::2] / 8, 512 - luma[:, ::2] / 9)):
                plane = np.frombuffer(frame.planes[at], "<u2").reshape(height, -1)
                plane[:, : values.shape[1]] = values
            for key, value in _TAGS.items():
                setattr(frame, key, value)
            frame.pts, frame.time_base = n, 1 / RATE
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))
        tone = np.sin(np.arange(48000) / 20) * (1 << 30)
        both = np.repeat(tone.astype(np.int32), 2)[None]
        piece = av.AudioFrame.from_ndarray(both, "s32", "stereo")
        piece.sample_rate, piece.pts, piece.time_base = 48000, 0, Fraction(1, 48000)
        movie.mux(voice.encode(piece))
        movie.mux(voice.encode(None))


def media_of(folder: Path, plate: Plate, codec: EditCodec, container: str) -> EditMedia:
    """The plate as edit media."""
    out = folder / f"{codec.name}_{container}"
    out.mkdir()
    return write_edit_media(
        probe_plate(Path(plate.path)), out, f"{codec.name}_{container}", codec, container,
        plate=plate, span=plate.frames, digest=codec.name,
        sound=None if container == "sequence" else Path(plate.path),
    )  # fmt: skip


def every_form() -> list[tuple[EditCodec, str]]:
    """Every codec in each of its containers."""
    return [(codec, kind) for codec in EDIT_CODECS.values() for kind in codec.containers]
