"""ProRes frames of which only a part is drawn: that part is encoded, the rest is as encoded before.

A ProRes frame is a header, a table, and slices of 8 macroblocks that do not depend on each other.
At a fixed quantiser a slice has the same bytes whatever lies beside it, so the slices of a small
picture can take the place of those of an empty one.  The frame is bit for bit the one that
encoding all of it would give.
Source: SMPTE RDD 36:2015, 5.1 to 5.3.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from fractions import Fraction
from typing import Any

import av

from dubsync.core.errors import MediaError
from dubsync.core.picture import PictureFormat, Region
from dubsync.media.movie.codecs import Codec
from dubsync.media.pixels.formats import tag_colour

#: Pixels of a slice: 8 macroblocks of 16; of several rows together, so that few sizes occur.
ACROSS, DOWN, ROW = 128, 64, 16
#: Encoders held, one for each size of part.
ENCODERS = 8
#: Bytes of frame size and "icpf" before the frame's header; of a picture's header.
_MARK, _PICTURE = 8, 8


class ProResParts:
    """Encodes parts of frames of one format; `empty` is what lies around them."""

    def __init__(self, codec: Codec, form: PictureFormat, empty: av.VideoFrame) -> None:
        """`codec` must have a fixed quantiser, `form` chroma at every pixel and progressive rows.

        Raises:
            MediaError: the encoder gives nothing that can be taken apart.
        """
        self._codec, self._form = codec, form
        self._encoders: OrderedDict[tuple[int, int], Any] = OrderedDict()
        self.empty = self._encoded(empty)
        self._head, self._slices = _taken_apart(self.empty)
        if len(self._slices) != -(-form.height // ROW) * len(_slice_widths(form.width)):
            raise MediaError("a ProRes frame has other slices than its size asks for")

    def part_of(self, region: Region) -> Region:
        """The smallest part that can be encoded by itself and holds `region`."""
        form = self._form
        return Region(
            region.left // ACROSS * ACROSS, region.top // DOWN * DOWN,
            min(-(-region.right // ACROSS) * ACROSS, form.width),
            min(-(-region.bottom // DOWN) * DOWN, form.height),
        )  # fmt: skip

    def frame(self, part: Region, picture: av.VideoFrame) -> bytes:
        """The coded frame with `picture` in the place of `part`, see `part_of`."""
        if (picture.width, picture.height) == (self._form.width, self._form.height):
            return self._encoded(picture)
        _, drawn = _taken_apart(self._encoded(picture))
        slices, in_row = list(self._slices), len(_slice_widths(self._form.width))
        first, across = part.left // ACROSS, len(_slice_widths(part.width))
        for row in range(len(drawn) // across):
            at = (part.top // ROW + row) * in_row + first
            slices[at : at + across] = drawn[row * across : (row + 1) * across]
        return _put_together(self._head, slices)

    def _encoded(self, picture: av.VideoFrame) -> bytes:
        tag_colour(picture, self._form)
        (packet,) = self._encoder(picture.width, picture.height).encode(picture)
        return bytes(packet)

    def _encoder(self, width: int, height: int) -> Any:
        known = self._encoders.pop((width, height), None)
        if known is None:
            known = av.CodecContext.create(self._codec.name, "w")
            known.width, known.height, known.pix_fmt = width, height, self._codec.pixel
            known.options, known.thread_count = dict(self._codec.options), 1  # one: no delay
            known.time_base = Fraction(1, 25)
            known.sample_aspect_ratio = self._form.pixel_aspect
            tag_colour(known, self._form)
        self._encoders[width, height] = known
        if len(self._encoders) > ENCODERS:
            self._encoders.popitem(last=False)
        return known


def part_format(form: PictureFormat, part: Region) -> PictureFormat:
    """The format of a picture of `part` of a frame."""
    return replace(form, width=part.width, height=part.height)


def _slice_widths(width: int) -> list[int]:
    """Macroblocks of each slice of a row: of 8 while they fit, then of 4, 2 and 1."""
    blocks = -(-width // 16)
    whole, rest = divmod(blocks, 8)
    return [8] * whole + [size for size in (4, 2, 1) if rest & size]


def _taken_apart(coded: bytes) -> tuple[bytes, list[bytes]]:
    """Everything before the slice table, and the slices."""
    start = _MARK + int.from_bytes(coded[_MARK : _MARK + 2], "big")
    count = int.from_bytes(coded[start + 5 : start + 7], "big")
    table = start + (coded[start] >> 3)
    if coded[4:8] != b"icpf" or table != start + _PICTURE:
        raise MediaError("a ProRes frame has an unknown header")
    place, slices = table + 2 * count, []
    for n in range(count):
        size = int.from_bytes(coded[table + 2 * n : table + 2 * n + 2], "big")
        slices.append(coded[place : place + size])
        place += size
    if place != len(coded):
        raise MediaError(f"a ProRes frame of {len(coded)} bytes has slices for {place}")
    return coded[:table], slices


def _put_together(head: bytes, slices: list[bytes]) -> bytes:
    """A frame of the same header with other slices."""
    table = b"".join(len(one).to_bytes(2, "big") for one in slices)
    body = table + b"".join(slices)
    start = len(head) - _PICTURE
    picture = (len(body) + _PICTURE).to_bytes(4, "big")
    size = (len(head) + len(body)).to_bytes(4, "big")
    return size + head[4 : start + 1] + picture + head[start + 5 :] + body
