"""What a patch does not cover stays bit for bit, in the stored samples and on any screen."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.colour import plane_values, stored, working_rgb
from dubsync.core.errors import ShapeError
from dubsync.core.picture import Frame, PictureFormat, Region
from dubsync.core.steps import Patch
from dubsync.engine.compositing.composite import composite
from dubsync.media.colour.bake import baked, working_in
from dubsync.media.colour.config import open_config

FORMATS = {
    "8-bit 4:2:0": PictureFormat(64, 48, "yuv", 8, chroma=(1, 1)),
    "8-bit 4:2:0, odd size": PictureFormat(53, 37, "yuv", 8, chroma=(1, 1)),
    "10-bit 4:2:2": PictureFormat(64, 48, "yuv", 10, chroma=(1, 0)),
    "12-bit 4:4:4": PictureFormat(64, 48, "yuv", 12, matrix="bt2020"),
    "8-bit 4:1:1": PictureFormat(64, 48, "yuv", 8, chroma=(2, 0), matrix="bt601"),
    "16-bit RGB": PictureFormat(64, 48, "rgb", 16, matrix="rgb", full_range=True),
    "half EXR": PictureFormat(64, 48, "rgb", 16, floating=True, matrix="rgb"),
    "gray": PictureFormat(64, 48, "gray", 8, full_range=True),
}


def noisy(form, seed=0):
    rng = np.random.default_rng(seed)
    n = {"yuv": 3, "rgb": 4, "gray": 1}[form.model]
    planes = []
    for k in range(n):
        shape = form.plane_shape(k)
        if form.floating:
            planes.append(rng.uniform(0, 3, shape).astype(np.float16))
        else:
            kind = np.uint8 if form.bits == 8 else np.uint16
            planes.append(rng.integers(0, 1 << form.bits, shape).astype(kind))
    return Frame(7, tuple(planes), form, {"depth": np.ones((form.height, form.width))})


def soft_patch(form, box, seed=0):
    """A blob of a matte inside `box`, over random colour."""
    region = Region(*box).aligned(form)
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0 : region.height, 0 : region.width]
    away = np.hypot((x + 0.5) / region.width - 0.5, (y + 0.5) / region.height - 0.5)
    matte = np.clip((0.5 - away) * 900, 0, 255).astype(np.uint8)
    rgb = rng.uniform(-0.1, 1.1, (region.height, region.width, 3)).astype(np.float32)
    return Patch(region, rgb, matte)


def on_screen(frame, way):
    """Planes as a player would show them: chroma upsampled by OpenCV's `way`, both sitings."""
    form = frame.format
    size = (form.width, form.height)
    shown = [frame.planes[0].astype(np.float32)]
    for plane in frame.planes[1:3]:
        full = plane.astype(np.float32)
        if full.shape != (form.height, form.width):
            across, down = form.chroma
            wide = (full.shape[1] << across, full.shape[0] << down)
            full = cv2.resize(full, wide, interpolation=way)[: size[1], : size[0]]
        shown.append(full)
    return np.stack(shown, axis=-1)


boxes = st.tuples(
    st.integers(-6, 30), st.integers(-6, 20), st.integers(12, 34), st.integers(12, 34)
).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=15)
@given(box=boxes, seed=st.integers(0, 99))
def test_no_sample_changes_where_the_matte_is_zero(name, box, seed):
    form = FORMATS[name]
    plate = noisy(form, seed)

    done = composite(plate, [soft_patch(form, box, seed)])

    for n, (before, after) in enumerate(zip(plate.planes, done.frame.planes, strict=True)):
        if before.shape == done.matte.shape:
            np.testing.assert_array_equal(before[done.matte == 0], after[done.matte == 0])
            assert before.dtype == after.dtype
        if n == 3:
            np.testing.assert_array_equal(before, after)  # alpha is not ours


@pytest.mark.parametrize("name", ["8-bit 4:2:0", "8-bit 4:2:0, odd size", "10-bit 4:2:2"])
@pytest.mark.parametrize("way", [cv2.INTER_CUBIC, cv2.INTER_LINEAR, cv2.INTER_NEAREST])
@settings(max_examples=15)
@given(box=boxes, seed=st.integers(0, 99))
def test_no_pixel_on_screen_changes_where_the_matte_is_zero(name, way, box, seed):
    form = FORMATS[name]
    plate = noisy(form, seed)

    done = composite(plate, [soft_patch(form, box, seed)])

    changed = np.abs(on_screen(plate, way) - on_screen(done.frame, way)).max(axis=-1) > 0
    assert not (changed & (done.matte == 0)).any()
    by_us = np.abs(working_rgb(plate) - working_rgb(done.frame)).max(axis=-1) > 0
    assert not (by_us & (done.matte == 0)).any()


@pytest.mark.parametrize("name", FORMATS)
def test_a_full_matte_shows_the_patch(name):
    form = FORMATS[name]
    patch = soft_patch(form, (8, 8, 40, 40))
    patch = replace(patch, rgb=np.full_like(patch.rgb, 0.4), matte=np.full_like(patch.matte, 255))

    shown = working_rgb(composite(noisy(form), [patch]).frame)

    inner = shown[18:30, 18:30]
    np.testing.assert_allclose(inner.mean(axis=(0, 1)), 0.4, atol=0.01)


@pytest.mark.parametrize("name", FORMATS)
def test_a_patch_that_is_the_plate_changes_nothing(name):
    form = FORMATS[name]
    flat = noisy(form)
    planes = tuple(
        p if form.floating else cv2.GaussianBlur(p, (0, 0), 2).astype(p.dtype) for p in flat.planes
    )
    plate = replace(flat, planes=planes)
    patch = soft_patch(form, (8, 8, 40, 40))
    same = replace(patch, rgb=working_rgb(plate, patch.region))

    done = composite(plate, [same])

    for before, after in zip(plate.planes, done.frame.planes, strict=True):
        np.testing.assert_allclose(
            before.astype(float), after.astype(float), rtol=2e-3 if form.floating else 0, atol=1e-3
        )


def test_no_patch_gives_back_the_very_frame():
    plate = noisy(FORMATS["8-bit 4:2:0"])
    empty = soft_patch(plate.format, (8, 8, 40, 40))
    empty = replace(empty, matte=np.zeros_like(empty.matte))

    assert composite(plate, []).frame is plate
    done = composite(plate, [empty])
    assert done.frame is plate
    assert not done.changed
    assert not done.matte.any()


def test_two_faces_share_one_matte():
    form = FORMATS["10-bit 4:2:2"]
    one, other = soft_patch(form, (2, 2, 30, 40)), soft_patch(form, (20, 4, 60, 44), 1)

    done = composite(noisy(form), [one, other])

    hoped = np.zeros_like(done.matte)
    for patch in (one, other):
        part = hoped[patch.region.rows, patch.region.columns]
        np.maximum(part, patch.matte, out=part)
    np.testing.assert_array_equal(done.matte, hoped)
    assert len(done.patches) == 2


def test_extra_channels_and_the_number_are_carried_through():
    plate = noisy(FORMATS["half EXR"])

    done = composite(plate, [soft_patch(plate.format, (8, 8, 40, 40))]).frame

    assert done.number == 7
    assert done.extra is plate.extra


def test_infinities_of_a_plate_stay_where_they_are():
    form = FORMATS["half EXR"]
    plate = noisy(form)
    planes = [p.copy() for p in plate.planes]
    planes[0][20, 20] = np.inf
    plate = replace(plate, planes=tuple(planes))

    done = composite(plate, [soft_patch(form, (8, 8, 40, 40))]).frame

    assert np.isinf(done.planes[0][20, 20])
    assert np.isfinite(np.delete(done.planes[0].ravel(), 20 * 64 + 20)).all()


def test_a_patch_off_the_chroma_sites_is_refused():
    form = FORMATS["8-bit 4:2:0"]
    rgb, matte = np.zeros((8, 8, 3), np.float32), np.full((8, 8), 9, np.uint8)

    with pytest.raises(ShapeError):
        composite(noisy(form), [Patch(Region(3, 4, 11, 12), rgb, matte)])


@pytest.mark.parametrize(
    ("space", "form"),
    [
        ("ARRI LogC4", PictureFormat(48, 40, "yuv", 10, chroma=(1, 0))),
        ("ARRI LogC3 (EI800)", PictureFormat(48, 40, "yuv", 12)),
        ("ACEScg", PictureFormat(48, 40, "rgb", 16, floating=True, matrix="rgb")),
        ("Rec.2100-PQ - Display", PictureFormat(48, 40, "yuv", 10, chroma=(1, 1))),
    ],
    ids=["LogC4", "LogC3", "ACEScg", "PQ"],
)
def test_an_unchanged_picture_changes_no_sample_of_a_plate_of_any_colour_space(space, form):
    config = open_config("builtin studio")
    form = replace(form, colour=baked(config, space, working_in(config)))
    draw = np.random.default_rng(1)
    light = np.clip(draw.random((40, 48, 1)) + draw.uniform(-0.05, 0.05, (40, 48, 3)), 0.1, 0.9)
    values = plane_values(light.astype(np.float32), form)
    kind = np.float16 if form.floating else np.uint16
    frame = Frame(5, tuple(stored(v, np.zeros(1, kind), form) for v in values), form)
    region = Region(8, 8, 40, 32)
    patch = Patch(region, working_rgb(frame, region), np.full((24, 32), 255, np.uint8))
    made = composite(frame, [patch]).frame
    for plate, render in zip(frame.planes, made.planes, strict=True):
        assert np.array_equal(plate, render)
