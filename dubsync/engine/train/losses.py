"""Losses of a drawn face against the truth.  All batches are (B, 3, h, w) working colour."""

from __future__ import annotations

import torch
from torch.nn import functional

from dubsync.engine.geometry.constant import constant

LEVELS = 3
#: Energies below this (working colour squared) are noise.
FAINT = 1e-5
CELL = 8
_LUMA = (0.299, 0.587, 0.114)
_LAPLACE = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))


def pyramid(made: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Mean absolute difference, band by band.

    Source: Bojanowski, Joulin, Lopez-Paz, Szlam 2018, "Optimizing the Latent Space of Generative
    Networks", Laplacian pyramid loss.
    """
    apart = made - truth
    total = apart.abs().mean()
    for _ in range(LEVELS - 1):
        low = functional.avg_pool2d(apart, 2)
        size = apart.shape[2:]
        back = functional.interpolate(low, size=size, mode="bilinear", align_corners=False)
        total = total + (apart - back).abs().mean()
        apart = low
    return total + apart.abs().mean()


def texture(made: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Mean absolute difference of the logarithms of Laplacian energy, cell by cell.

    Blur lowers the energy and false grain raises it; the position of detail does not matter.
    """
    return (_energy(made) - _energy(truth)).abs().mean()


def steady(made: torch.Tensor, truth: torch.Tensor, clip: int) -> torch.Tensor:
    """Mean absolute change of the error from frame to frame, without its finest band.

    A constant error is hardly visible; a changing one flickers.

    Args:
        clip: number of consecutive frames in a clip; the batch consists of whole clips.
    """
    apart = functional.avg_pool2d(made - truth, 2)
    return apart.reshape(-1, clip, *apart.shape[1:]).diff(dim=1).abs().mean()


def _energy(picture: torch.Tensor) -> torch.Tensor:
    weights = constant(_LUMA, picture.device)
    luma = (picture * weights[None, :, None, None]).sum(dim=1, keepdim=True)
    kernel = constant(_LAPLACE, picture.device)[None, None]
    fine = functional.conv2d(functional.pad(luma, (1, 1, 1, 1), mode="replicate"), kernel) ** 2
    return (functional.avg_pool2d(fine, CELL) + FAINT).log()
