"""The mouth interior where no exemplar is open enough: teeth fixed to the skull, and dark.

A mouth that opens shows more, not the same stretched.  Upper teeth are fixed to the skull, so they
are sampled where the head places them; what no exemplar shows is filled with the dark of a mouth.
With a single still and closed lips that dark is all there is.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.exemplars.selection import STILL
from dubsync.engine.geometry.mesh import INNER_LIPS, LIP_CONTACTS, LIPS

#: The interior is replaced from STRETCH times the exemplar's opening plus OPENS, fully at OPEN more
#: than STRETCH times it (eye distances).
STRETCH, OPENS, OPEN = 1.2, 0.0, 0.045
#: Colour of the dark between lips, as a fraction of the lips' own colour, and its upper limit.
DARK, LIGHTEST = 0.22, 0.12
EDGE = 0.035  #: softness of the inner lips' edge, eye distances
#: Visible teeth are extrapolated sideways: blur radius in eye distances, and strength.
BESIDE, NEARBY = 0.06, 3.0
SHUT = 0.02  #: within this distance of a lip, eye distances, the interior is not known
FINE = 4  #: supersampling of the lips' edge


@dataclass(frozen=True, slots=True, eq=False)
class Dark:
    """The dark of one exemplar's mouth.

    colour  (3,)
    inside  (h, w) 0..1 confidence that a pixel lies between open lips
    """

    colour: Array
    inside: Array


def mouth_dark(picture: Array, points: Array, unit: float) -> Dark:
    """The Dark of a picture (h, w, 3) with landmarks `points` (478, 2); `unit` an eye distance."""
    height, width = picture.shape[:2]
    at = np.floor(points[LIPS]).astype(int)
    lips = picture[np.clip(at[:, 1], 0, height - 1), np.clip(at[:, 0], 0, width - 1)]
    colour = np.minimum(np.median(lips, axis=0) * DARK, LIGHTEST)
    deep = _depth(points[INNER_LIPS], (height, width), 0.0)
    inside = np.clip(deep / max(SHUT * unit, 0.5), 0, 1)
    return Dark(np.asarray(colour, np.float32), np.asarray(inside, np.float32))


def missing_opening(wanted: Array, points: Array, units: tuple[float, float]) -> float:
    """0..1: how far the `wanted` mouth opens beyond that of the exemplar's `points`.

    Args:
        units: an eye distance in the wanted picture, and in the exemplar's.
    """
    gaps = [
        float(np.linalg.norm(p[LIP_CONTACTS[:, 0], :2] - p[LIP_CONTACTS[:, 1], :2], axis=1).mean())
        / unit
        for p, unit in zip((wanted, points), units, strict=True)
    ]
    share = (gaps[0] - STRETCH * gaps[1] - OPENS) / (OPEN - OPENS)
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)


def open_mouth(
    drawn: Array, source: Array, dark: Dark, wanted: Array, points: Array, unit: float, share: float
) -> Array:
    """`drawn` (h, w, 3) with its mouth interior replaced by `share`.

    Args:
        drawn: the exemplar warped onto the wanted face.
        source: the exemplar's own picture (H, W, 3).
        wanted: (478, 2) landmarks in `drawn`.
        points: (478, 2) landmarks in `source`.
        unit: an eye distance in `drawn`, pixels.
    """
    height, width = drawn.shape[:2]
    matrix = _similarity(wanted[STILL], points[STILL])
    matrix[:, 2] += matrix[:, :2] @ np.full(2, 0.5) - 0.5
    placed, seen = (
        cv2.warpAffine(
            p, matrix, (width, height), flags=way | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for p, way in ((source, cv2.INTER_CUBIC), (dark.inside, cv2.INTER_LINEAR))
    )  # fmt: skip
    wide = max(BESIDE * unit, 0.7)
    known = cv2.GaussianBlur(seen, (0, 0), wide)[..., None]
    teeth = cv2.GaussianBlur(placed * seen[..., None], (0, 0), wide)
    near = np.clip(NEARBY * known, 0, 1)
    beside = near * teeth / np.maximum(known, 1e-3) + (1 - near) * dark.colour
    seen = cv2.GaussianBlur(seen, (0, 0), max(0.015 * unit, 0.5))[..., None]
    within = seen * placed + (1 - seen) * beside
    edge = max(EDGE * unit, 1.0)
    deep = _depth(wanted[INNER_LIPS], (height, width), edge)
    over = (np.clip(deep / edge + 0.5, 0, 1) * share)[..., None]
    return np.asarray(drawn + over * (within - drawn), np.float32)


def in_region(landmarks: Array, region: Region) -> Array:
    """Plate points (478, 2 or 3) relative to the region's corner, (478, 2)."""
    return np.asarray(landmarks[:, :2] - (region.left, region.top), np.float32)


def _similarity(source: Array, target: Array) -> NDArray[np.float64]:
    """(2, 3) least-squares rotation, scale and shift.  Source: Umeyama 1991, in the plane."""
    middle, to = source.mean(axis=0), target.mean(axis=0)
    a, b = (source - middle).astype(np.float64), (target - to).astype(np.float64)
    square = max(float((a**2).sum()), 1e-9)
    cos = float((a * b).sum()) / square
    sin = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / square
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.hstack([turn, (to - turn @ middle)[:, None]])


def _depth(outline: Array, size: tuple[int, int], outside_px: float) -> Array:
    """(h, w) signed distance to an outline (n, 2), positive inside, at 1/FINE of a pixel.

    Args:
        outside_px: distance outside up to which it is exact; constant beyond.
    """
    height, width = size
    margin = outside_px + 2
    result = np.full(size, -margin, np.float32)
    low = np.clip(np.floor(outline.min(axis=0) - margin), 0, (width - 1, height - 1)).astype(int)
    high = np.clip(np.ceil(outline.max(axis=0) + margin), low + 1, (width, height)).astype(int)
    across, down = (high - low).tolist()
    fine = np.zeros((down * FINE, across * FINE), np.uint8)
    shape = np.rint(((outline - low) * FINE - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(fine, [shape], 1, shift=4)
    signed = cv2.distanceTransform(fine, cv2.DIST_L2, 5)
    signed -= cv2.distanceTransform(1 - fine, cv2.DIST_L2, 5)
    small = cv2.resize(signed, (across, down), interpolation=cv2.INTER_AREA) / FINE
    result[low[1] : high[1], low[0] : high[0]] = np.maximum(small, -margin)
    return result
