"""Between the lips, where no exemplar is open enough: teeth that stay where they grow, and dark.

A mouth that opens shows more, not the same stretched.  Upper teeth are fixed to the skull, so they
are sampled as the head places them; what no exemplar shows is the dark of a mouth.  With a single
still and closed lips that dark is all there is.
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

#: From this share more than the exemplar's opening, and this much more (eye distances), to here.
STRETCH, OPENS, OPEN = 1.2, 0.0, 0.045
#: The dark between lips, as a share of the lips' own colour, and no lighter than this.
DARK, LIGHTEST = 0.22, 0.12
EDGE = 0.035  #: softness of the inner lips' edge, eye distances
#: Beside teeth that are seen more are likely: as far as this blur, eye distances, and so strongly.
BESIDE, NEARBY = 0.06, 3.0
SHUT = 0.02  #: nearer to a lip than this, eye distances, nothing of a mouth's inside is known
FINE = 4  #: the edge of the lips is worked out at so many times the picture's pixels


@dataclass(frozen=True, slots=True, eq=False)
class Dark:
    """The dark of one exemplar's mouth: its colour (3,), and how surely each pixel lies between
    open lips (h, w), 0..1."""

    colour: Array
    inside: Array


def dark_of(picture: Array, points: Array, unit: float) -> Dark:
    """The Dark of a picture (h, w, 3) with landmarks `points` (478, 2), `unit` an eye distance."""
    height, width = picture.shape[:2]
    at = np.floor(points[LIPS]).astype(int)
    lips = picture[np.clip(at[:, 1], 0, height - 1), np.clip(at[:, 0], 0, width - 1)]
    colour = np.minimum(np.median(lips, axis=0) * DARK, LIGHTEST)
    deep = _depth(points[INNER_LIPS], (height, width), 0.0)
    inside = np.clip(deep / max(SHUT * unit, 0.5), 0, 1)
    return Dark(np.asarray(colour, np.float32), np.asarray(inside, np.float32))


def opening_missing(wanted: Array, points: Array, units: tuple[float, float]) -> float:
    """0..1: how far the `wanted` mouth opens past that of the exemplar's `points`.

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


def opened(
    drawn: Array, source: Array, dark: Dark, wanted: Array, points: Array, unit: float, share: float
) -> Array:
    """`drawn` (h, w, 3) with its mouth's inside replaced by `share`.

    Args:
        drawn: the exemplar bent onto the wanted face.
        source: the exemplar's own picture (H, W, 3).
        wanted: (478, 2) landmarks in `drawn`;  points: (478, 2) in `source`.
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


def local(landmarks: Array, region: Region) -> Array:
    """Plate points (478, 2 or 3) counted from the region's corner, (478, 2)."""
    return np.asarray(landmarks[:, :2] - (region.left, region.top), np.float32)


def _similarity(source: Array, target: Array) -> NDArray[np.float64]:
    """(2, 3) least-squares turn, scale and shift.  Source: Umeyama 1991, in the plane."""
    middle, to = source.mean(axis=0), target.mean(axis=0)
    a, b = (source - middle).astype(np.float64), (target - to).astype(np.float64)
    square = max(float((a**2).sum()), 1e-9)
    cos = float((a * b).sum()) / square
    sin = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / square
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.hstack([turn, (to - turn @ middle)[:, None]])


def _depth(outline: Array, size: tuple[int, int], reach: float) -> Array:
    """(h, w) pixels inside an outline (n, 2), negative outside, told at a FINE-th of a pixel.

    Args:
        reach: pixels outside as far as which it is told; beyond it is all the same.
    """
    height, width = size
    margin = reach + 2
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
