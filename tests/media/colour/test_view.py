"""Pictures for people go through the config's view; trackers see faces as on a display."""

from dataclasses import replace

import numpy as np
import PyOpenColorIO
import pytest

from dubsync.core.colour import working_rgb
from dubsync.core.picture import Frame, PictureFormat, whole
from dubsync.engine.geometry.sampling import Square, sample
from dubsync.media.colour.bake import baked, working_in
from dubsync.media.colour.config import open_config
from dubsync.media.pixels.display import display_rgb
from dubsync.media.stills.encode import rgb8
from tests.media.colour.test_bake import plate_of


@pytest.fixture(scope="module")
def studio():
    return open_config("builtin studio")


def in_space(studio, space, bits):
    return plate_of(baked(studio, space, working_in(studio)), bits)


@pytest.mark.parametrize(
    ("space", "bits"),
    [("ARRI LogC3 (EI800)", 10), ("ACEScg", 16), ("Rec.2100-PQ - Display", 10)],
    ids=["LogC3", "ACEScg", "PQ"],
)
def test_people_see_the_config_s_view_of_a_plate(studio, space, bits):
    frame = in_space(studio, space, bits)
    scale = 1.0 if bits == 16 else (1 << bits) - 1
    truth = np.stack([np.asarray(p, np.float32) / np.float32(scale) for p in frame.planes], -1)
    display = studio.config.getDefaultDisplay()
    view = PyOpenColorIO.DisplayViewTransform(
        src=space, display=display, view=studio.config.getDefaultView(display)
    )
    studio.config.getProcessor(view).getDefaultCPUProcessor().applyRGB(truth)
    shown = rgb8(frame)
    assert np.array_equal(shown, display_rgb(frame))
    apart = np.abs(shown / 255 - np.clip(truth, 0, 1))
    assert np.percentile(apart, 99) < 6 / 255 and apart.mean() < 1 / 255


def test_video_is_shown_as_it_is(studio):
    frame = in_space(studio, "Rec.1886 Rec.709 - Display", 8)
    plain = replace(frame, format=replace(frame.format, colour=None))
    assert np.array_equal(display_rgb(frame), display_rgb(plain))


def test_hdr_without_a_config_is_tone_mapped():
    form = PictureFormat(8, 8, "rgb", 10, matrix="rgb", transfer="16", primaries="9")
    white = Frame(0, tuple(np.full((8, 8), 594, np.uint16) for _ in range(3)), form)  # 203 cd/m2
    assert rgb8(white).min() > 215
    sdr = replace(white, format=replace(form, transfer="1", primaries="1"))
    assert rgb8(sdr).max() == round(594 / 1023 * 255)


@pytest.mark.parametrize(
    ("space", "bits"),
    [("ARRI LogC4", 12), ("ACEScg", 16), ("Rec.2100-PQ - Display", 10)],
    ids=["LogC4", "ACEScg", "PQ"],
)
def test_a_grey_card_looks_to_trackers_as_on_a_display(studio, space, bits):
    colour = baked(studio, space, working_in(studio))
    light = np.full((1, 3), 0.18, np.float32)
    studio.config.getProcessor("ACEScg", space).getDefaultCPUProcessor().applyRGB(light)
    floating = bits == 16
    value = light[0, 0] if floating else np.rint(light[0, 0] * ((1 << bits) - 1))
    form = PictureFormat(32, 32, "rgb", bits, matrix="rgb", floating=floating, colour=colour)
    kind = np.float16 if floating else np.uint16
    frame = Frame(0, tuple(np.full((32, 32), value, kind) for _ in range(3)), form)
    assert 0.3 < sample(frame, Square(16, 16, 20), 8).mean() < 0.5
    assert working_rgb(frame, whole(form)).shape == (32, 32, 3)
