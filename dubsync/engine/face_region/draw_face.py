"""Draw the face above the mouth: brows and cheeks of the plate's own skin, eyes of the actor's own
frames, irises where they look, and the lines of the expression.

The plate's skin is warped; each eye that the warp cannot give (shut in the plate and open in the
target, or the reverse) is laid over it from the eye bank; what its gaze lacks the eyeball gives;
wrinkles are the ratio of two of the actor's own frames.  At a change of exemplars the eye's fine
detail cuts, and what is coarse fades over a few frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.compositing.matte import FEATHER, feathered_polygon
from dubsync.engine.face_region.eye_bank import EyeBank
from dubsync.engine.face_region.eye_choice import OWN
from dubsync.engine.face_region.eye_inset import IRISES, Inset, eye_inset, met
from dubsync.engine.face_region.eyeball import with_gaze
from dubsync.engine.face_region.face_plan import FacePlan
from dubsync.engine.face_region.lids import RINGS, uncrossed
from dubsync.engine.face_region.narrowed_eye import with_own_iris
from dubsync.engine.face_region.skin_warp import skin_shift
from dubsync.engine.face_region.wrinkles import Skin, wrinkles
from dubsync.engine.geometry.mesh import indices

Values = NDArray[Any]

#: The border: over the forehead, down the temples and cheeks, below the nose; it is fixed.
BORDER = indices(
    "127 162 21 54 103 67 109 10 338 297 332 284 251 389 356 454 366 401 411 426 391 164 165 206 "
    "187 177 137 234"
)
#: Frames either side of a change of exemplars over which the low band fades, and the deviation
#: below which detail is fine, eye distances.
REACH, BAND = 4, 0.04
#: Displacement, pixels, and change of brightness from which a pixel counts as changed.
STILL_PX, STILL = 0.02, 0.004
#: Error of a change of gaze on the plate's own eye, beside that between two pictures.
OWN_ERROR = 0.3
#: Of wrinkles, and how near to eyes and brows they may come: the skin is the actor's own.
LINES, CLEAR = 0.85, 0.035


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The region as drawn.

    rgb    (h, w, 3) working colour
    matte  (h, w)    0..1; 0 where it is as it was
    """

    rgb: Array
    matte: Array


class FaceDrawing:
    """Draws the face region of one track through one shot."""

    def __init__(
        self, landmarks: Array, wanted: Array, plan: FacePlan, bank: EyeBank | None
    ) -> None:
        """`landmarks`, `wanted` (T, 478, 3): the plate's face and the target, plate pixels."""
        self._landmarks = landmarks
        self._wanted = wanted
        self._plan = plan
        self._bank = bank

    def draw(self, picture: Array, region: Region, t: int, unit: float) -> Drawn:
        """Frame `t` drawn over `picture` (h, w, 3), the plate or what is drawn on it already.

        Args:
            region: of the plate that `picture` shows.
            unit: an eye distance, pixels.
        """
        corner = np.array([region.left, region.top, 0])
        source = np.asarray(self._landmarks[t], np.float64)
        target = np.asarray(self._wanted[t], np.float64)
        by = skin_shift(source, target, region, unit, BORDER, irises=False)
        rgb = _shifted(picture, by)
        changed = np.hypot(by[..., 0], by[..., 1]) > STILL_PX
        source, target = source - corner, target - corner
        lines = self._lines(target, region, t)
        if lines is not None:
            rgb = rgb * lines[..., None]
            changed |= np.abs(lines - 1) > STILL
        drawn = np.array(target[:, :2])
        under, errors = rgb.copy(), (OWN_ERROR, OWN_ERROR)
        for eye in (0, 1):
            drawn[IRISES[eye]] = source[IRISES[eye], :2]
            inset = self._inset(t, t, eye, source, target, unit, rgb.shape[:2])
            if inset is None:
                drawn[RINGS[eye]] = uncrossed(target, eye, unit)[RINGS[eye]]
                continue
            _lay(rgb, inset, self._met(inset, under, t, eye, source, target, unit))
            changed[inset.box] |= inset.share > 0
            drawn[RINGS[eye]] = inset.lids[RINGS[eye]]
            drawn[IRISES[eye]] = inset.iris
            errors = (1.0, errors[1]) if eye == 0 else (errors[0], 1.0)
        looked = with_gaze(
            np.asarray(rgb, np.float32), drawn, target, errors=(errors[0], errors[1])
        )
        looked = with_own_iris(looked, drawn, target, picture, source)
        if looked is not rgb:
            changed |= np.abs(looked - rgb).max(axis=2) > 0
        border = source[BORDER, :2]
        inner = Region(0, 0, region.width, region.height)
        soft = feathered_polygon(np.asarray(border, np.float32), inner, FEATHER * unit)
        return Drawn(np.asarray(looked, np.float32), soft * changed)

    def _inset(
        self, t: int, chosen_at: int, eye: int, source: Values, target: Values, unit: float,
        size: tuple[int, ...],
    ) -> Inset | None:  # fmt: skip
        """Frame `t`'s eye, from the exemplar that the plan chose for frame `chosen_at`."""
        n = int(self._plan.eyes[eye, chosen_at])
        if n == OWN or self._bank is None:
            return None
        covering = source[RINGS[eye], :2]
        picture, points = self._bank.pictures[n], self._bank.points[n]
        return eye_inset(
            target, picture, points, eye, unit, (size[0], size[1]), np.asarray(covering)
        )

    def _met(
        self, inset: Inset, under: Array, t: int, eye: int, source: Values, target: Values,
        unit: float,
    ) -> Array:  # fmt: skip
        """The inset, its colour met, its low band faded into that of the exemplars beside it."""
        own = met(inset, under, unit)
        others = self._beside(t, eye)
        if not others:
            return own
        sigma = max(BAND * unit, 0.8)
        # Between the lids two exemplars may look elsewhere: only skin fades.
        skin = 1 - _between_lids(inset, eye, sigma)
        low = cv2.GaussianBlur(own, (0, 0), sigma)
        total, weight = low.copy(), 1.0
        for at, share in others.items():
            other = self._inset(t, at, eye, source, target, unit, under.shape[:2])
            if other is None:
                picture = under[inset.box]
            elif other.share.shape == inset.share.shape and other.corner == inset.corner:
                picture = met(other, under, unit)
            else:
                continue
            total += np.float32(share) * cv2.GaussianBlur(picture, (0, 0), sigma)
            weight += share
        return np.asarray(own + skin[..., None] * (total / np.float32(weight) - low), np.float32)

    def _beside(self, t: int, eye: int) -> dict[int, float]:
        """Frames beside `t` with another exemplar, one for each exemplar, and their weights."""
        path = self._plan.eyes[eye]
        found: dict[int, float] = {}
        seen = {int(path[t])}
        for away in range(1, REACH + 1):
            for at in (t - away, t + away):
                if 0 <= at < len(path) and int(path[at]) not in seen:
                    seen.add(int(path[at]))
                    found[at] = 1 - away / (REACH + 1)
        return dict(list(found.items())[:3])

    def _lines(self, target: Values, region: Region, t: int) -> Array | None:
        """(h, w) by what to multiply the skin for the expression's lines; None: nothing."""
        now, rest = int(self._plan.now[t]), int(self._plan.rest[t])
        share = float(self._plan.lines[t])
        if self._bank is None or share <= 0 or now == rest:
            return None
        with_it, without = (
            Skin(self._bank.pictures[n].astype(np.float32), self._bank.points[n])
            for n in (now, rest)
        )
        inner = Region(0, 0, region.width, region.height)
        return wrinkles(with_it, without, target, inner, LINES * share, clear=CLEAR)


def _shifted(picture: Array, by: Array) -> Array:
    """`picture` with each pixel sampled `by` (h, w, 2) pixels away; bicubic."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    read = cv2.remap(
        picture, x + by[..., 0], y + by[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(read, np.float32)


def _between_lids(inset: Inset, eye: int, sigma: float) -> Array:
    """(h, w) 1 between the inset's lids and `2 * sigma` round them, falling off over `sigma`."""
    area = np.zeros(inset.share.shape, np.uint8)
    ring = inset.lids[RINGS[eye]] - np.array(inset.corner) - 0.5
    cv2.fillPoly(area, [np.rint(ring * 16).astype(np.int32)], 1, shift=4)
    away = cv2.distanceTransform(1 - area, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(np.clip(3 - away / sigma, 0, 1), np.float32)


def _lay(rgb: Array, inset: Inset, picture: Array) -> None:
    rgb[inset.box] += inset.share[..., None] * (picture - rgb[inset.box])
