"""Give generated pixels the grain that they lack of the plate's, and no more.

A generated pixel comes from frames with grain of their own, which bending, averaging and blurring
have weakened, the finest most.  So what is lacking is found in each band of frequencies and in
each place: by how much the picture's energy there falls short of the plate's at the same place, or,
where another mouth is drawn, of what the grain's measured strength asks.  Pixels that are the
plate's own lack nothing.  The grain added is new in each frame, and the same each time that frame
is made.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from dubsync.core.arrays import Array
from dubsync.core.colour import working_rgb
from dubsync.core.learning.grain import BANDS, BINS, Grain
from dubsync.core.picture import Frame
from dubsync.core.steps import GrainSteps, Patch
from dubsync.engine.compositing.grain_measure import measure_grain

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
#: Pixels over which energy is averaged, a standard deviation.
WINDOW = 9.0
#: Shading coarser than this many pixels, a standard deviation, is taken away before energy counts.
SHADING = 5.0
#: By how much of the grain's energy the picture may fall short of the plate, and of the measured
#: strength: energies of so few pixels fluctuate by chance.
SLACK, STRENGTH_SLACK = 0.08, 0.12
#: Difference from the plate, of the grain's own energy, from which a pixel counts as another's.
OTHER = 0.25
#: In coarse bands the picture itself outweighs grain.  What is kept of grain there follows from
#: what is kept in the band in which grain is told from the picture, by these exponents: measured on
#: renders of one shot with two realisations of its grain (benchmarks/grain.py).
FINE_ENOUGH, COARSER, FINER = 2, (0.35, 0.45), 2.0
#: Most that a band lacks of the grain's energy: what is drawn comes from a filmed frame.
MOST = (0.45, 0.52, 0.85, 0.97)
#: Least share of the grain's energy that a band must have to be told.
TOLD = 0.03
#: Least share of a matte through which grain is added: below it nothing of it is seen.
THINNEST = 0.12
#: Pixels read round a patch, so that its edge is measured as its inside is.
ROOM = 24


def grained(frame: Frame, patch: Patch, grain: Grain, seed: int) -> Patch:
    """`patch` with the grain that the composite of it over `frame` lacks.

    Args:
        frame: the plate's, on whose pixels the patch is.
        seed: of the shot; with the frame's number it determines the grain.
    """
    share = np.asarray(patch.matte, np.float32) / 255
    rows, columns = _filled(share > 0)
    if rows.stop <= rows.start:
        return patch
    plate = working_rgb(frame, patch.region)
    if not np.isfinite(plate).all():
        return patch
    shown = plate + share[..., None] * (patch.rgb - plate)
    level = np.asarray(cv2.GaussianBlur(shown @ LUMA, (0, 0), 2.0), np.float32)
    deviation = grain.at(np.clip(level, 0, 1), frame.number)
    lacking = _lacking(plate, shown, np.asarray(patch.rgb), deviation, grain)
    lacking *= (share > 0)[None]
    if not lacking.any():
        return patch
    random = np.random.default_rng([seed, frame.number, patch.region.left, patch.region.top])
    added = _synthesised(lacking, deviation, grain, random)
    through = np.maximum(share, THINNEST)[..., None]
    rgb = patch.rgb + np.where(share[..., None] > 0, added / through, 0)
    return replace(patch, rgb=np.asarray(rgb, np.float32))


def _lacking(plate: Array, shown: Array, drawn: Array, deviation: Array, grain: Grain) -> Array:
    """(bands, h, w) 0..1, the part of the grain's energy that `shown` lacks in each band.

    Args:
        drawn: the patch, before the matte lets the plate through.
    """
    weights = grain.axes @ LUMA
    power = (deviation**2 * weights**2).sum(axis=-1)
    masks = _masks(plate.shape[:2])
    shares = _luma_shares(grain, deviation.reshape(-1, 3).mean(axis=0), plate.shape[:2])
    theirs, ours, apart = (
        _energies(np.asarray(one @ LUMA, np.float32), masks)
        for one in (plate, shown, np.asarray(drawn - plate, np.float32))
    )
    whole = power[None] * shares[:, None, None]
    whole = np.maximum(whole, 1e-12)
    kept = np.clip(ours / whole, 0, 1)
    by_plate = np.clip((theirs - ours) / whole - SLACK * kept, 0, 1)
    by_strength = np.clip(1 - (1 + STRENGTH_SLACK) * ours / whole, 0, 1)
    told = FINE_ENOUGH if shares[FINE_ENOUGH] >= TOLD else FINE_ENOUGH - 1
    seen = np.maximum(np.minimum(by_plate[told], MOST[told]), by_strength[told])
    for band, share in enumerate(shares):
        if band < told:
            by_plate[band] = 1 - (1 - seen) ** COARSER[band]
        elif band > told and share < TOLD:
            by_plate[band] = 1 - (1 - seen) ** FINER
        by_plate[band] = np.minimum(by_plate[band], MOST[band])
    lacking = np.maximum(by_plate, by_strength)
    other = np.clip(apart[told] / (OTHER * whole[told]), 0, 1)
    return np.asarray(lacking * other, np.float32)


def _synthesised(
    lacking: Array, deviation: Array, grain: Grain, random: np.random.Generator
) -> Array:
    """(h, w, 3) new grain of `lacking` of the energy in each band, working colour."""
    height, width = lacking.shape[1:]
    size = fft.next_fast_len(height, real=True), fft.next_fast_len(width, real=True)
    masks, frequency = _masks(size), _frequencies(size)
    amount = np.sqrt(lacking)
    added = np.zeros((height, width, 3), np.float32)
    for k in range(3):
        white = fft.rfft2(random.standard_normal(size, np.float32))
        shaped = white * np.sqrt(_spectrum_at(grain, k, frequency))
        noise = np.zeros((height, width), np.float32)
        for mask, part in zip(masks, amount, strict=True):
            noise += part * fft.irfft2(shaped * mask, size)[:height, :width]
        added += (noise * deviation[..., k])[..., None] * grain.axes[k]
    return added


def _energies(luma: Array, masks: Array) -> Array:
    """(bands, h, w) energy round each pixel, in each band."""
    seen = fft.rfft2(luma - cv2.GaussianBlur(luma, (0, 0), SHADING))
    return np.stack([
        cv2.GaussianBlur(np.asarray(fft.irfft2(seen * mask, luma.shape), np.float32) ** 2,
                         (0, 0), WINDOW, borderType=cv2.BORDER_REFLECT)
        for mask in masks
    ])  # fmt: skip


def _frequencies(size: tuple[int, int]) -> NDArray[np.float64]:
    across, down = np.fft.rfftfreq(size[1]), np.fft.fftfreq(size[0])
    return np.asarray(np.hypot(down[:, None], across[None]), np.float64)


def _masks(size: tuple[int, int]) -> Array:
    """(bands, h, w // 2 + 1) 1 in each band; corners belong to the last."""
    which = np.digitize(_frequencies(size), BANDS[1:-1])
    return np.stack([which == n for n in range(len(BANDS) - 1)]).astype(np.float32)


def _spectrum_at(grain: Grain, component: int, frequency: NDArray[np.float64]) -> Array:
    middles = (np.arange(BINS) + 0.5) / (2 * BINS)
    logs = np.log(np.maximum(grain.spectrum[component], 1e-6))
    return np.asarray(np.exp(np.interp(frequency, middles, logs)), np.float32)


def _luma_shares(grain: Grain, deviation: Array, size: tuple[int, int]) -> Array:
    """(bands,) the share of the luma's grain in each band, without what counts as shading."""
    whole = np.hypot(np.fft.fftfreq(size[0])[:, None], np.fft.fftfreq(size[1])[None])
    weight = deviation**2 * (grain.axes @ LUMA) ** 2
    power = np.asarray(sum(w * _spectrum_at(grain, k, whole) for k, w in enumerate(weight)))
    left = (1 - np.exp(-2 * (np.pi * SHADING * whole) ** 2)) ** 2
    which = np.digitize(whole, BANDS[1:-1]).ravel()
    shares = np.bincount(which, (power * left).ravel(), minlength=len(BANDS) - 1)
    return np.asarray(shares / max(float(power.sum()), 1e-20), np.float32)


def _filled(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


#: Changes whenever the same plate gives other grain.
VERSION = "grain-1"
STEPS = GrainSteps(VERSION, measure_grain, grained)
