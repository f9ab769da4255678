"""Samples of every pixel format are read and written without change."""

from fractions import Fraction
from types import SimpleNamespace

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import MediaError
from dubsync.media.pixels.formats import frame_of, picture_format, planes_of, tag_colour
from dubsync.media.pixels.layouts import _ONE_PLANE, _TWO_PLANES, layout_of

PLANAR = [
    f"yuv{alpha}{sub}p{depth}"
    for alpha in ("", "a")
    for sub in ("420", "422", "444")
    for depth in ("", "9le", "10le", "12le", "16le")
    if (alpha, sub, depth) != ("a", "420", "12le")
] + [
    "yuv410p", "yuv411p", "yuv440p", "yuvj420p", "yuvj444p", "yuv420p14le", "yuv422p10be",
    "gbrp", "gbrp9le", "gbrp10le", "gbrp10be", "gbrp12le", "gbrp14le", "gbrp16le", "gbrap",
    "gbrap10le", "gbrap12le", "gbrap16le", "gray", "gray10le", "gray12le", "gray16le", "gray16be",
]  # fmt: skip
ARRANGED = [*_TWO_PLANES, *_ONE_PLANE]
#: Rearrangements that swscale does exactly when sides are even: a second opinion.
SWSCALE_AGREES = ["nv12", "nv21", "nv16", "p010le", "p210le", "yuyv422", "uyvy422", "rgb24",
                  "bgr24", "rgba", "bgra", "argb", "abgr", "rgb48le", "rgb48be", "rgba64be",
                  "gray16be", "vuya"]  # fmt: skip


def stream(pixel, width=64, height=36, **tags):
    """As much of an av stream as a PictureFormat is read from."""
    colour = {"colorspace": 2, "color_range": 0, "color_primaries": 2, "color_trc": 2} | tags
    context = SimpleNamespace(pix_fmt=pixel, width=width, height=height, **colour)
    return SimpleNamespace(codec_context=context, sample_aspect_ratio=None)


def samples(form, n_planes, seed):
    rng = np.random.default_rng(seed)
    kind = np.uint8 if form.bits == 8 else np.uint16
    return tuple(
        rng.integers(0, 1 << form.bits, form.plane_shape(n)).astype(kind) for n in range(n_planes)
    )


@settings(max_examples=150)
@given(
    st.sampled_from(PLANAR + ARRANGED), st.integers(1, 90), st.integers(1, 60), st.integers(0, 99)
)
def test_samples_survive_the_round_trip_at_any_size(pixel, width, height, seed):
    form = picture_format(stream(pixel, width, height))
    planes = samples(form, len(layout_of(pixel).sites), seed)

    result = planes_of(frame_of(planes, form, pixel), form)

    for plane, wanted in zip(result, planes, strict=True):
        assert plane.dtype == wanted.dtype
        np.testing.assert_array_equal(plane, wanted)


@pytest.mark.parametrize("pixel", SWSCALE_AGREES)
def test_layouts_match_those_of_ffmpeg(pixel):
    form = picture_format(stream(pixel))
    planes = samples(form, len(layout_of(pixel).sites), seed=3)
    arranged = frame_of(planes, form, pixel)
    result = planes_of(arranged.reformat(format=form.storage), form)
    for plane, wanted in zip(result, planes, strict=True):
        np.testing.assert_array_equal(plane, wanted)


@pytest.mark.parametrize(
    ("pixel", "model", "bits", "chroma"),
    [("p010le", "yuv", 10, (1, 1)), ("yuv411p", "yuv", 8, (2, 0)), ("yuv440p12le", "yuv", 12,
     (0, 1)), ("rgb48be", "rgb", 16, (0, 0)), ("gray12le", "gray", 12, (0, 0)),
     ("ya16be", "gray", 16, (0, 0)), ("yuva444p12le", "yuv", 12, (0, 0))],
)  # fmt: skip
def test_pixel_formats_become_picture_formats(pixel, model, bits, chroma):
    form = picture_format(stream(pixel))
    assert (form.model, form.bits, form.chroma) == (model, bits, chroma)


@pytest.mark.parametrize("pixel", ["pal8", "xyz12le", "monob", "bayer_rggb8", "gbrpf32le", ""])
def test_unsupported_formats_are_refused_with_a_remedy(pixel):
    with pytest.raises(MediaError) as refused:
        picture_format(stream(pixel))
    assert "ffmpeg" in refused.value.hint


def test_the_matrix_comes_from_the_tag_or_the_size():
    tagged = picture_format(stream("yuv420p", 720, 576, colorspace=1))
    small = picture_format(stream("yuv420p", 720, 576))
    large = picture_format(stream("yuv420p", 1280, 720))
    assert (tagged.matrix, tagged.matrix_tagged) == ("bt709", True)
    assert (small.matrix, small.matrix_tagged) == ("bt601", False)
    assert (large.matrix, large.matrix_tagged) == ("bt709", False)


@pytest.mark.parametrize("code", [7, 8, 10, 14])
def test_an_unsupported_matrix_is_refused(code):
    with pytest.raises(MediaError, match=f"code {code}"):
        picture_format(stream("yuv420p", colorspace=code))


def test_range_comes_from_tag_or_name():
    assert not picture_format(stream("yuv420p")).full_range
    assert picture_format(stream("yuvj420p")).full_range
    assert picture_format(stream("yuv420p", color_range=2)).full_range
    assert picture_format(stream("gbrp")).full_range


@pytest.mark.parametrize(
    ("primaries", "transfer", "matrix"), [(9, 16, 9), (1, 1, 1), (5, 6, 5), (6, 6, 6), (2, 2, 2)]
)
def test_colour_tags_survive_the_round_trip(primaries, transfer, matrix):
    form = picture_format(
        stream("yuv422p10le", colorspace=matrix, color_primaries=primaries, color_trc=transfer)
    )
    frame = av.VideoFrame(64, 36, "yuv422p10le")
    tag_colour(frame, form)
    result = tuple(int(t) for t in (frame.color_primaries, frame.color_trc, frame.colorspace))
    assert result == (primaries, transfer, matrix)


def test_the_pixel_aspect_is_read():
    wide = stream("yuv420p", 720, 576)
    wide.sample_aspect_ratio = Fraction(64, 45)
    assert picture_format(wide).pixel_aspect == Fraction(64, 45)


def test_a_frame_of_another_size_is_refused():
    form = picture_format(stream("yuv420p"))
    with pytest.raises(MediaError, match="32x18"):
        planes_of(av.VideoFrame(32, 18, "yuv420p"), form)
