"""Mouth and eyes from exemplars of their own, laid into a drawn head.

Each is warped by a thin-plate spline through the face's landmarks alone, and its colour is met
round its edge: a plane of logarithmic gain, so that light that falls off across the face does too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.compositing.smoothstep import smoothstep
from dubsync.engine.geometry import thin_plate
from dubsync.engine.geometry.mesh import FACE_CONTROLS, LEFT_EYE, OUTER_LIPS, RIGHT_EYE
from dubsync.engine.head_draw.affine_warp import at_pixels, sample, spread
from dubsync.engine.head_draw.canvas import Canvas
from dubsync.engine.head_draw.inlay.low_band import low_change

Points = NDArray[Any]

#: The hull of lips, and of an eye, is grown and then feathered by these; eye distances.
LIPS_ROOM, LIPS_FEATHER = 0.10, 0.22
EYE_ROOM, EYE_FEATHER = 0.06, 0.12
#: Controls of the spline lie within this distance of the inset's middle, eye distances.
CONTROL_REACH = 1.1
#: Working pixels between the spline's nodes, and how far it may miss its controls.
NODE_PX, SMOOTHING = 6.0, 2e-4
#: Colour is met where the inset's share is between these.
RING = (0.05, 0.6)
#: Added to working colour before its logarithm; ridge on the plane's slopes; most gain (logarithm).
DARK, SLOPE_RIDGE, MOST_GAIN = 0.03, 20.0, 0.4
#: Blur before colours are compared, working pixels.
SMOOTH_PX = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Inset:
    """An inset's place in a working picture.

    box    its rows and columns, working pixels
    share  (h, w) of it, 0..1
    """

    box: Region
    share: Array


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A picture that an inset is taken from.

    picture    (H, W, 3) float32 working colour
    landmarks  (478, 2 or 3) working pixels of it
    scale      pixels of the picture per working pixel
    """

    picture: Array
    landmarks: Points
    scale: float


def lips_inset(landmarks: Points, unit: float, size: tuple[int, int]) -> Inset | None:
    """The mouth's inset for wanted landmarks (478, 2 or 3); None outside the picture (h, w)."""
    return _inset(landmarks[OUTER_LIPS, :2], unit, LIPS_ROOM, LIPS_FEATHER, size)


def eye_insets(landmarks: Points, unit: float, size: tuple[int, int]) -> list[Inset]:
    """The eyes' insets, those within the picture (h, w)."""
    both = [eye_inset(landmarks, eye, unit, size) for eye in (0, 1)]
    return [inset for inset in both if inset is not None]


def eye_inset(landmarks: Points, eye: int, unit: float, size: tuple[int, int]) -> Inset | None:
    """The inset of the right (0) or the left (1) eye; None outside the picture (h, w)."""
    ring = (RIGHT_EYE, LEFT_EYE)[eye]
    return _inset(landmarks[ring, :2], unit, EYE_ROOM, EYE_FEATHER, size)


def inset_fields(
    inset: Inset, wanted: Points, sources: Sequence[Points], unit: float
) -> list[Array]:
    """(h, w, 2) working source point of each pixel of the inset's box, in every source.

    Args:
        wanted: (478, 2 or 3) landmarks, working pixels; `sources` alike.
        unit: an eye distance, working pixels.
    """
    box = inset.box
    middle = np.array([box.left + box.right, box.top + box.bottom]) / 2
    away = np.linalg.norm(wanted[FACE_CONTROLS, :2] - middle, axis=1)
    near = FACE_CONTROLS[away < CONTROL_REACH * unit]
    targets = np.asarray(wanted[near, :2], np.float64)
    known = np.concatenate([np.asarray(one[near, :2], np.float64) for one in sources], axis=1)
    spline = thin_plate.fit_spline(targets, known, unit, SMOOTHING)
    nodes = np.asarray(spline.at_nodes(box, NODE_PX), np.float32)
    size = (box.height, box.width)
    return [spread(nodes[..., 2 * n : 2 * n + 2], size) for n in range(len(sources))]


def lay_inset(
    picture: Array, inset: Inset, wanted: Points, source: Shown, canvas: Canvas,
    others: Sequence[tuple[Shown, float]] = (),
) -> None:  # fmt: skip
    """Lay an inset into `picture` (H, W, 3) at the plate's pixels, in place.

    Args:
        wanted: (478, 2 or 3) landmarks, working pixels.
        canvas: what `picture` shows.
        others: pictures whose low band is mixed in, and their weights; see `low_band`.
    """
    place = canvas.covered(inset.box)
    if place is None:
        return
    sources = [source, *(shown for shown, _ in others)]
    fields = inset_fields(inset, wanted, [one.landmarks for one in sources], canvas.unit)
    at = fields[0]
    change = _low_change(inset, source, others, fields)
    corner = (inset.box.left, inset.box.top)
    ours = sample(source.picture, at_pixels(at * source.scale, place, canvas.px, corner))
    share = at_pixels(inset.share[..., None], place, canvas.px, corner)
    share = np.clip(share, 0, 1)
    theirs = picture[place.rows, place.columns]
    ours = ours * ring_gain(ours, theirs, share[..., 0], SMOOTH_PX * canvas.px)
    if change is not None:
        ours += at_pixels(change, place, canvas.px, corner)
    theirs += share * (ours - theirs)


def _low_change(
    inset: Inset, source: Shown, others: Sequence[tuple[Shown, float]], fields: Sequence[Array]
) -> Array | None:
    """See `low_band.low_change`; the others' colour is first met with the inset's own.

    Args:
        fields: of the inset in `source`, then in the others.
    """
    if not others:
        return None
    own = sample(source.picture, fields[0] * np.float32(source.scale), cv2.INTER_LINEAR)
    made = []
    for (shown, weight), there in zip(others, fields[1:], strict=True):
        theirs = sample(shown.picture, there * np.float32(shown.scale), cv2.INTER_LINEAR)
        made.append((theirs * ring_gain(theirs, own, inset.share, SMOOTH_PX), weight))
    return low_change(own, made)


def ring_gain(ours: Array, theirs: Array, share: Array, blur: float) -> Array:
    """(h, w, 3) the gain, a plane of logarithms, that meets `theirs` where the share is partial.

    Args:
        ours, theirs: (h, w, 3) working colour.
        share: (h, w) of ours.
        blur: standard deviation of the blur before they are compared, pixels.
    """
    ring = (share > RING[0]) & (share < RING[1])
    height, width = share.shape
    y, x = np.mgrid[-1 : 1 : complex(height), -1 : 1 : complex(width)].astype(np.float32)
    terms = np.stack([np.ones_like(x), x, y], axis=-1)
    if int(ring.sum()) < 12:
        return np.ones((height, width, 3), np.float32)
    smooth = [cv2.GaussianBlur(np.maximum(p, 0), (0, 0), blur)[ring] for p in (ours, theirs)]
    apart = np.log((smooth[1] + DARK) / (smooth[0] + DARK))
    known = terms[ring]
    normal = known.T @ known + np.diag([1.0, SLOPE_RIDGE, SLOPE_RIDGE])
    plane = np.linalg.solve(normal, known.T @ apart).astype(np.float32)
    return np.asarray(np.exp(np.clip(terms @ plane, -MOST_GAIN, MOST_GAIN)), np.float32)


def _inset(
    points: Points, unit: float, room: float, feather: float, size: tuple[int, int]
) -> Inset | None:
    hull = cv2.convexHull(np.asarray(points, np.float32))[:, 0]
    margin = (room + feather) * unit + 2
    low, high = np.floor(hull.min(axis=0) - margin), np.ceil(hull.max(axis=0) + margin)
    box = Region(
        max(0, int(low[0])), max(0, int(low[1])),
        min(size[1], int(high[0])), min(size[0], int(high[1])),
    )  # fmt: skip
    if box.width < 4 or box.height < 4:
        return None
    inside = np.zeros((box.height, box.width), np.uint8)
    corners = (hull - (box.left, box.top) - 0.5) * 16
    cv2.fillPoly(inside, [np.rint(corners).astype(np.int32)], 1, cv2.LINE_8, 4)
    away = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    share = 1 - smoothstep((away - room * unit) / (feather * unit))
    return Inset(box, share)
