"""Validation metrics: how well a face was re-made where the truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.steps import HeldOut
from dubsync.engine.compositing import colour_match
from dubsync.engine.compositing.matte import mouth_box
from dubsync.engine.exemplars.sheet import Sheet
from dubsync.engine.network.mouth_net import Inputs
from dubsync.engine.train.perceptual import perceptual_distance

LEAST_ERROR = 1e-10


@dataclass(frozen=True, slots=True)
class ValidationMetrics:
    """Over `frames` frames: means, and summed Laplacian energies of mouths."""

    frames: int
    perceptual: float
    psnr_db: float
    energy: float
    true_energy: float

    @classmethod
    def mean(cls, metrics: Sequence[ValidationMetrics]) -> ValidationMetrics:
        """The metrics of several frames together."""
        return cls(
            sum(f.frames for f in metrics),
            float(np.mean([f.perceptual for f in metrics])),
            float(np.mean([f.psnr_db for f in metrics])),
            sum(f.energy for f in metrics),
            sum(f.true_energy for f in metrics),
        )

    def held_out(self) -> HeldOut:
        """As `core.steps.HeldOut`."""
        sharpness = self.energy / max(self.true_energy, 1e-12)
        return HeldOut(self.frames, self.perceptual, self.psnr_db, sharpness)


def validate(inputs: Inputs, picture: Array, sheet: Sheet) -> ValidationMetrics:
    """One frame: `picture` (h, w, 3), composited over the plate, against the plate."""
    truth = inputs.plate
    made = np.clip(truth + inputs.matte[..., None] * (picture - truth), 0, 1)
    where = inputs.matte >= 0.5
    error = float(((made - truth)[where] ** 2).mean()) if where.any() else 0.0
    height, width = truth.shape[:2]
    stretch = width / sheet.region.width
    corner = np.array([sheet.region.left, sheet.region.top], np.float32)
    mouth = mouth_box((sheet.wanted[:, :2] - corner) * np.float32(stretch), width, height)
    return ValidationMetrics(
        1,
        perceptual_distance(truth, np.asarray(made, np.float32)),
        float(10 * np.log10(1 / max(error, LEAST_ERROR))),
        colour_match.laplacian_energy(np.asarray(made, np.float32), mouth),
        colour_match.laplacian_energy(truth, mouth),
    )
