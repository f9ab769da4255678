"""How many bytes one picture takes in an intra-only codec: it is encoded, and nothing is kept."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av

from dubsync.core.errors import MediaError
from dubsync.core.picture import Frame
from dubsync.media.movie.codecs import PRORES_HQ, Codec, lossless
from dubsync.media.pixels.formats import frame_of

#: ProRes 422 HQ as masters and edit media have it.
PRORES = Codec("prores_ks", "yuv422p10le", PRORES_HQ)


def lossless_bytes(frame: Frame, suffix: str) -> int:
    """Bytes of `frame` in a lossless movie with the given `suffix`.

    Raises:
        MediaError: no codec of that container takes it.
    """
    return picture_bytes(frame, lossless(frame.format, suffix))


def picture_bytes(frame: Frame, codec: Codec) -> int:
    """Bytes of `frame` as the first picture of a movie in `codec`.

    Raises:
        MediaError: the encoder does not take it.
    """
    try:
        context: Any = av.CodecContext.create(codec.name, "w")
        context.width, context.height = frame.format.width, frame.format.height
        context.pix_fmt, context.time_base = codec.pixel, Fraction(1, 25)
        context.thread_count, context.options = 1, dict(codec.options)
        picture = frame_of(frame.planes, frame.format)
        if picture.format.name != codec.pixel:
            picture = picture.reformat(format=codec.pixel)
        picture.pts = 0
        packets = [*context.encode(picture), *context.encode(None)]
    except (av.error.FFmpegError, ValueError) as error:
        raise MediaError(
            f"{codec.name} does not take {frame.format.storage}: {error}",
            hint="choose another codec",
        ) from error
    return sum(packet.size for packet in packets)
