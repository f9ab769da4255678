"""Each measure responds to what it is named for, and to nothing else."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import ShapeError
from dubsync.core.picture import Region
from dubsync.qc.likeness import (
    Comparison,
    landmark_error,
    laplacian_energy,
    matte_box,
    mouth_region,
    psnr,
    ssim,
)

MOUTH = Region(20, 30, 60, 50)
MATTE = np.zeros((80, 90), np.uint8)
MATTE[10:70, 10:80] = 255


def skin(seed=0):
    rng = np.random.default_rng(seed)
    fine = cv2.GaussianBlur(rng.normal(size=(80, 90, 3)).astype(np.float32), (0, 0), 1.0)
    return np.clip(0.5 + 0.25 * fine, 0, 1).astype(np.float32)


def compared(truths, mades):
    comparison = Comparison()
    for truth, made in zip(truths, mades, strict=True):
        comparison.add(truth, made, MATTE, MOUTH)
    return comparison.result()


@settings(max_examples=20)
@given(st.floats(0.002, 0.2))
def test_psnr_is_the_level_of_the_noise(level):
    truth = np.full((50, 50, 3), 0.5, np.float32)
    noise = np.random.default_rng(1).normal(size=truth.shape).astype(np.float32) * level

    result = psnr(truth, truth + noise, np.ones((50, 50), bool))

    assert result == pytest.approx(-20 * np.log10(level), abs=0.3)


def test_psnr_counts_only_the_given_pixels():
    truth, made = skin(), skin()
    made[:20] = 0
    where = np.ones((80, 90), bool)
    where[:20] = False

    assert psnr(truth, made, where) == 100
    assert psnr(truth, made, ~where) < 15


def test_ssim_is_one_for_the_same_picture_and_lower_the_more_it_is_blurred():
    truth, everywhere = skin(), np.ones((80, 90), bool)
    result = [
        ssim(truth, cv2.GaussianBlur(truth, (0, 0), s) if s else truth, everywhere)
        for s in (0, 0.6, 1.2, 3)
    ]

    assert result[0] == pytest.approx(1)
    assert result == sorted(result, reverse=True)
    assert result[-1] < 0.5


def test_blur_shows_as_sharpness_below_one_and_sharpening_above():
    truth = skin()
    soft = cv2.GaussianBlur(truth, (0, 0), 1.0)
    hard = truth + 0.5 * (truth - soft)

    assert compared([truth], [truth]).sharpness_mouth == pytest.approx(1)
    assert compared([truth], [soft]).sharpness_mouth < 0.5
    assert compared([truth], [hard]).sharpness_mouth > 1.2


def test_sharpness_is_measured_in_the_mouth_only():
    truth, made = skin(), skin()
    made[:28] = 0.5

    assert laplacian_energy(made, MOUTH) == pytest.approx(laplacian_energy(truth, MOUTH))


def test_a_flickering_render_flickers_more_than_a_steady_truth():
    truth = [skin() for _ in range(8)]
    moving = [skin() + 0.01 * n for n in range(8)]
    rng = np.random.default_rng(5)
    popping = [skin() + np.float32(0.08 * rng.normal()) for _ in range(8)]
    noisy = [skin() + 0.01 * rng.normal(size=(80, 90, 3)).astype(np.float32) for _ in range(8)]

    assert compared(moving, moving).flicker_ratio == pytest.approx(1)
    assert compared(noisy, [t + 0.01 * n for n, t in enumerate(truth)]).flicker_ratio < 0.1
    assert compared(noisy, popping).flicker_ratio > 1


@settings(max_examples=20)
@given(st.floats(0.2, 8), st.floats(0, 0.2))
def test_landmark_errors_are_counted_in_eye_distances(scale, away):
    points = np.random.default_rng(2).uniform(0, 1, (478, 3)).astype(np.float32)
    points[[33, 133], :2], points[[362, 263], :2] = (0.0, 0.5), (1.0, 0.5)
    moved = points + np.array([away, 0, 5], np.float32)

    assert landmark_error(points * scale, moved * scale) == pytest.approx(away, abs=1e-4)


def test_the_mouths_rectangle_stays_inside_the_picture():
    points = np.full((478, 2), 200.0, np.float32)
    points[61], points[291], points[0], points[17] = (10, 5), (40, 5), (25, -4), (25, 14)
    points[list(range(300, 478))] = 25
    from dubsync.qc.mouth import LIPS

    points[[n for n in LIPS if points[n, 0] == 200]] = (25, 5)

    region = mouth_region(points, 45, 30)

    assert (region.left, region.top) == (5, 0)
    assert region.right == 45


def test_pictures_of_two_sizes_do_not_compare():
    with pytest.raises(ShapeError):
        Comparison().add(skin(), skin()[:-1], MATTE, MOUTH)


def test_a_comparison_without_frames_is_refused():
    with pytest.raises(ShapeError):
        Comparison().result()


def test_a_comparison_holds_three_frames_only():
    comparison = Comparison()
    for n in range(40):
        comparison.add(skin(n), skin(n), MATTE, MOUTH)

    assert len(comparison._last) == 3
    assert comparison.result().frames == 40


def test_perceptual_distance_is_measured_around_the_matte_only():
    seen = []

    def perceive(truth, made):
        seen.append(truth.shape)
        return float(np.abs(truth - made).mean())

    comparison = Comparison(perceive)
    far = skin()
    far[:1, :1] = 0
    comparison.add(skin(), far, MATTE, MOUTH)

    assert comparison.result().perceptual_distance == 0
    assert seen == [(76, 86, 3)]


def test_without_perceive_the_distance_is_nan():
    assert np.isnan(compared([skin()], [skin()]).perceptual_distance)


def test_the_box_of_a_small_matte_has_32_pixels():
    matte = np.zeros((80, 90), np.uint8)
    matte[40:44, 50:60] = 255

    box = matte_box(matte)

    assert (box.width, box.height) == (32, 32)
    assert box.top <= 40 and box.bottom >= 44


def test_a_patch_of_another_light_has_a_seam_and_the_truth_has_none():
    matte = cv2.GaussianBlur(MATTE, (0, 0), 3)
    share = (matte / 255).astype(np.float32)[..., None]
    lighter = skin() + 0.2 * share
    comparison, same = Comparison(), Comparison()
    comparison.add(skin(), lighter, MATTE, MOUTH, edge=matte)
    same.add(skin(), skin(), MATTE, MOUTH, edge=matte)

    assert comparison.result().seam > 1.2
    assert same.result().seam == pytest.approx(1, abs=1e-6)
