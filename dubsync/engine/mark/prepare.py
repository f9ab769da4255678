"""From flat faces to what the patterns are compared with: the film's own picture taken away.

The mark is far weaker than the face it lies on.  What frames have in common is the face, so it is
subtracted; what varies much is divided by its size, so that no lip or highlight speaks for the
rest; and the spectrum is made even.  All of it depends on the copy alone, never on the secret: so
a wrong secret scores like chance, whatever the film.
"""

from __future__ import annotations

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.engine.mark.flat_face import CELLS, LEFT, SIDE, TOP
from dubsync.engine.mark.pattern import band, in_band

#: Share of the mean power that is added to every frame's before the frames are told apart.
APART = 0.3
#: Local size: Gaussian, cells; values beyond so many of it are cut.
LOCAL, MOST = 3.0, 2.5
#: Middle of the lower face, and the radii of its two prints, eye distances; softness of a border.
MIDDLE, NARROW, WIDE, SOFT = 1.15, (0.68, 0.72), (0.85, 0.85), 0.06
#: Share of the greatest power that is added to every frequency before dividing by it.
EVEN = 0.1


def residues(flat: Array) -> tuple[Array, Array]:
    """Two ways to take the face away from T consecutive flat faces (T, 128, 128).

    Each gives (T, 128 * 128): the mark, and even noise.  The first looks at mouth and chin, the
    second at the whole lower face: which is better depends on the matte and on what moves.
    """
    if len(flat) < 2:
        empty = np.zeros((len(flat), CELLS * CELLS), np.float32)
        return empty, empty
    inside = in_band(flat)
    return _weighed(inside, lower_face(NARROW)), _weighed(inside, lower_face(WIDE))


def _weighed(inside: Array, mask: Array) -> Array:
    """Told apart, cut at its own local size, with an even spectrum: (T, 128 * 128)."""
    changing = told_apart(inside, mask)
    around = [cv2.GaussianBlur(v * v, (0, 0), LOCAL) for v in changing]
    size = np.sqrt(np.median(around, axis=0) + 0.02)
    cut = np.clip(changing / size, -MOST, MOST) * mask
    power = np.square(cut).mean(axis=(1, 2)) + 1e-6
    lively = np.clip(np.sqrt(np.median(power) / power), 0.2, 1.5).astype(np.float32)
    return evened(cut * lively[:, None, None]).reshape(len(changing), -1)


def told_apart(flat: Array, mask: Array) -> Array:
    """`flat` with what its frames have in common taken away: times the inverse of their products.

    A mark lasts four frames and is new then, so it has little in common with the rest.
    """
    rows = flat.reshape(len(flat), -1)
    seen = (flat * mask).reshape(len(flat), -1).astype(np.float64)
    common = seen @ seen.T / seen.shape[1]
    common += np.eye(len(flat)) * (APART * float(np.trace(common)) / len(flat) + 1e-9)
    apart = (np.linalg.inv(common).astype(np.float32) @ rows).reshape(flat.shape)
    size = np.sqrt(np.square(flat).mean() / max(float(np.square(apart).mean()), 1e-12))
    return np.asarray(apart * size, np.float32)


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


def lower_face(radii: tuple[float, float] = NARROW) -> Array:
    """(128, 128) where the matte of a drawn mouth and jaw lies on the flat face, 0..1."""
    at = (np.arange(CELLS) + 0.5) / CELLS * SIDE
    radius = np.hypot((at[None] + LEFT) / radii[0], (at[:, None] + TOP - MIDDLE) / radii[1])
    return np.asarray(1 / (1 + np.exp((radius - 1) / SOFT)), np.float32)
