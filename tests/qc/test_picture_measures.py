"""Flicker, a step at the matte's edge and a changed pixel, inserted on purpose, are measured."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from dubsync.core.picture import Frame, PictureFormat, Region
from dubsync.qc.edge_steps import ARCS, colour_differences, edge_steps
from dubsync.qc.image_measures import FaceMeasures, FrameMeasures, luma, seam
from tests.qc.qc_synthesis import landmarks_of

POINTS = landmarks_of(np.array([0.1]))[0]
YUV = PictureFormat(32, 24, "yuv", 10, chroma=(1, 1))


def soft_matte(feather: float = 6.0) -> np.ndarray:
    """An ellipse over mouth and jaw of the synthetic face, feathered."""
    y, x = np.mgrid[:240, :320]
    inside = ((x - 130) / 60) ** 2 + ((y - 195) / 40) ** 2 < 1
    return np.rint(255 * gaussian_filter(inside.astype(np.float32), feather)).astype(np.uint8)


def watched(plate, render, matte, frames: int = 12):
    """Series of a face watched over `frames` frames that `plate` and `render` make by number."""
    measures = FaceMeasures()
    for n in range(frames):
        measures.add(plate(n), render(n), matte, POINTS)
    return measures.series


def grainy(picture: np.ndarray, n: int) -> np.ndarray:
    rng = np.random.default_rng(n)
    return np.asarray(picture + 0.004 * rng.normal(size=picture.shape), np.float32)


def test_light_that_changes_every_frame_is_flicker_and_grain_is_not(texture):
    matte = soft_matte()
    weight = matte[..., None][..., 0] / 255

    def flickering(n):
        return np.asarray(grainy(texture, n) + 0.02 * (-1) ** n * weight, np.float32)

    steady = watched(lambda n: grainy(texture, n), lambda n: grainy(texture, n + 100), matte)
    nervous = watched(lambda n: grainy(texture, n), flickering, matte)

    assert np.nanmedian(steady.flicker) == pytest.approx(1, abs=0.15)
    assert np.nanmedian(nervous.flicker) > 3
    assert np.isnan(steady.flicker[[0, -1]]).all()  # neighbours are needed on both sides


def test_a_step_at_the_mattes_edge_is_a_seam_and_a_copy_has_none(texture):
    matte = soft_matte()
    for step, least, most in ((0.0, 0.99, 1.01), (0.1, 1.8, 30), (0.25, 3, 60)):
        render = texture + np.float32(step) * matte / 255
        assert least <= seam(texture, np.asarray(render, np.float32), matte) <= most


def test_a_wider_feather_hides_the_same_step_better(texture):
    values = [
        seam(texture, np.asarray(texture + 0.06 * m / 255, np.float32), m)
        for m in (soft_matte(2.0), soft_matte(12.0))
    ]
    assert values[0] > values[1]


def test_new_skin_texture_inside_the_matte_is_no_seam(texture):
    matte = soft_matte()
    weight = matte / np.float32(255)
    other = np.asarray(texture[::-1, ::-1] * weight + texture * (1 - weight), np.float32)
    shifted = other - gaussian_filter(other - texture, 12) * weight  # light as the plate's

    assert seam(texture, np.asarray(shifted, np.float32), matte) < 1.3


def test_an_empty_matte_and_a_missing_face_are_not_measured(texture):
    measures = FaceMeasures()
    measures.add(texture, texture, np.zeros(texture.shape, np.uint8), POINTS)
    measures.add(texture, texture, soft_matte(), None)

    assert np.isnan(measures.series.steps).all()
    assert np.isnan(measures.series.flicker_render).all()


@pytest.mark.parametrize("feather", [0.0, 2.0, 12.0])
@pytest.mark.parametrize("step", [0.02, -0.05])
def test_a_step_is_measured_whatever_the_feather(texture, feather, step):
    matte = soft_matte(feather) if feather else np.uint8(255) * (soft_matte(1.0) > 127)
    change = np.asarray(np.float32(step) * matte / 255, np.float32)

    (steps,) = edge_steps([change], matte)
    known = np.isfinite(steps)
    assert known.sum() > ARCS / 2  # a wide feather leaves the plate's edge in no arc below the chin
    np.testing.assert_allclose(steps[known], step, rtol=0.05)


def test_a_change_inside_the_matte_is_no_step_at_its_edge(texture):
    inside = np.zeros(texture.shape, np.float32)
    inside[185:205, 110:150] = 0.3
    steps = edge_steps([inside], soft_matte(3.0))

    assert np.nanmax(np.abs(steps)) < 0.01


def test_only_the_arc_with_the_step_has_it(texture):
    matte = soft_matte(3.0)
    right = np.zeros(texture.shape, np.float32)
    right[:, 150:] = 0.1 * matte[:, 150:] / np.float32(255)
    steps = edge_steps([right], matte)[0]

    assert steps[ARCS // 2] == pytest.approx(0.1, rel=0.1)  # the first arc right of the middle
    assert steps[0] == pytest.approx(0, abs=1e-3)  # and left of it


def test_a_picture_without_a_matte_has_no_steps(texture):
    nothing = np.zeros(texture.shape, np.uint8)
    assert np.isnan(edge_steps([texture], nothing)).all()


def test_colour_differences_of_every_pixel_format_are_as_large_as_the_region():
    region = Region(2, 2, 6, 8)
    ten = PictureFormat(8, 8, "yuv", 10, chroma=(1, 1))
    rgb = PictureFormat(8, 8, "rgb", 8)
    subsampled = Frame(0, (np.zeros((8, 8), np.uint16), np.full((4, 4), 512, np.uint16),
                           np.full((4, 4), 256, np.uint16)), ten)  # fmt: skip
    red = Frame(0, (np.full((8, 8), 200, np.uint8), *[np.full((8, 8), 100, np.uint8)] * 2), rgb)
    gray = Frame(0, (np.zeros((8, 8), np.uint8),), PictureFormat(8, 8, "gray", 8))

    blue, rest = colour_differences(subsampled, region)
    assert blue.shape == rest.shape == (6, 4)
    assert blue[0, 0] == pytest.approx(512 / 1023) and rest[0, 0] == pytest.approx(256 / 1023)
    assert colour_differences(red, region)[1][0, 0] == pytest.approx(50 / 255)
    assert colour_differences(gray, region) == ()


def frame(number: int, seed: int = 0) -> Frame:
    rng = np.random.default_rng(seed)
    planes = tuple(rng.integers(64, 900, YUV.plane_shape(n)).astype(np.uint16) for n in range(3))
    return Frame(number, planes, YUV)


def changed(before: Frame, plane: int, row: int, column: int) -> Frame:
    planes = [np.array(p) for p in before.planes]
    planes[plane][row, column] += 1
    return Frame(before.number, tuple(planes), before.format)


@pytest.mark.parametrize(
    ("plane", "row", "column", "stray"),
    [(0, 3, 4, 1), (0, 10, 10, 0), (1, 2, 2, 1), (1, 5, 5, 0), (2, 4, 4, 0), (2, 11, 15, 1)],
)
def test_one_sample_off_by_one_is_one_pixel_outside_the_matte_only(plane, row, column, stray):
    matte = np.zeros((24, 32), np.uint8)
    matte[9:14, 9:14] = 1  # luma 9..13; chroma sites 4..6 are touched
    measures, before = FrameMeasures(), frame(1001)

    measures.add(before, changed(before, plane, row, column), matte)
    measures.add(frame(1002), frame(1002), matte)

    assert measures.stray_pixels == stray
    assert measures.stray_frames == ([1001] if stray else [])
    assert measures.changed_frames == [1001]


def test_a_pixel_counts_once_however_many_of_its_samples_differ():
    measures, before = FrameMeasures(), frame(1001)
    after = changed(changed(changed(before, 0, 4, 4), 1, 2, 2), 2, 2, 2)

    measures.add(before, after, np.zeros((24, 32), np.uint8))

    assert measures.stray_pixels == 1


def test_a_nan_that_stays_nan_is_no_change():
    form = PictureFormat(4, 4, "rgb", 16, floating=True, storage="exr-half")
    planes = tuple(np.full((4, 4), np.nan, np.float16) for _ in range(3))
    measures = FrameMeasures()

    measures.add(Frame(1, planes, form), Frame(1, planes, form), np.zeros((4, 4), np.uint8))

    assert measures.stray_pixels == 0 and not measures.changed_frames


def test_luma_of_every_pixel_format_has_one_range():
    gray = PictureFormat(4, 4, "gray", 8)
    half = PictureFormat(4, 4, "rgb", 16, floating=True)
    ten = PictureFormat(4, 4, "yuv", 10, chroma=(1, 0))
    frames = [
        Frame(0, (np.full((4, 4), 128, np.uint8),), gray),
        Frame(0, tuple(np.full((4, 4), 0.25, np.float16) for _ in range(3)), half),
        Frame(0, (np.full((4, 4), 512, np.uint16), *[np.zeros((4, 2), np.uint16)] * 2), ten),
    ]
    for shown in frames:
        np.testing.assert_allclose(luma(shown), 0.5, atol=0.01)
