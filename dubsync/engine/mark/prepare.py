"""From flat faces to what the patterns are compared with: the film's own picture taken away.

The mark is far weaker than the face it lies on.  What lasts over many frames is the face, so it is
subtracted; what varies much is divided by its size, so that no lip or highlight speaks for the
rest; and the spectrum is made even.  All of it depends on the copy alone, never on the secret: so
a wrong secret scores like chance, whatever the film.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.mark.flat_face import CELLS, LEFT, SIDE, TOP
from dubsync.engine.mark.pattern import band, in_band

#: What lasts longer than about this, frames, is the face.
LASTING = 20.0
#: Local size: Gaussian, cells; values beyond so many of it are cut.
LOCAL, MOST = 3.0, 2.5
#: Middle and radii of the lower face, eye distances, and the softness of its border.
MIDDLE, ACROSS, DOWN, SOFT = 1.15, 0.68, 0.72, 0.06
#: Share of the greatest power that is added to every frequency before dividing by it.
EVEN = 0.1


def residue(flat: Array, lower: Array | None = None) -> Array:
    """(T, 128 * 128) of T consecutive flat faces (T, 128, 128): the mark, and even noise.

    lower  (128, 128) 0..1 where the mark is to be expected; None: over the lower face
    """
    mask = lower_face() if lower is None else lower
    count = len(flat)
    if count < 2:
        return np.zeros((count, CELLS * CELLS), np.float32)
    changing = without_lasting(in_band(flat))
    size = np.sqrt(
        np.median([cv2.GaussianBlur(v * v, (0, 0), LOCAL) for v in changing], axis=0) + 0.02
    )
    cut = np.clip(changing / size, -MOST, MOST)
    power = np.square(cut * mask).mean(axis=(1, 2)) + 1e-6
    lively = np.clip(np.sqrt(np.median(power) / power), 0.2, 1.5).astype(np.float32)
    weighed = cut / size * (np.median(size) * mask) * lively[:, None, None]
    return evened(weighed).reshape(count, -1)


def without_lasting(flat: Array) -> Array:
    """`flat` less its own running mean over time."""
    at = np.arange(len(flat), dtype=np.float64)
    weights = np.exp(-0.5 * np.square((at[:, None] - at[None]) / LASTING))
    weights /= weights.sum(axis=1, keepdims=True)
    mean = weights.astype(np.float32) @ flat.reshape(len(flat), -1)
    return np.asarray(flat - mean.reshape(flat.shape), np.float32)


def evened(flat: Array) -> Array:
    """`flat` with an even spectrum, in the mark's band."""
    spectrum = np.fft.fft2(flat)
    power = np.square(np.abs(spectrum)).mean(axis=0)
    power = np.fft.fftshift(power).astype(np.float32)
    power = np.fft.ifftshift(cv2.GaussianBlur(power, (0, 0), 2, borderType=cv2.BORDER_REFLECT))
    half = power[:, : CELLS // 2 + 1]
    return in_band(
        flat, np.asarray(band() / (half / max(float(half.max()), 1e-9) + EVEN), np.float32)
    )


def lower_face() -> Array:
    """(128, 128) where the matte of a drawn mouth and jaw lies on the flat face, 0..1."""
    at = (np.arange(CELLS) + 0.5) / CELLS * SIDE
    radius = np.hypot((at[None] + LEFT) / ACROSS, (at[:, None] + TOP - MIDDLE) / DOWN)
    return np.asarray(1 / (1 + np.exp((radius - 1) / SOFT)), np.float32)


def gram(rows: Array) -> NDArray[np.float64]:
    """(T, T) products of the residues of every two frames."""
    return np.asarray(rows @ rows.T, np.float64)
