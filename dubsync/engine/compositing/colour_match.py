"""Match an exemplar's colour, sharpness, motion blur and grain to the plate.

Everything is measured on skin that both pictures show and that mouth movement does not affect, so
that the new picture differs from the plate in shape only.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.compositing.pixel_order import interleaved, picked, tripled

Mask = NDArray[np.bool_]
Matrix = NDArray[np.float64]

LEAST_PIXELS = 60
ENOUGH_PIXELS = 4000  #: skin samples, evenly spaced: more do not improve gain and offset
GAIN_RANGE = (0.6, 1.6)
#: Prior of the gain towards a pure change of exposure (no offset), as variance of working colour
#: added to the measured variance.
GAIN_PRIOR = 0.1
#: The same for the baseline renderer, towards a gain of 1.  It turned other light into haze.
PLAIN_PRIOR = 4e-3
DETAIL_RANGE = (0.5, 1.0)
MOUTH_DETAIL_RANGE = (0.6, 1.25)
#: Fraction of each frame that the shutter is open; a 180 degree shutter is 0.5.
SHUTTER = 0.6
#: Largest variance of motion blur that is added, square pixels; of large faces, of eye distances.
MOST_BLUR, MOST_BLUR_UNIT = 25.0, 0.03
LEAST_GRAIN = 0.0015
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True, slots=True)
class Fit:
    """Colour correction of one exemplar in one shot: out = gain * x + offset, channel by channel.

    gain, offset  (3,)
    detail        factor on the finest detail, applied after the gain.  A plate softer than the
                  exemplar is matched; one that is sharper is not matched by sharpening
    """

    gain: Array
    offset: Array
    detail: float

    def towards(self, newer: Fit, share: float) -> Fit:
        """This fit moved `share` of the way to a newer one."""
        return Fit(
            self.gain + share * (newer.gain - self.gain),
            self.offset + share * (newer.offset - self.offset),
            self.detail + share * (newer.detail - self.detail),
        )


def fit_colour(
    picture: Array,
    plate: Array,
    skin: Mask,
    detail_skin: Mask,
    *,
    plain: bool = False,
    energy: float | None = None,
) -> Fit:
    """The Fit that matches `picture` (h, w, 3) to `plate`, from the pixels of `skin`.

    Robust: up to half of the skin may be hidden or lit otherwise; outliers are dropped.

    Args:
        plain: fit offsets before gains, as the baseline renderer does.
        energy: `detail_energy` of the plate, where it is known.
    """
    gain, offset = np.ones(3, np.float32), np.zeros(3, np.float32)
    seen = np.flatnonzero(skin)
    if len(seen) >= LEAST_PIXELS:
        seen = seen[:: max(1, len(seen) // ENOUGH_PIXELS)]
        ours, theirs = (
            np.take(interleaved(one).reshape(-1, 3), seen, axis=0) for one in (picture, plate)
        )
        if plain:  # a median is robust to half of the samples being outliers
            offset = _medians(theirs - ours)
        else:
            gain = _gain_between(_medians(ours), _medians(theirs))
        for _ in range(3):
            stray = _largest(np.abs(ours * gain + offset - theirs))
            kept = stray <= max(2.5 * float(median_of(stray)), 0.01)
            gain, offset = _fit_line(ours[kept], theirs[kept], plain=plain)
    detail = 1.0
    if enough(detail_skin):
        theirs_fine = detail_energy(plate, detail_skin) if energy is None else energy
        ratio = theirs_fine / max(detail_energy(picture, detail_skin), 1e-9)
        detail = float(np.clip(np.sqrt(ratio), *DETAIL_RANGE))
        detail /= 1.0 if plain else float(gain @ LUMA)
    return Fit(gain, offset, detail)


def luma_of(picture: Array) -> Array:
    """(h, w) of a picture (h, w, 3); itself where it is luma already."""
    return picture if picture.ndim == 2 else np.asarray(picture @ LUMA, np.float32)


def apply_fit(picture: Array, fit: Fit) -> Array:
    """`picture` with `fit` applied."""
    graded = _graded(picture, fit)
    if abs(fit.detail - 1) > 0.01:
        graded = interleaved(graded)
        fine = graded - cv2.GaussianBlur(graded, (0, 0), 1.0)
        fine *= np.float32(fit.detail - 1)
        graded += fine
    return np.asarray(graded, np.float32)


def _graded(picture: Array, fit: Fit) -> Array:
    """A new picture, gain * x + offset, as `picture` lies in memory."""
    height, width = picture.shape[:2]
    if not picture.flags.c_contiguous:
        return np.asarray(picture * fit.gain + fit.offset)
    # A row at a time: NumPy is slow where an axis of 3 is the innermost.
    gains, offsets = (np.tile(one, width) for one in (fit.gain, fit.offset))
    graded = picture.reshape(height, -1) * gains
    graded += offsets
    return np.asarray(graded.reshape(picture.shape))


def match_sharpness(picture: Array, energy: float, box: Region, where: Array) -> Array:
    """`picture` with its Laplacian energy in `box` brought towards `energy`, weighted by `where`.

    Compressing a picture sharpens it and stretching softens it; a moving mouth does neither.
    """
    ratio = energy / max(laplacian_energy(picture, box), 1e-9)
    gain = float(np.clip(np.sqrt(ratio), *MOUTH_DETAIL_RANGE))
    if abs(gain - 1) < 0.01:
        return picture
    even = interleaved(picture)
    fine = even - cv2.GaussianBlur(even, (0, 0), 1.0)
    fine *= tripled(np.float32(gain - 1) * where)
    fine += even
    return np.asarray(fine, np.float32)


def laplacian_energy(picture: Array, box: Region) -> float:
    """Mean Laplacian energy of the luma in `box`."""
    part = np.ascontiguousarray(picture[box.rows, box.columns] @ LUMA)
    return float((cv2.Laplacian(part, cv2.CV_32F, ksize=1) ** 2).mean()) if part.size else 0.0


def detail_energy(picture: Array, where: Mask) -> float:
    """Mean Laplacian energy of the luma at `where`, outliers clipped at 9 times the median."""
    luma = np.ascontiguousarray(picture @ LUMA)
    energy = cv2.Laplacian(luma, cv2.CV_32F, ksize=1) ** 2
    values = picked(energy, where)
    return float(np.minimum(values, 9 * median_of(values) + 1e-8).mean())


def enough(skin: Mask) -> bool:
    """Whether so many pixels are skin that something can be measured on them."""
    return int(np.count_nonzero(skin)) >= LEAST_PIXELS


def median_of(values: Array) -> np.float32:
    """The median of finite values (n,), n > 0: what `np.median` gives, in half of its time."""
    half = len(values) // 2
    apart = np.partition(values, half)
    upper = apart[half]
    if len(values) % 2:
        return np.float32(upper)
    return np.float32((apart[:half].max() + upper) / np.float32(2))


def spread_difference(picture: Array, plate: Array, skin: Mask, radius: float) -> Array:
    """(h, w, 3) what to add to `picture` so that on `skin` it equals `plate`, fine detail excepted.

    Differences on the skin are extrapolated `radius` pixels into what is not skin.
    """
    share = skin.astype(np.float32)
    step = max(1, int(radius / 4))
    size = (max(2, picture.shape[1] // step), max(2, picture.shape[0] // step))
    apart = interleaved(plate) - interleaved(picture)
    apart *= tripled(share)
    difference = cv2.resize(apart, size, interpolation=cv2.INTER_AREA)
    known = cv2.resize(share, size, interpolation=cv2.INTER_AREA)
    difference = cv2.GaussianBlur(difference, (0, 0), radius / step)
    known = cv2.GaussianBlur(known, (0, 0), radius / step)
    low = difference / (known + 0.02)[..., None]
    full = cv2.resize(low, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(full, np.float32)


def add_motion_blur(picture: Array, speed: Array, own_speed: Array, unit: float) -> Array:
    """`picture` with the motion blur it lacks, see `motion_kernel`."""
    return blurred_by(motion_kernel(speed, own_speed, unit), picture)


def motion_kernel(speed: Array, own_speed: Array, unit: float) -> Array | None:
    """The motion blur that a picture lacks: filmed at `own_speed`, to be shown at `speed`.

    Both (2,) pixels a frame.  A box as long as the shutter's travel has a twelfth of its square as
    variance, and variances of blurs add.

    Args:
        unit: an eye distance, pixels.

    Returns:
        (k, k) with k odd; None where it lacks none.
    """
    lacking = (np.outer(speed, speed) - np.outer(own_speed, own_speed)) * (SHUTTER**2 / 12)
    values, axes = np.linalg.eigh(lacking.astype(np.float64))
    values = np.clip(values, 0, max(MOST_BLUR, (MOST_BLUR_UNIT * unit) ** 2))
    if values.max() < 0.02:
        return None
    return _gaussian((axes * values) @ axes.T)


def blurred_by(kernel: Array | None, picture: Array) -> Array:
    """`picture` blurred by `motion_kernel`'s result."""
    if kernel is None:
        return picture
    even = interleaved(picture)
    return np.asarray(cv2.filter2D(even, -1, kernel, borderType=cv2.BORDER_REFLECT), np.float32)


def missing_grain(picture: Array, energy: float, skin: Mask) -> float:
    """Standard deviation of grain that `picture` lacks of the plate's, working colour; or 0.

    Args:
        energy: `detail_energy` of the plate.
    """
    if not enough(skin):
        return 0.0
    lacking = energy - detail_energy(picture, skin)
    return float(np.sqrt(max(lacking, 0.0) / 20.0))  # a Laplacian sums 16 + 4 squares of noise


def add_grain(picture: Array, deviation: float, seed: int) -> Array:
    """`picture` with grain of standard deviation `deviation`; repeatable for one `seed`."""
    if deviation < LEAST_GRAIN:
        return picture
    noise = np.random.default_rng(seed).standard_normal(picture.shape[:2], np.float32)
    noise *= np.float32(deviation)
    added = tripled(noise) if picture.flags.c_contiguous else noise[..., None]
    return np.asarray(picture + added, np.float32)


def _fit_line(ours: Array, theirs: Array, *, plain: bool) -> tuple[Array, Array]:
    """Ridge regression of gain and offset per channel, towards no offset (`plain`: no gain)."""
    middle, wanted = ours.mean(axis=0), theirs.mean(axis=0)
    prior = PLAIN_PRIOR if plain else GAIN_PRIOR
    expected = np.ones(3, np.float32) if plain else _gain_between(middle, wanted)
    away, hoped = ours - middle, theirs - wanted
    spread = (away**2).mean(axis=0) + prior
    gain = np.clip(((away * hoped).mean(axis=0) + prior * expected) / spread, *GAIN_RANGE)
    return gain.astype(np.float32), (wanted - gain * middle).astype(np.float32)


def _largest(values: Array) -> Array:
    """(n,) the largest of each row of (n, 3)."""
    first, second, third = values.T
    return np.asarray(np.maximum(np.maximum(first, second), third), np.float32)


def _medians(values: Array) -> Array:
    """The median of each column of (n, 3)."""
    return np.array([median_of(np.ascontiguousarray(column)) for column in values.T], np.float32)


def _gain_between(ours: Array, theirs: Array) -> Array:
    """The gain (3,) from one colour to another."""
    gain = np.clip(theirs / np.maximum(ours, 1e-3), *GAIN_RANGE)
    return np.asarray(gain, np.float32)


def _gaussian(covariance: Matrix) -> Array:
    half = int(np.ceil(2.5 * np.sqrt(np.trace(covariance)) + 0.5))
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float64)
    # A minimum variance keeps a narrow blur from aliasing: a pixel itself is a box of 1/12.
    inverse = np.linalg.inv(covariance + np.eye(2) * 0.02)
    kernel = np.exp(
        -0.5 * (inverse[0, 0] * x * x + 2 * inverse[0, 1] * x * y + inverse[1, 1] * y * y)
    )
    return np.asarray(kernel / kernel.sum(), np.float32)
