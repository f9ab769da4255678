"""A config's colour spaces as values: what OpenColorIO says of them, and back."""

from dataclasses import replace

import numpy as np
import pytest

from dubsync.core.colour import plane_values, stored, working_rgb
from dubsync.core.errors import SettingsError
from dubsync.core.picture import Frame, PictureFormat
from dubsync.media.colour.bake import baked, working_in
from dubsync.media.colour.config import open_config

#: Space -> bits of the plates that are in it; 16 is half.
SPACES = {
    "ACEScg": 16, "ACES2065-1": 16, "Linear Rec.709 (sRGB)": 16, "ARRI LogC3 (EI800)": 12,
    "ARRI LogC4": 12, "S-Log3 S-Gamut3.Cine": 10, "Apple Log": 10, "Rec.2100-PQ - Display": 10,
    "Rec.2100-HLG - Display": 10, "Rec.1886 Rec.709 - Display": 8,
}  # fmt: skip


@pytest.fixture(scope="module")
def studio():
    return open_config("builtin studio")


@pytest.fixture(scope="module")
def working(studio):
    return working_in(studio)


@pytest.fixture(scope="module")
def colours(studio, working):
    return {space: baked(studio, space, working) for space in SPACES}


def plate_of(colour, bits, model="rgb"):
    """A frame of noise in a colour's code, of natural saturation."""
    draw = np.random.default_rng(3)
    code = draw.random((32, 48, 1)) + draw.uniform(-0.1, 0.1, (32, 48, 3))
    form = PictureFormat(48, 32, model, bits, matrix="bt709" if model == "yuv" else "rgb",
                         floating=bits == 16, colour=colour)  # fmt: skip
    if form.floating:
        code = 2.0 ** (code * 16 - 10)
        return Frame(0, tuple(code[..., n].astype(np.float16) for n in range(3)), form)
    top = (1 << bits) - 1
    if model == "yuv":
        values = plane_values(code.astype(np.float32), replace(form, colour=None))
        return Frame(0, tuple(stored(v, np.zeros(1, np.uint16), form) for v in values), form)
    planes = (np.clip(np.rint(code[..., n] * top), 0, top) for n in range(3))
    return Frame(0, tuple(p.astype(np.uint8 if bits == 8 else np.uint16) for p in planes), form)


@pytest.mark.parametrize(("space", "bits"), SPACES.items())
def test_a_plate_comes_back_from_working_colour_sample_for_sample(colours, space, bits):
    frame = plate_of(colours[space], bits)
    values = plane_values(working_rgb(frame), frame.format)
    for plane, there in zip(frame.planes, values, strict=True):
        assert np.array_equal(stored(there, plane, frame.format), plane)


def test_ycbcr_of_a_log_plate_comes_back_too(colours):
    frame = plate_of(colours["ARRI LogC4"], 10, "yuv")
    for plane, there in zip(
        frame.planes, plane_values(working_rgb(frame), frame.format), strict=True
    ):
        assert np.abs(there - plane).max() < 0.5


def test_the_same_light_is_the_same_working_colour_whatever_the_plate_is(studio, working, colours):
    light = np.float32([[0.18, 0.18, 0.18], [0.4, 0.3, 0.2], [0.02, 0.03, 0.05], [4, 3, 2]])
    there = [studio.config.getProcessor("ACEScg", space).getDefaultCPUProcessor()
             for space in SPACES]  # fmt: skip
    drawn = []
    for space, processor in zip(SPACES, there, strict=True):
        if colours[space].own:
            continue
        code = light.copy()
        processor.applyRGB(code)
        drawn.append(colours[space].working_of(code))
    for one in drawn[1:]:
        np.testing.assert_allclose(one, drawn[0], atol=2e-4)
    assert 0.3 < drawn[0][0, 0] < 0.5, "a grey card looks as on a display"


def test_nothing_is_clipped_in_working_colour(colours):
    light = np.float32([[[-0.01, 0, 0.001], [100, 1000, 60000]]])
    working = colours["ACEScg"].working_of(light)
    np.testing.assert_allclose(colours["ACEScg"].code_of(working), light, rtol=1e-3, atol=1e-5)


def test_a_picture_for_a_display_is_drawn_in_as_it_is(colours):
    code = np.float32([[0.1, 0.5, 1.1]])
    for space in ("Rec.2100-PQ - Display", "Rec.1886 Rec.709 - Display"):
        assert colours[space].working_of(code) is code
    assert colours["Rec.2100-PQ - Display"].view is not None
    assert colours["Rec.1886 Rec.709 - Display"].view is None


def test_a_movie_of_a_linear_plate_is_in_the_working_log_code(studio, colours):
    log = colours["ACEScg"].as_log()
    light = np.float32([[0.18, 0.5, 2.0]])
    code = light.copy()
    studio.config.getProcessor("ACEScg", "ACEScct").getDefaultCPUProcessor().applyRGB(code)
    made = log.code_of(colours["ACEScg"].working_of(light))
    np.testing.assert_allclose(made, code, atol=1e-4)
    assert log.space == "ACEScct" and colours["ARRI LogC4"].as_log() is colours["ARRI LogC4"]


@pytest.mark.parametrize("space", ["ADX10", "Raw"])
def test_a_space_that_cannot_be_brought_back_is_refused_with_a_choice(studio, working, space):
    with pytest.raises(SettingsError, match=space) as refused:
        baked(studio, space, working)
    assert "choose another space" in refused.value.hint


def test_a_working_space_must_be_log(studio):
    with pytest.raises(SettingsError, match="not a log space") as refused:
        working_in(studio, "ACEScg")
    assert "ACEScct" in refused.value.hint
    with pytest.raises(SettingsError, match="no view"):
        working_in(studio, view="Rec.609")
