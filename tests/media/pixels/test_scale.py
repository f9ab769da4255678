"""Frames scaled for a viewer show the same picture, with chroma where it was."""

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest

from dubsync.core.colour import plane_values, stored, working_rgb
from dubsync.core.picture import Frame, PictureFormat
from dubsync.media.pixels.scale import scaled, viewer_format

WIDTH, HEIGHT = 192, 108
FORM = PictureFormat(WIDTH, HEIGHT, "yuv", 8, chroma=(1, 1))


def waves(form):
    """A frame of smooth coloured waves."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] / 16.0
    rgb = 0.5 + 0.3 * np.stack([np.sin(x), np.cos(y), np.sin(x + y)], axis=-1)
    planes = plane_values(np.asarray(rgb, np.float32), form)
    kind = np.uint8 if form.bits == 8 else np.uint16
    if form.floating:
        kind = np.float16 if form.bits == 16 else np.float32
    return Frame(7, tuple(
        stored(values, np.zeros(form.plane_shape(n), kind), form)
        for n, values in enumerate(planes)
    ), form)  # fmt: skip


@pytest.mark.parametrize("width", [96, 64, 100, 37])
@pytest.mark.parametrize("form", [
    FORM, replace(FORM, chroma=(1, 0), bits=10), replace(FORM, chroma=(0, 0)),
    PictureFormat(WIDTH, HEIGHT, "rgb", 8, matrix="rgb"),
    PictureFormat(WIDTH, HEIGHT, "rgb", 16, floating=True, matrix="rgb"),
    PictureFormat(WIDTH, HEIGHT, "gray", 8),
])  # fmt: skip
def test_a_scaled_frame_shows_the_scaled_picture(form, width):
    frame = waves(form)
    small = scaled(frame, width)
    got = working_rgb(small)
    true = cv2.resize(working_rgb(frame), (width, got.shape[0]), interpolation=cv2.INTER_AREA)

    assert small.number == 7 and got.shape[:2] == (round(HEIGHT * width / WIDTH), width)
    assert np.abs(got - true)[2:-2, 2:-2].max() < 0.02


def test_a_frame_is_never_enlarged_and_square_ones_stay_the_same_object():
    frame = waves(FORM)
    assert scaled(frame, 400) is frame
    assert viewer_format(FORM, 400) == FORM


def test_an_anamorphic_frame_is_shown_in_square_pixels():
    frame = waves(replace(FORM, pixel_aspect=Fraction(2)))
    assert scaled(frame, 96).format.height == 27
    assert scaled(frame, 400).format.width == 2 * WIDTH
