"""Frames in square pixels, and patches back on the plate's own."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.colour import working_rgb
from dubsync.core.picture import Frame, PictureFormat, Region
from dubsync.core.steps import Patch
from dubsync.media.pixels.square import patch_on_plate, square_format, squared, squared_matte

ASPECTS = [Fraction(8, 9), Fraction(4, 3), Fraction(64, 45), Fraction(2), Fraction(16, 15)]
STORAGES = [("yuv", 8, (1, 1)), ("yuv", 10, (1, 0)), ("yuv", 12, (0, 0)), ("rgb", 8, (0, 0)),
            ("gray", 16, (0, 0)), ("yuv", 8, (2, 0))]  # fmt: skip


def form_of(
    aspect: Fraction, model: str = "yuv", bits: int = 10, chroma: tuple[int, int] = (0, 0),
    size: tuple[int, int] = (90, 70),
) -> PictureFormat:  # fmt: skip
    full = model != "yuv"
    return PictureFormat(*size, model, bits, chroma=chroma, pixel_aspect=aspect,  # type: ignore[arg-type]
                         full_range=full, matrix="rgb" if model == "rgb" else "bt709")  # fmt: skip


def smooth(form: PictureFormat, seed: int = 0) -> Frame:
    """A frame with detail of a few pixels."""
    rng = np.random.default_rng(seed)
    planes = []
    for n in range(1 if form.model == "gray" else 3):
        plane = cv2.GaussianBlur(rng.random(form.plane_shape(n)), (0, 0), 1.4)
        plane = 0.2 + 0.6 * (plane - plane.min()) / np.ptp(plane)
        planes.append((plane * ((1 << form.bits) - 1)).astype("u1" if form.bits == 8 else "u2"))
    return Frame(7, tuple(planes), form)


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize(("model", "bits", "chroma"), STORAGES)
def test_a_patch_of_the_squared_plate_is_the_plate_again(
    model: str, bits: int, chroma: tuple[int, int], aspect: Fraction
) -> None:
    form = form_of(aspect, model, bits, chroma)
    frame = smooth(form)
    wide = squared(frame)
    assert (wide.format, wide.number) == (square_format(form), 7)
    assert wide.format.pixel_aspect == 1 and wide.format.width >= form.width
    shape = wide.format.width / wide.format.height
    assert abs(shape / (form.width / form.height * float(aspect)) - 1) < 0.01
    whole = Region(0, 0, wide.format.width, wide.format.height)
    matte = np.full((whole.height, whole.width), 255, np.uint8)
    back = patch_on_plate(Patch(whole, working_rgb(wide), matte), form)
    assert back.region == Region(0, 0, form.width, form.height)
    inner = (slice(6, -6), slice(6, -6))
    apart = np.abs(back.rgb - working_rgb(frame))[inner]
    # Chroma of the working colour is interpolated either way, so it differs by a little more.
    assert apart.mean() < 0.004 and np.percentile(apart, 99) < 0.02
    assert (back.matte[inner] == 255).all()


def test_square_plates_are_passed_on_as_they_are() -> None:
    frame = smooth(form_of(Fraction(1)))
    matte = np.zeros((70, 90), np.uint8)
    patch = Patch(Region(0, 0, 90, 70), working_rgb(frame), matte)
    assert squared(frame) is frame
    assert patch_on_plate(patch, frame.format) is patch
    assert squared_matte(matte, frame.format) is matte


@settings(max_examples=20)
@given(
    aspect=st.fractions(Fraction(1, 2), Fraction(5, 2), max_denominator=64),
    x=st.floats(20, 40), y=st.floats(20, 40), radius=st.floats(6, 12),
)  # fmt: skip
def test_a_disc_drawn_in_square_pixels_is_a_disc_on_the_plate_as_shown(
    aspect: Fraction, x: float, y: float, radius: float
) -> None:
    form = form_of(aspect, chroma=(1, 1), size=(120, 120))
    wide = square_format(form)
    across, down = wide.width / form.width, wide.height / form.height
    x, y = x * across, y * down
    rows, columns = np.mgrid[0 : wide.height, 0 : wide.width] + 0.5
    disc = np.clip(radius - np.hypot(columns - x, rows - y) + 0.5, 0, 1)
    patch = Patch(
        Region(0, 0, wide.width, wide.height),
        np.zeros((wide.height, wide.width, 3), np.float32),
        np.rint(255 * disc).astype(np.uint8),
    )
    made = patch_on_plate(patch, form)
    assert made.region == made.region.aligned(form)
    share = made.matte / 255
    rows, columns = np.mgrid[0 : share.shape[0], 0 : share.shape[1]] + 0.5
    total = share.sum()
    middle = [(share * at).sum() / total for at in (columns, rows)]
    assert middle == pytest.approx([x / across, y / down], abs=0.1)
    sides = zip((columns, rows), middle, (across, down), strict=True)
    spread = [np.sqrt((share * (at - m) ** 2).sum() / total) * step for at, m, step in sides]
    assert spread == pytest.approx([radius / 2, radius / 2], rel=0.06)


def test_scene_linear_plates_become_single_floats_without_ringing_far_below_black() -> None:
    planes = tuple(np.full((40, 40), 0.2, np.float16) for _ in range(3))
    planes[0][10:14, 10:14] = 60.0  # a highlight
    form = PictureFormat(40, 40, "rgb", 16, floating=True, matrix="rgb", full_range=True,
                         pixel_aspect=Fraction(2), storage="exr-half")  # fmt: skip
    wide = squared(Frame(1, planes, form))
    assert wide.planes[0].dtype == np.float32 and wide.format.bits == 32
    assert wide.planes[0].shape == (40, 80) and wide.planes[0].min() > -8
    assert np.allclose(wide.planes[1], 0.2, atol=1e-3)
