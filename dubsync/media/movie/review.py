"""Write review movies: H.264 and AAC in an .mp4 that plays anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import MediaError
from dubsync.core.sound.audio import Sound
from dubsync.media.movie.write import landed, writing

_PICTURE = {"crf": "17", "preset": "fast", "g": "12"}  # short groups, for stepping
_MADE = "for review; synthetic: mouth re-animated to a dub by dubsync"


def write_review_movie(
    out: Path,
    pictures: Iterable[NDArray[np.uint8]],
    rate: Fraction,
    sound: Sound,
    *,
    chapters: Sequence[tuple[int, int, str]] = (),
) -> None:
    """Write `out` (.mp4): `pictures` (H, W, 3) R'G'B', with `sound` from the first of them on.

    Width and height are cropped to even numbers; the sound is trimmed or padded with silence to
    the length of the picture.

    Args:
        chapters: (start, stop, title) of each, in pictures from 0.  They are written as a chapter
            track (QuickTime File Format, "Chapter Lists") and as Nero's list, so that QuickTime,
            VLC and ffprobe all find them.

    Raises:
        DeliveryError: `out` exists, or cannot be written.
        MediaError: there are no pictures.
    """
    with landed(out) as aside:
        with writing(out):
            container: Any = av.open(str(aside), "w", options={"movflags": "+faststart"})
        with writing(out), closing(container):
            container.metadata["comment"] = _MADE
            if chapters:
                container.set_chapters([_chapter(n, one, rate) for n, one in enumerate(chapters)])
            _filled(container, iter(pictures), rate, sound)


def _chapter(number: int, chapter: tuple[int, int, str], rate: Fraction) -> Any:
    """One chapter, as PyAV takes it."""
    start, stop, title = chapter
    return {"id": number, "start": start, "end": stop, "time_base": 1 / rate,
            "metadata": {"title": title}}  # fmt: skip


def _filled(
    container: Any, pictures: Iterator[NDArray[np.uint8]], rate: Fraction, sound: Sound
) -> None:
    first = next(pictures, None)
    if first is None:
        raise MediaError("a review movie needs at least one frame")
    height, width = (side - side % 2 for side in first.shape[:2])
    stream = container.add_stream("libx264", rate=rate, options=_PICTURE)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.codec_context.time_base = 1 / rate
    context = stream.codec_context
    # BT.709, limited range (ITU-T H.273 code points), as the conversion below produces.
    context.color_primaries = context.color_trc = context.colorspace = 1
    context.color_range = 1
    voice = container.add_stream("aac", rate=sound.sample_rate, layout="mono")
    voice.bit_rate = 128_000
    voiced = 0
    for count, picture in enumerate(_all(first, pictures), start=1):
        frame = av.VideoFrame.from_ndarray(
            np.ascontiguousarray(picture[:height, :width]), format="rgb24"
        )
        frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
        frame.time_base, frame.pts = 1 / rate, count - 1
        container.mux(stream.encode(frame))
        until = ceil(count * sound.sample_rate / rate)
        _voice(container, voice, sound, voiced, until)
        voiced = until
    container.mux(stream.encode(None))
    container.mux(voice.encode(None))


def _all(
    first: NDArray[np.uint8], rest: Iterator[NDArray[np.uint8]]
) -> Iterator[NDArray[np.uint8]]:
    yield first
    yield from rest


def _voice(container: Any, voice: Any, sound: Sound, start: int, stop: int) -> None:
    """Samples `start` up to `stop`, silence if there are none."""
    samples = np.zeros((1, stop - start), np.float32)
    part = sound.samples[start:stop]
    samples[0, : len(part)] = np.clip(part, -1, 1)
    frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
    frame.sample_rate, frame.time_base = sound.sample_rate, Fraction(1, sound.sample_rate)
    frame.pts = start
    container.mux(voice.encode(frame))
