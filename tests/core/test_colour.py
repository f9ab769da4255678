"""Stored samples to working colour and back, for every storage format."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.colour import plane_values, stored, working_rgb
from dubsync.core.picture import Frame, PictureFormat, Region


def flat_frame(form, rgb):
    """A frame of one colour, stored in `form`."""
    picture = np.broadcast_to(np.float32(rgb), (form.height, form.width, 3)).astype(np.float32)
    kind = np.float16 if form.floating else np.uint8 if form.bits == 8 else np.uint16
    planes = (stored(v, np.zeros(1, kind), form) for v in plane_values(picture, form))
    return Frame(0, tuple(planes), form)


formats = st.builds(
    PictureFormat,
    width=st.integers(1, 19),
    height=st.integers(1, 17),
    model=st.just("yuv"),
    bits=st.sampled_from([8, 10, 12, 16]),
    chroma=st.sampled_from([(0, 0), (1, 0), (1, 1), (2, 0)]),
    matrix=st.sampled_from(["bt601", "bt709", "bt2020"]),
    full_range=st.booleans(),
)
colours = st.tuples(*[st.floats(0.02, 0.98)] * 3)


@settings(max_examples=80)
@given(formats, colours)
def test_a_flat_colour_survives_storage_to_within_one_step(form, rgb):
    back = working_rgb(flat_frame(form, rgb))
    step = 4.0 / (219 << (form.bits - 8))
    assert np.abs(back - np.float32(rgb)).max() < step + 1e-5


def test_scene_linear_highlights_above_one_survive():
    form = PictureFormat(4, 3, "rgb", 32, floating=True, matrix="rgb")
    linear = np.array([[0.0, 0.18, 1.0, 7.5]] * 3, np.float32)
    frame = Frame(0, (linear.copy(), linear.copy(), linear.copy()), form)
    back = plane_values(working_rgb(frame), form)[0]
    np.testing.assert_allclose(back, linear, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("rgb", "ycc"),
    [((1, 1, 1), (235, 128, 128)), ((0, 0, 0), (16, 128, 128)), ((1, 0, 0), (63, 102, 240))],
)
def test_bt709_reference_colours_have_their_published_codes(rgb, ycc):
    form = PictureFormat(2, 2, "yuv", 8)
    frame = flat_frame(form, rgb)
    assert tuple(int(plane[0, 0]) for plane in frame.planes) == ycc


@settings(max_examples=60)
@given(formats, st.data())
def test_a_region_equals_that_part_of_the_whole_frame(form, data):
    rng = np.random.default_rng(form.width * 31 + form.height)
    kind = np.uint8 if form.bits == 8 else np.uint16
    planes = tuple(
        rng.integers(0, 1 << form.bits, form.plane_shape(n)).astype(kind) for n in range(3)
    )
    frame = Frame(0, planes, form)
    left = data.draw(st.integers(0, form.width - 1))
    top = data.draw(st.integers(0, form.height - 1))
    region = Region(left, top, form.width, form.height).aligned(form)
    part, whole = working_rgb(frame, region), working_rgb(frame)[region.rows, region.columns]
    inner = np.s_[4:, 8:]  # nearer the edge chroma is read from one side only
    np.testing.assert_allclose(part[inner], whole[inner], atol=2e-5)


def test_sample_values_are_clipped_when_stored():
    form = PictureFormat(1, 1, "rgb", 8, matrix="rgb")
    planes = plane_values(np.array([[[2.0, -1.0, 0.5]]], np.float32), form)
    assert [int(stored(p, np.zeros(1, np.uint8), form)[0, 0]) for p in planes] == [255, 0, 128]
