"""A digest of each frame of a render, by which a copy is recognised frame by frame.

Of a picture written without loss it is over the decoded samples, so that it holds in any container
and any lossless codec.  Of a ProRes picture, whose samples depend on the decoder, it is over the
coded frame, which re-wrapping leaves as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np

from dubsync.core.errors import MediaError, VariableRate
from dubsync.core.picture import Frame
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.waiting.answering import answered
from dubsync.media.files.container import opened, picture_stream
from dubsync.media.pixels.formats import as_frame, picture_format
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate

#: What a frame's digest is over.
Digested = Literal["samples", "coded"]


def frame_digest(frame: Frame) -> str:
    """SHA-256 over a frame's samples, 64 hex digits.

    The bytes of each plane, row by row, without padding, little-endian as stored (uint8, uint16,
    float16 or float32); then those of further EXR channels, by name.
    """
    hashed = hashlib.sha256()
    for samples in (*frame.planes, *(frame.extra[name] for name in sorted(frame.extra))):
        hashed.update(np.ascontiguousarray(samples).data)
    return hashed.hexdigest()


def digests_of(
    path: Path, digested: Digested, *, span: FrameRange | None = None, rate: Fraction | None = None
) -> Iterator[str]:
    """The digest of each frame of a movie or sequence, in order, as it is read.

    Args:
        path: a movie, or the printf pattern of a sequence.
        digested: as the render's record says in "frame_digests_of".
        span: frames of its own to read; None: all.
        rate: frames per second of a sequence whose files do not state it.

    Raises:
        MediaError: it cannot be opened, or a frame does not decode.
    """
    if digested == "coded":
        yield from _coded(path)
        return
    try:
        made = probe_plate(path, rate=rate)
    except VariableRate:
        yield from _uneven(path)
        return
    if made.reading.times:
        yield from _uneven(path)
        return
    with open_plate(made) as reader:
        for frame in reader.frames(span or made.frames):
            yield frame_digest(frame)


def _coded(path: Path) -> Iterator[str]:
    with opened(path) as container:
        packets = container.demux(picture_stream(path, container))
        for packet in answered(packets, path, "reading pictures"):
            if packet.size:
                yield hashlib.sha256(bytes(packet)).hexdigest()


def _uneven(path: Path) -> Iterator[str]:
    """Of the samples of a movie whose frames are not evenly spaced: no plate, but maybe a copy."""
    try:
        with opened(path) as container:
            stream = picture_stream(path, container)
            for number, decoded in enumerate(container.decode(stream)):
                form = picture_format(stream, decoded.format.name)
                yield frame_digest(as_frame(number, decoded, form))
    except (av.error.FFmpegError, OSError) as error:
        raise MediaError(f"{path} cannot be decoded: {error}", hint="copy it again") from error
