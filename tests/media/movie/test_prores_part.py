"""A ProRes frame of which a part is encoded is the frame of which all is encoded, byte for byte."""

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.picture import PictureFormat, Region
from dubsync.media.movie.codecs import PRORES_4444, Codec
from dubsync.media.movie.prores_part import ProResParts, part_format
from dubsync.media.pixels.formats import frame_of

CODEC = Codec("prores_ks", "yuva444p10le", PRORES_4444)


def form(width, height):
    return PictureFormat(width, height, "yuv", 10, chroma=(0, 0), storage="yuva444p10le")


def empty(width, height):
    return [np.full((height, width), value, np.uint16) for value in (64, 512, 512, 0)]


def encoded_whole(planes, shape):
    """The frame as FFmpeg encodes all of it."""
    coder = av.CodecContext.create(CODEC.name, "w")
    coder.width, coder.height, coder.pix_fmt = shape.width, shape.height, CODEC.pixel
    coder.options, coder.thread_count, coder.time_base = dict(CODEC.options), 1, 1
    coder.color_range = 1
    (packet,) = coder.encode(frame_of(tuple(planes), shape))
    return bytes(packet)


@settings(max_examples=12, deadline=None)
@given(st.integers(16, 420), st.integers(16, 170), st.data())
def test_a_part_encoded_by_itself_gives_the_bytes_of_the_whole_frame(width, height, data):
    left, top = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    right = data.draw(st.integers(left + 1, width))
    bottom = data.draw(st.integers(top + 1, height))
    drawn, shape = Region(left, top, right, bottom), form(width, height)
    planes, noise = empty(width, height), np.random.default_rng(left + top)
    for plane in planes:
        part = plane[drawn.rows, drawn.columns]
        part[:] = noise.integers(64, 941, part.shape)
    parts = ProResParts(CODEC, shape, frame_of(tuple(empty(width, height)), shape))
    part = parts.part_of(drawn)
    cut = tuple(plane[part.rows, part.columns] for plane in planes)
    made = parts.frame(part, frame_of(cut, part_format(shape, part)))
    expected = encoded_whole(planes, shape)
    assert _without_colour_tags(made) == _without_colour_tags(expected)


def _without_colour_tags(coded):
    """The frame without the three bytes of its header that name its colours."""
    return coded[:22] + coded[25:]


@pytest.mark.parametrize(("width", "height"), [(128, 64), (130, 70)])
def test_nothing_drawn_gives_the_empty_frame(width, height):
    shape = form(width, height)
    whole = frame_of(tuple(empty(width, height)), shape)
    parts = ProResParts(CODEC, shape, whole)
    assert _without_colour_tags(parts.empty) == _without_colour_tags(
        encoded_whole(empty(width, height), shape)
    )
