"""Plates and composites of noise for tests of writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from dubsync.core.picture import FieldName, Frame, PictureFormat, Region
from dubsync.core.reading.turned import AS_SHOWN, Turned
from dubsync.core.settings import DeliverySettings
from dubsync.core.shot import Plate
from dubsync.core.steps import Composite, Patch
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.movie.codecs import Codec
from dubsync.media.movie.field_flags import FieldFlags, flagged_codec
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.write import ShotWriter

FILM = Fraction(24000, 1001)
NTSC = Fraction(30000, 1001)


def noise(pixel: str, width: int, height: int, seed: int) -> av.VideoFrame:
    """A frame of pixel format `pixel` in which every significant bit is random."""
    rng = np.random.default_rng(seed)
    frame = av.VideoFrame(width, height, pixel)
    bits = frame.format.components[0].bits
    for plane in frame.planes:
        kind = np.dtype("<u2" if bits > 8 else "u1")
        samples = np.frombuffer(plane, kind)
        samples[:] = rng.integers(0, 1 << bits, samples.size)
    return frame


def write_plate(
    path: Path,
    pixel: str,
    *,
    n_frames: int = 6,
    size: tuple[int, int] = (64, 48),
    rate: Fraction = FILM,
    codec: str = "ffv1",
    timecode: str = "",
    reel: str = "",
    tags: dict[str, int] | None = None,
    sound: np.ndarray | None = None,
    sound_codec: str = "pcm_s16le",
    sound_rate: int = 48000,
    picture: Callable[[str, int, int, int], av.VideoFrame] = noise,
    turned: Turned = AS_SHOWN,
    flagged: FieldName = "",
    aspect: Fraction = Fraction(1),
) -> Plate:
    """A movie of noise at `path`, or of what `picture` makes; `sound` is (n,) int16."""
    with av.open(str(path), "w") as movie:
        coded = flagged_codec(Codec(codec, pixel, {}), flagged, path.suffix)
        flags = FieldFlags(flagged)
        stream = movie.add_stream(codec, rate=rate, options=coded.options)
        stream.width, stream.height, stream.pix_fmt = *size, pixel
        stream.codec_context.time_base = 1 / rate
        if aspect != 1:
            stream.codec_context.sample_aspect_ratio = aspect
        if turned:
            stream.set_display_matrix(turned.matrix(*size))
        for key, value in (tags or {}).items():
            setattr(stream.codec_context, key, value)
        if timecode:
            stream.metadata["timecode"] = timecode
        if reel:
            stream.metadata["reel_name"] = reel
        heard = (
            movie.add_stream(sound_codec, rate=sound_rate, layout="mono")
            if (sound is not None)
            else None
        )
        for n in range(n_frames):
            frame = flags(picture(pixel, *size, n))
            for key, value in (tags or {}).items():
                setattr(frame, key, value)
            frame.pts, frame.time_base = n, 1 / rate
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))
        if heard is not None and sound is not None:
            add_sound(movie, heard, sound, sound_rate)
    return probe_plate(path)


def add_sound(movie: av.container.OutputContainer, stream, sound: np.ndarray, rate: int) -> None:
    """Encode `sound` (n,) int16 into `stream`."""
    for at in range(0, len(sound), 1024):
        piece = av.AudioFrame.from_ndarray(sound[None, at : at + 1024], "s16", "mono")
        piece.sample_rate, piece.pts, piece.time_base = rate, at, Fraction(1, rate)
        movie.mux(stream.encode(piece))
    movie.mux(stream.encode(None))


def clicks(n_samples: int, at: Sequence[int]) -> np.ndarray:
    """Silence with a click of 8 samples at each of `at`."""
    sound = np.zeros(n_samples, np.int16)
    for place in at:
        sound[place : place + 8] = 30000
    return sound


def untouched(frame: Frame) -> Composite:
    """The plate's own frame as a composite."""
    form = frame.format
    return Composite(frame, np.zeros((form.height, form.width), np.uint8), ())


def patched(frame: Frame, region: Region, seed: int = 0) -> Composite:
    """The frame with other samples in `region`, whose matte is 255, and a gray patch for a layer.

    Where chroma is subsampled `region` lies on its sites.
    """
    form = frame.format
    rng = np.random.default_rng(1000 + seed)
    planes = []
    for n, plane in enumerate(frame.planes):
        where = region.in_plane(form, n)
        plane = plane.copy()
        part = plane[where.rows, where.columns]
        if form.floating:
            part[:] = rng.random(part.shape).astype(part.dtype)
        elif n < 3:
            part[:] = part ^ 1
        planes.append(plane)
    matte = np.zeros((form.height, form.width), np.uint8)
    matte[region.rows, region.columns] = 255
    rgb = np.full((region.height, region.width, 3), 0.5, np.float32)
    patch = Patch(region, rgb, matte[region.rows, region.columns])
    return Composite(Frame(frame.number, tuple(planes), form, frame.extra), matte, (patch,))


def composites(plate: Plate, span: FrameRange, region: Region | None) -> Iterator[Composite]:
    """A composite for each frame of `span`; the first is never touched."""
    with open_plate(plate) as reader:
        for frame in reader.frames(span):
            if region is None or frame.number == span.start:
                yield untouched(frame)
            else:
                yield patched(frame, region, frame.number)


def write_shot(
    folder: Path,
    plate: Plate,
    span: FrameRange | None = None,
    region: Region | None = None,
    *,
    container: str = "mkv",
    picture: str = "lossless",
    sound: Path | None = None,
) -> tuple[ShotWriter, list[Composite]]:
    """Write `span` of `plate`; answers the finished writer and what it was given."""
    span = span or plate.frames
    delivery = DeliverySettings(container=container, picture=picture)  # type: ignore[arg-type]
    given = list(composites(plate, span, region))
    with ShotWriter(folder, "sh010_v001", plate, span, delivery, sound=sound) as writer:
        for composite in given:
            writer.add(composite)
    return writer, given


def read_all(path: Path, rate: Fraction | None = None) -> list[Frame]:
    """Every frame of a written file or sequence."""
    plate = probe_plate(path, rate=rate)
    with open_plate(plate) as reader:
        return list(reader.frames(plate.frames))


def same_samples(a: Frame, b: Frame) -> bool:
    """Whether every plane of both holds the same bits."""
    return len(a.planes) == len(b.planes) and all(
        x.dtype == y.dtype and x.tobytes() == y.tobytes()
        for x, y in zip(a.planes, b.planes, strict=True)
    )


def format_of(pixel: str, **facts: object) -> PictureFormat:
    """A PictureFormat for tests that write none."""
    base = {"width": 64, "height": 48, "model": "yuv", "bits": 8, "storage": pixel}
    return PictureFormat(**(base | facts))  # type: ignore[arg-type]
