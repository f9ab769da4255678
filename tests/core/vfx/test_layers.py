"""Layers over their plate give the render back, sample for sample."""

from dataclasses import replace

import numpy as np
import pytest

from dubsync.core.colour import working_rgb
from dubsync.core.colours.curve import Curve
from dubsync.core.colours.plate_colour import PlateColour
from dubsync.core.picture import Frame, PictureFormat, Region
from dubsync.core.steps import Patch
from dubsync.core.vfx.layers import (
    alpha_of,
    count_differing,
    drawn_rgb,
    generated,
    layer_encoding,
    layer_rgb,
    over,
    samples_of,
)
from dubsync.engine.compositing.composite import composite

RGB = [("rgb", bits, (0, 0), False) for bits in (8, 10, 12, 16)]
FLOATS = [("rgb", 16, (0, 0), True)]
YCBCR = [("yuv", b, c, False) for b in (8, 10, 12) for c in ((0, 0), (1, 0), (1, 1))]
GREY = [("gray", 8, (0, 0), False)]


def plate_of(model, bits, chroma, floating, matrix="bt709", wide=40, high=31):
    form = PictureFormat(width=wide, height=high, model=model, bits=bits, chroma=chroma,
                         floating=floating, matrix=matrix)  # fmt: skip
    random = np.random.default_rng(bits)
    planes = []
    for n in range(1 if model == "gray" else 3):
        shape = form.plane_shape(n)
        if floating:
            planes.append(np.exp(random.normal(-1, 2.5, shape)).astype(np.float16))
        else:
            kind = np.uint8 if bits == 8 else np.uint16
            planes.append(random.integers(0, 1 << bits, shape).astype(kind))
    return Frame(7, tuple(planes), form)


def rendered(plate):
    """A face of noise with every value of the matte, and the plate outside it."""
    random = np.random.default_rng(3)
    matte = random.integers(0, 256, (24, 32)).astype(np.uint8)
    matte[:3], matte[15:], matte[5:12, 6:20] = 0, 255, 255
    picture = random.random((24, 32, 3)).astype(np.float32)
    return composite(plate, [Patch(Region(4, 4, 36, 28), picture, matte)])


@pytest.mark.parametrize("kind", RGB + FLOATS + YCBCR + GREY)
@pytest.mark.parametrize("matrix", ["bt709", "bt2020"])
def test_layers_over_the_plate_are_the_render_to_the_sample(kind, matrix):
    plate = plate_of(*kind, matrix)
    made = rendered(plate)
    encoding = layer_encoding(plate.format)
    read = layer_rgb(plate)
    if not encoding.own:
        read = read.astype(encoding.samples).astype(np.float32)
    layer = generated(read, layer_rgb(made.frame), made.matte, encoding.samples)
    comp = over(read, layer, alpha_of(made.matte, encoding.samples))
    assert count_differing(comp, made.frame) == 0
    assert not layer[made.matte == 0].any()


@pytest.mark.parametrize("kind", RGB + FLOATS + YCBCR + GREY)
def test_stored_samples_follow_from_their_rgb(kind):
    frame = plate_of(*kind)
    again = samples_of(layer_rgb(frame), frame)
    assert all(np.array_equal(a, b) for a, b in zip(again, frame.planes, strict=True))


def test_half_floats_hold_the_layers_as_far_as_they_give_the_samples_back():
    forms = {kind: plate_of(*kind).format for kind in RGB + FLOATS + YCBCR}
    half = {kind for kind, form in forms.items() if layer_encoding(form).samples == "float16"}
    assert {kind[:2] for kind in half} == {("rgb", 8), ("rgb", 10), ("yuv", 8)}
    plate = plate_of("rgb", 12, (0, 0), False)
    made, read = rendered(plate), layer_rgb(plate)
    layer = generated(read, layer_rgb(made.frame), made.matte, "float16")
    assert count_differing(over(read, layer, alpha_of(made.matte, "float16")), made.frame) > 0


def test_a_float_plate_is_at_most_one_last_place_away():
    form = PictureFormat(width=40, height=31, model="rgb", bits=32, floating=True)
    random = np.random.default_rng(5)
    plate = Frame(1, tuple(random.random((31, 40), np.float32) for _ in range(3)), form)
    made, read = rendered(plate), layer_rgb(plate)
    comp = over(read, generated(read, layer_rgb(made.frame), made.matte, "float32"),
                alpha_of(made.matte, "float32"))  # fmt: skip
    wanted = layer_rgb(made.frame)
    assert (np.abs(comp - wanted) <= np.spacing(np.abs(wanted))).all()
    assert np.array_equal(comp[made.matte == 0], wanted[made.matte == 0])


@pytest.mark.parametrize("kind", [YCBCR[4], RGB[1], FLOATS[0]])
def test_layers_are_in_the_plates_encoding_whatever_colour_faces_are_drawn_in(kind):
    plate = plate_of(*kind)
    light = Curve(-0.5, 1.5, np.linspace(-0.5, 1.5, 401) * 3)
    colour = PlateColour("Camera Log", "Log", ("show.ocio", "c" * 64), "k" * 64, (light,),
                         from_working=Curve(-1, 9, np.linspace(-1, 9, 401) * 2))  # fmt: skip
    form = replace(plate.format, colour=colour)
    known = Frame(plate.number, plate.planes, form)
    assert np.array_equal(layer_rgb(known), layer_rgb(plate))
    assert "Camera Log, of show.ocio" in layer_encoding(form).colour
    assert not np.allclose(working_rgb(known), layer_rgb(plate), atol=0.01)
    back = drawn_rgb(working_rgb(known), form)
    shown = (layer_rgb(plate) > 0) & (layer_rgb(plate) < 1.4)
    assert np.allclose(back[shown], layer_rgb(plate)[shown], atol=1e-3)
