"""Perceptual distance: verified weights, the authors' own figures, and blur measured as blur."""

import cv2
import numpy as np
import pytest
import torch

from dubsync.core.errors import ModelError, ShapeError
from dubsync.engine.train import perceptual
from dubsync.engine.train.perceptual import Perception, perceptual_distance


def textured(seed=0, height=72, width=96):
    rng = np.random.default_rng(seed)
    noise = cv2.GaussianBlur(rng.normal(size=(height, width, 3)).astype(np.float32), (0, 0), 1.5)
    return np.clip(0.5 + noise, 0, 1).astype(np.float32)


def test_a_picture_is_at_no_distance_from_itself():
    assert perceptual_distance(textured(), textured()) == 0


def test_the_distance_grows_with_blur_and_is_the_same_both_ways():
    truth = textured()
    blurred = [cv2.GaussianBlur(truth, (0, 0), sigma) for sigma in (0.7, 1.5, 3)]
    result = [perceptual_distance(truth, made) for made in blurred]

    assert 0 < result[0] < result[1] < result[2]
    assert perceptual_distance(blurred[1], truth) == pytest.approx(result[1], rel=1e-4)


def test_blur_costs_more_than_a_little_less_light_of_the_same_psnr():
    truth = textured()
    blurred = cv2.GaussianBlur(truth, (0, 0), 2)
    error = float(np.sqrt(((truth - blurred) ** 2).mean()))
    darker = truth - error

    assert perceptual_distance(truth, blurred) > 2 * perceptual_distance(truth, darker)


def test_colour_out_of_range_is_clipped():
    truth = textured()
    beyond = np.where(truth >= 1, 1.7, np.where(truth <= 0, -0.4, truth)).astype(np.float32)

    assert perceptual_distance(truth, beyond) == 0


@pytest.mark.parametrize("size", [(32, 32), (32, 90), (40, 63), (64, 64), (65, 201)])
def test_pictures_of_any_size_from_32_px_on_compare(size):
    truth, made = textured(0, *size), textured(1, *size)

    assert 0.05 < perceptual_distance(truth, made) < 2


def test_pictures_of_two_sizes_or_too_small_are_refused():
    with pytest.raises(ShapeError, match="do not compare"):
        perceptual_distance(textured(), textured(0, 72, 95))
    with pytest.raises(ShapeError, match="under 32"):
        perceptual_distance(textured(0, 31, 80), textured(1, 31, 80))


def test_the_distance_has_a_finite_gradient_at_equal_and_black_pictures():
    made = torch.zeros(1, 3, 64, 64, requires_grad=True)
    Perception()(torch.zeros(1, 3, 64, 64), made).sum().backward()

    assert torch.isfinite(made.grad).all()


def test_altered_weights_are_refused(tmp_path):
    data = bytearray(perceptual.WEIGHTS.read_bytes())
    data[-1] ^= 1
    altered = tmp_path / "lpips_alex.safetensors"
    altered.write_bytes(data)

    with pytest.raises(ModelError, match="altered"):
        Perception(altered)


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(ModelError, match="nowhere.safetensors"):
        Perception(tmp_path / "nowhere.safetensors")
