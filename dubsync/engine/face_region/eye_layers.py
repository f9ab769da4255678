"""One eye taken apart into layers, and put together with its iris elsewhere.

The white is filled across the iris from both its sides; the iris is a disc whose parts behind the
lids are completed from what is seen of it; the catch-light is the light in the cornea, which moves
about half as far as the iris; and the lids lie over them all.  The shade that the lids throw stays
where it is.
Sources: Daugman 1993, "High Confidence Visual Recognition of Persons by a Test of Statistical
Independence" (the iris's edge); Gullstrand's eye as in Atchison, Smith 2000, "Optics of the Human
Eye", table A3.1 (rotation about 13.5 mm behind the cornea of radius 7.7 mm).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.exemplars.flat_face import sample_bicubic
from dubsync.engine.face_region.eye_grid import between_lids, distance, grid, ramps
from dubsync.engine.face_region.eye_white import LUMA, Place, filled_white
from dubsync.engine.face_region.order_statistics import medians
from dubsync.engine.geometry.mesh import EYE_CORNERS, LEFT_EYE, LEFT_IRIS, RIGHT_EYE, RIGHT_IRIS

Points = NDArray[Any]

#: Ring of the lids, iris, corners, and middles of upper and lower lid: right eye, left eye.
EYES = (
    (RIGHT_EYE, RIGHT_IRIS, EYE_CORNERS[0], (159, 145)),
    (LEFT_EYE, LEFT_IRIS, EYE_CORNERS[1], (386, 374)),
)
#: The catch-light's movement relative to the iris's: (13.5 - 7.7) / (13.5 - 3.6) mm.
CATCH_LIGHT = 0.58
#: Brightness above the iris round it that makes a catch-light; working colour, and the most of the
#: iris's area that one may fill.
GLINT, LARGEST_GLINT = 0.09, 0.25
#: Distance from the eye's middle, eye widths, at which the iris would be seen from the side.
EDGE_ON, NARROWEST = 0.46, 0.55
#: The iris's soft edge, and what counts as free of it, in its radii.
DISC, FREE = (0.96, 1.12), (1.12, 1.26)
#: So many of the rings in which an iris's colours are looked up, an eighth of a radius each, lie
#: within it.
OF_IRIS = 7
#: Margin of the lids that stays as it is, eye widths.
MARGIN = 0.03
#: Pixels this far from the lids, eye widths, may be white.
CLEAN = 0.045


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """One eye taken apart, in a crop (h, w) of its picture; x and y count from the crop's corner.

    lids    (h, w) 0..1 what lies between the lids
    white   (h, w, 3) the eye without its iris
    iris    (h, w, 3) the iris where it was, completed behind the lids, without its catch-light
    glint   (h, w, 3) the catch-light, and `lit` (h, w) 0..1 where it is
    centre  (2,) of the iris, and its `radius`, pixels
    middle  (2,) of the eye's corners, and the eye's `width`, pixels
    """

    lids: Array
    white: Array
    iris: Array
    glint: Array
    lit: Array
    centre: Points
    radius: float
    middle: Points
    width: float


def take_apart(picture: Array, points: Points, eye: int) -> Layers | None:
    """The layers of the right (0) or left (1) eye of a picture (h, w, 3) with landmarks `points`.

    None where the eye lies outside the picture, or nothing of its iris is seen.
    """
    ring, iris, corners, _ = EYES[eye]
    size = picture.shape[:2]
    ends = np.asarray(points[list(corners), :2], np.float64)
    width = max(float(np.linalg.norm(ends[0] - ends[1])), 1.0)
    lids, deep = between_lids(points[ring, :2], size)
    known = np.asarray(points[iris, :2], np.float64)
    radius = max(float(np.linalg.norm(known[1:] - known[0], axis=1).mean()), 1.5)
    luma = picture @ LUMA
    centre, radius = _iris_edge(luma, known[0], radius, lids)
    away = distance(size, centre) / radius
    inside = cv2.erode(lids, np.ones((3, 3))) if radius > 3 else lids
    free = np.asarray(deep > CLEAN * width, np.float32) * (away > FREE[1])
    skin = picture[lids <= 0]
    if not len(skin) or not (lids > 0).any():
        return None
    place = Place(points[ring, :2], ends, centre, FREE[1] * radius, deep)
    filled = filled_white(picture, free, lids, medians(skin), place)
    middle = ends.mean(axis=0)
    covered = 1 - ramps(away, *FREE)
    white = picture + covered[..., None] * (filled - picture)
    found = _iris(picture, away, inside, centre, radius)
    if found is None:
        return None
    disc, glint, lit = found
    soft = ramps(deep, 0.0, 2 * max(MARGIN * width, 0.7))
    # Of an iris that leaves nothing may stay at the lower lid; above, it is the lashes' dark.
    below = ramps(grid(size)[..., 1] - np.float32(centre[1]), 0.0, 0.5 * radius)
    lids = np.maximum(soft, covered * below * lids)
    return Layers(lids, white, disc, glint, lit, centre, radius, middle, width)


def put_together(layers: Layers, centre: Points) -> Array:
    """(h, w, 3) the eye with its iris at `centre`; only what is between the lids is meant."""
    size = layers.lids.shape
    by = np.asarray(centre, np.float64) - layers.centre
    along, narrow = _foreshortening(layers, np.asarray(centre, np.float64))
    there = grid(size) - np.asarray(centre, np.float32)
    # Across `along` the disc keeps its size; along it a turned iris is seen at a slant.
    part = (there @ along)[..., None] * along
    there = there + part * (1 / narrow - 1)
    at = there + layers.centre.astype(np.float32)
    disc = sample_bicubic(layers.iris, at)
    away = np.linalg.norm(there, axis=2) / np.float32(layers.radius)
    shade = cv2.GaussianBlur(layers.white @ LUMA, (0, 0), max(0.08 * layers.width, 0.8))
    was = sample_bicubic(shade, at)
    gain = np.clip((shade + 0.02) / (was + 0.02), 0.5, 1.6)[..., None]
    share = (1 - ramps(away, *DISC))[..., None]
    eye = layers.white + share * (disc * gain - layers.white)
    back = grid(size) - (CATCH_LIGHT * by).astype(np.float32)
    lit = sample_bicubic(layers.lit, back)[..., None]
    glint = sample_bicubic(layers.glint, back)
    return np.asarray(np.maximum(eye, eye + lit * (glint - eye)), np.float32)


def _iris(
    picture: Array, away: Array, inside: Array, centre: Points, radius: float
) -> tuple[Array, Array, Array] | None:
    """The iris completed, its catch-light, and where that is; each over the whole crop.

    None where nothing of the iris is seen.
    """
    seen = np.clip((inside - 0.5) * 2, 0, 1)
    bins = np.clip((away * 8).astype(np.intp), 0, 10)
    profile = np.zeros((11, 3), np.float32)
    for n in range(11):
        spots = picture[(bins == n) & (seen >= 1)]
        profile[n] = medians(spots) if len(spots) >= 3 else np.nan
    known = ~np.isnan(profile[:, 0])
    if not known[:OF_IRIS].any():
        # In a small eye no ring shows three pixels.  The white outside says nothing of the iris.
        spots = picture[(seen > 0.5) & (away < DISC[0])]
        if not len(spots):
            return None
        profile[:OF_IRIS], known[:OF_IRIS] = spots.mean(axis=0), True
    at = np.arange(11)
    for c in range(3):
        profile[:, c] = np.interp(at, at[known], profile[known, c])
    steps = np.clip(away * 8 - 0.5, 0, 10)
    usual = np.stack([np.interp(steps, at, profile[:, c]) for c in range(3)], axis=-1)
    usual = np.asarray(usual, np.float32)
    bright = (picture - usual) @ LUMA
    lit = ramps(bright, GLINT, 2 * GLINT) * (away < 0.95) * (seen > 0)
    if (lit > 0.5).sum() > LARGEST_GLINT * np.pi * radius**2:
        lit = np.zeros_like(lit)  # a light iris beside a dark lid's shade, no catch-light
    lit = np.asarray(lit, np.float32)
    if lit.any():
        lit = cv2.GaussianBlur(cv2.dilate(lit, np.ones((3, 3))), (0, 0), 0.6)
    own = cv2.GaussianBlur(seen, (0, 0), max(0.06 * radius, 0.5)) * seen
    disc = usual + (own * (1 - lit))[..., None] * (picture - usual)
    return np.asarray(disc, np.float32), picture, np.asarray(lit, np.float32)


def _iris_edge(luma: Array, centre: Points, radius: float, lids: Array) -> tuple[Points, float]:
    """Centre and radius at which the picture grows brightest from inside the iris to outside it.

    Searched near the given ones, on the arcs that the lids leave free.
    """
    steps = np.linspace(-0.2, 0.2, 5) * radius
    x, y, r = np.meshgrid(steps, steps, radius * np.linspace(0.88, 1.12, 5), indexing="ij")
    tries = np.stack([x.ravel(), y.ravel(), r.ravel()], axis=1)
    angles = np.radians(np.concatenate([np.arange(-40, 70, 10), np.arange(110, 230, 10)]))
    around = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    middle = centre + tries[:, None, :2]
    inner, outer = (
        np.asarray(middle + tries[:, None, 2:] * (k * around), np.float32) for k in (0.86, 1.16)
    )
    free = sample_bicubic(lids, outer) > 0.9
    rise = sample_bicubic(luma, outer) - sample_bicubic(luma, inner)
    count = free.sum(axis=1)
    score = np.where(free, rise, 0).sum(axis=1) / np.maximum(count, 1)
    stray = ((tries[:, :2] / radius) ** 2).sum(axis=1) + (tries[:, 2] / radius - 1) ** 2
    score = np.where(count >= 5, score - 0.8 * stray * max(float(score.max()), 1e-3), -np.inf)
    best = int(score.argmax())
    if not np.isfinite(score[best]) or score[best] <= 0:
        return np.asarray(centre, np.float64), radius
    return np.asarray(centre + tries[best, :2], np.float64), float(tries[best, 2])


def _foreshortening(layers: Layers, centre: Points) -> tuple[Array, float]:
    """Direction from the eye's middle to the iris, and the disc's width along it beside before."""

    def across(at: Points) -> float:
        out = min(float(np.linalg.norm(at - layers.middle)) / layers.width / EDGE_ON, 1.0)
        return max(float(np.sqrt(1 - out**2)), NARROWEST)

    out = centre - layers.middle
    length = float(np.linalg.norm(out))
    along = out / length if length > 1e-6 else np.array([1.0, 0.0])
    narrow = float(np.clip(across(centre) / across(layers.centre), NARROWEST, 1 / NARROWEST))
    return along.astype(np.float32), narrow
