"""A face of many pixels keeps its pores and stubble when it is bent."""

import cv2
import numpy as np
import torch

from dubsync.core.picture import Region
from dubsync.engine.compositing.colour_match import laplacian_energy
from dubsync.engine.geometry import thin_plate


def fineness(picture):
    shown = np.ascontiguousarray(picture.numpy().transpose(1, 2, 0))
    return laplacian_energy(shown, Region(4, 4, 36, 36))


def test_pores_of_a_large_face_keep_their_sharpness_when_they_are_moved():
    random = np.random.default_rng(3)
    pores = cv2.GaussianBlur(random.standard_normal((60, 60, 3)).astype(np.float32), (0, 0), 0.7)
    picture = torch.from_numpy(pores.transpose(2, 0, 1).copy())
    y, x = torch.meshgrid(torch.arange(10, 50), torch.arange(10, 50), indexing="ij")
    at = torch.stack([x + 0.5, y + 0.5], dim=-1).float()

    there = thin_plate.resample_sharply(picture, at)
    soft, sharp = (
        fineness(read(picture, at + 0.25)) / fineness(there)
        for read in (thin_plate.resample, thin_plate.resample_sharply)
    )

    np.testing.assert_allclose(there.numpy(), picture[:, 10:50, 10:50].numpy(), atol=1e-4)
    assert soft < 0.87 < sharp
