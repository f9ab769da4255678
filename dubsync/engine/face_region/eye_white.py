"""The white of an eye where its iris was: filled from what is seen of it on both sides.

A smooth fill alone looks like china.  So it is shaded towards the lids and the corners, and meets
the filmed white round it.  Fine detail of that white, mirrored into the fill, was tried: 10 to 45
pixels of it are seen beside an iris, and hold no vessel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.face_region.eye_grid import distance, grid
from dubsync.engine.face_region.order_statistics import quantiles
from dubsync.engine.face_region.push_pull import push_pull

Points = NDArray[Any]

#: Least and most of the upper lid's shade on the white, and how far down it falls, eye widths.
LEAST_SHADE, SHADE, SHADE_FALL = 0.25, 0.55, 0.09
#: Shade of all lids on the fill, and how far it reaches, eye widths.
RIM, RIM_FALL = 0.4, 0.04
#: How much darker a filled white is at the corners, and how bright at most beside the skin.
ROUND, BRIGHTEST = 0.35, 1.3
#: Share of the open eye that must be white to be trusted as its white, and fewest pixels; and the
#: colour of the skin that a white keeps that is not seen.
FEWEST, PALE, LEAST_WHITE = 4, 0.4, 0.12
#: The fill meets the filmed white within these factors: what is much brighter is a reflection.
MET = (0.8, 1.05)
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where an eye lies in its crop (h, w), pixels.

    ring    (n, 2) of its lids, the upper one from the ninth point on
    ends    (2, 2) its corners
    centre  (2,) of the iris, and the `radius` from which the picture is free of it
    deep    (h, w) from each pixel between the lids to them
    """

    ring: Points
    ends: Points
    centre: Points
    radius: float
    deep: Array

    @property
    def width(self) -> float:
        return max(float(np.linalg.norm(self.ends[1] - self.ends[0])), 1.0)


def filled_white(picture: Array, free: Array, lids: Array, skin: Array, place: Place) -> Array:
    """(h, w, 3) the white as it would be without the iris; meant where the iris is.

    Args:
        picture: (h, w, 3).
        free: (h, w) 1 where it is free of iris and lids.
        lids: (h, w) 0..1 between the lids.
        skin: (3,) usual colour round the eye.
    """
    size, width = picture.shape[:2], place.width
    # Where little white is seen, what a white is like in this light stands in for it: a gaze that
    # is drawn in one frame and not in the next would flicker.
    grey = np.float32(PALE) * skin + np.float32(1 - PALE) * np.float32(skin @ LUMA)
    trust = min(float(free.sum()) / (LEAST_WHITE * max(float(lids.sum()), 1.0)), 1.0)
    filled = np.broadcast_to(grey, picture.shape).astype(np.float32)
    shade = np.ones(size, np.float32)
    seen = float(free.sum()) >= FEWEST
    white = free
    if seen:
        white = whiteness(picture, free)
        shade = lid_shade(place.ring, picture @ LUMA, free, white, width)
        filled = filled + np.float32(trust) * (push_pull(picture, white) - filled)
    # A highlight on the white is no white; and a ball falls away from the light on all sides.
    brightest = BRIGHTEST * float(skin @ LUMA)
    filled *= np.minimum(1, brightest / np.maximum(filled @ LUMA, 1e-3))[..., None]
    out = distance(size, place.ends.mean(axis=0)) / np.float32(0.5 * width)
    shade = shade * (1 - ROUND * np.minimum(out, 1) ** 2)
    filled *= shade[..., None]
    rim = 1 - np.float32(RIM) * np.exp(-place.deep / np.float32(RIM_FALL * width))
    if not seen:
        return np.asarray(filled * rim[..., None], np.float32)
    gain = rim * (1 + np.float32(trust) * (_met(picture, filled, white) - 1))
    return np.asarray(filled * gain[..., None], np.float32)


def _met(picture: Array, filled: Array, white: Array) -> Array:
    """(h, w) by what to multiply a fill so that it goes over into the white that is seen."""
    ratio = np.clip((picture @ LUMA + 0.02) / (filled @ LUMA + 0.02), *MET)
    three = np.repeat(np.asarray(ratio, np.float32)[..., None], 3, axis=2)
    return push_pull(three, white)[..., 0]


def whiteness(picture: Array, free: Array) -> Array:
    """(h, w) how much each free pixel says of the white: its corners are red and its edges skin."""
    luma = picture @ LUMA
    dull = (picture.max(axis=2) - picture.min(axis=2)) / np.maximum(picture.max(axis=2), 0.05)
    shares = []
    for value in (luma, -dull):
        low, high = quantiles(value[free > 0], (0.35, 0.9))
        shares.append(np.clip((value - low) / max(float(high - low), 1e-3), 0.05, 1))
    return np.asarray(free * shares[0] * shares[1], np.float32)


def lid_shade(ring: Points, luma: Array, free: Array, white: Array, width: float) -> Array:
    """(h, w) the upper lid's shade, as deep as on the free white, relative to `white`'s mean."""
    upper = np.asarray(ring[8:], np.float64)  # inner or outer corner to the other, over the top
    order = np.argsort(upper[:, 0])
    at = grid(luma.shape)
    top = np.interp(at[..., 0], upper[order, 0], upper[order, 1])
    fall = np.exp(-np.maximum(at[..., 1] - top, 0) / (SHADE_FALL * width))
    spots = free > 0
    near, seen = fall[spots], luma[spots]
    spread = float(np.var(near))
    slope = float(np.mean((near - near.mean()) * (seen - seen.mean()))) / max(spread, 1e-6)
    level = float(seen.mean()) - slope * float(near.mean())
    depth = float(np.clip(-slope / max(level, 1e-3), LEAST_SHADE, SHADE))
    shade = 1 - depth * fall
    usual = float((shade * white).sum() / max(float(white.sum()), 1e-6))
    return np.asarray(shade / max(usual, 0.3), np.float32)
